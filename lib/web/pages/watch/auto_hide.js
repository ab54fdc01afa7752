/** Milliseconds without movement after which the controls fade. */
const HIDE_MS = 3000;

/** Milliseconds for which the controls stay at first, so that viewers notice the way to the sound. */
const FIRST_HIDE_MS = 6000;

/** Fades a player's controls while they are not used. */
export class AutoHide {
  #player;
  #isHideable;
  #timer = 0;

  /**
   * @param {HTMLElement} player
   * @param {() => boolean} isHideable Whether the controls may fade now.
   */
  constructor(player, isHideable) {
    this.#player = player;
    this.#isHideable = isHideable;
    player.addEventListener("pointermove", () => this.show());
    player.addEventListener("focusin", () => this.show());
    player.addEventListener("keydown", () => this.show());
    player.addEventListener("pointerdown", () => this.show());
    player.addEventListener("pointerleave", () => this.#hide());
    this.show(FIRST_HIDE_MS);
  }

  /**
   * Shows the controls for a while.
   *
   * @param {number} [ms]
   */
  show(ms = HIDE_MS) {
    this.#player.dataset.controls = "shown";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#hide(), ms);
  }

  #hide() {
    // A control with keyboard focus must stay visible.
    const hasFocus = this.#player.querySelector(":focus-visible") !== null;
    if (!this.#isHideable() || hasFocus) this.show();
    else this.#player.dataset.controls = "hidden";
  }
}
