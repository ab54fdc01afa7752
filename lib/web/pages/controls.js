/**
 * The player's buttons and keys.
 *
 * @module
 */

import { byId, setText } from "./dom.js";

/** Seconds behind from which "Go live" is offered as something to do. */
const LATE_S = 2.5;

/** Elements in which letters are meant for themselves, and those that do something on a space. */
const TYPING = "input:not([type=range]), textarea, select";
const PRESSED = "button, a, pre, input";

/** The bar under the picture. */
export class Controls {
  /** Whether the viewer paused; a stream that begins meanwhile must not play. */
  isPaused = false;
  #video;
  #onGoLive;
  #onPause;

  /**
   * @param {HTMLVideoElement} video What they control.
   * @param {{onGoLive: () => void, onPause: () => void}} events Told when the viewer wants the newest,
   *   and when he wants a pause.
   */
  constructor(video, { onGoLive, onPause }) {
    this.#video = video;
    this.#onGoLive = onGoLive;
    this.#onPause = onPause;
    this.#bindButtons();
    for (const event of ["play", "pause", "volumechange"]) {
      video.addEventListener(event, () => this.#show());
    }
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#show();
  }

  /**
   * Shows how late the picture is.
   *
   * @param {number | undefined} seconds Nothing while nothing plays.
   */
  showBehind(seconds) {
    setText(
      byId("behind"),
      seconds === undefined ? "" : `${seconds.toFixed(1)} s behind`,
    );
    byId("go-live").hidden = !(seconds > LATE_S) && !this.isPaused;
  }

  /**
   * Offers the big button that a browser wants pressed before there is sound.
   *
   * @param {{sound: boolean, picture: boolean}} stream What the stream has.
   */
  offerStart({ sound, picture }) {
    const isSilent = this.#video.muted || this.#video.paused;
    const button = byId("start");
    setText(button, picture ? "Unmute" : "Play");
    button.hidden = !sound || !isSilent;
  }

  #bindButtons() {
    byId("play").addEventListener("click", () => this.#togglePlay());
    byId("mute").addEventListener("click", () => this.#toggleMute());
    byId("go-live").addEventListener("click", () => this.#goLive());
    byId("start").addEventListener("click", () => this.#startSound());
    byId("fullscreen").addEventListener(
      "click",
      () => this.#toggleFullscreen(),
    );
    byId("volume").addEventListener("input", ({ target }) => {
      this.#video.volume = target.valueAsNumber / 100;
      this.#video.muted = target.valueAsNumber === 0;
    });
  }

  #key(event) {
    const { key, target } = event;
    if (
      event.ctrlKey || event.metaKey || event.altKey || target.closest(TYPING)
    ) return;
    if (key === " " && target.closest(PRESSED)) return;
    const actions = {
      " ": () => this.#togglePlay(),
      k: () => this.#togglePlay(),
      m: () => this.#toggleMute(),
      l: () => this.#goLive(),
      f: () => this.#toggleFullscreen(),
    };
    const action = actions[key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  }

  #togglePlay() {
    if (this.#video.paused) return this.#goLive();
    this.isPaused = true;
    this.#video.pause();
    this.#onPause();
  }

  #goLive() {
    this.isPaused = false;
    this.#onGoLive();
    this.#video.play().catch(() => this.#show()); // Refused: the buttons show what is.
  }

  #toggleMute() {
    this.#video.muted = !this.#video.muted;
    if (!this.#video.muted && this.#video.volume === 0) this.#video.volume = 1;
  }

  #startSound() {
    this.#video.muted = false;
    byId("start").hidden = true;
    byId("play").focus();
    this.#goLive();
  }

  #toggleFullscreen() {
    if (document.fullscreenElement) return document.exitFullscreen();
    const player = byId("player");
    // iPhones take only a video to full screen.
    if (player.requestFullscreen) player.requestFullscreen();
    else this.#video.webkitEnterFullscreen?.();
  }

  #show() {
    const { paused, muted, volume } = this.#video;
    pressed("play", !paused, paused ? "Play" : "Pause");
    pressed("mute", muted, muted ? "Unmute" : "Mute");
    byId("volume").value = muted ? 0 : Math.round(volume * 100);
    if (!muted && !paused) byId("start").hidden = true;
  }
}

/** Shows a button's state to eyes (by its glyph) and to screen readers (by its name). */
function pressed(id, state, label) {
  const button = byId(id);
  button.setAttribute("aria-pressed", String(state));
  button.setAttribute("aria-label", label);
}
