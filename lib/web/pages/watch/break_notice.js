/** `HTMLMediaElement.readyState` from which there is a next picture to play. */
const HAVE_FUTURE_DATA = 3;

/** Postpones the notice of a broken connection until the player has nothing left to play. */
export class BreakNotice {
  #video;
  #controls;
  /** @type {(() => void) | undefined} */
  #show;

  /**
   * @param {HTMLVideoElement} video
   * @param {{readonly isPaused: boolean}} controls Whether the viewer paused.
   */
  constructor(video, controls) {
    this.#video = video;
    this.#controls = controls;
    video.addEventListener("waiting", () => this.#show?.());
  }

  /** Whether the player has media left to play. */
  get isPlaying() {
    const { paused, readyState } = this.#video;
    return !paused && readyState >= HAVE_FUTURE_DATA;
  }

  /**
   * Postpones a notice while the viewer would not notice the break.
   *
   * @param {() => void} show Shows it.
   * @returns Whether it is postponed; otherwise it must be shown now.
   */
  postpone(show) {
    const isUnnoticed = this.isPlaying || this.#controls.isPaused;
    this.#show = isUnnoticed ? show : undefined;
    return isUnnoticed;
  }

  /** Drops a postponed notice. */
  cancel() {
    this.#show = undefined;
  }
}
