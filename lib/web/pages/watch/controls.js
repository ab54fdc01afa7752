/** @import { StreamInfo } from "../players/choose_player.js" */

import { byId, setText } from "../ui/dom.js";
import { AutoHide } from "./auto_hide.js";

/** Seconds behind live from which "Go live" is offered. */
const LATE_S = 2.5;

/** Audio codecs, by the beginning of their RFC 6381 string. */
const AUDIO = /^(mp4a|mp3|opus|vorbis|flac|speex|ac-3|ec-3)/i;

/** Elements that take letters as text, and elements that react to the space bar themselves. */
const TYPING = "input:not([type=range]), textarea, select";
const PRESSABLE = "button, a, pre, input";

/** The player's buttons and keys. */
export class Controls {
  /** Whether the viewer paused; a stream that begins meanwhile must not play. */
  isPaused = false;
  #video;
  #player = byId("player");
  #volume = byId("volume", HTMLInputElement);
  #autoHide;
  #onGoLive;
  #onPause;

  /**
   * @param {HTMLVideoElement} video
   * @param {{onGoLive: () => void, onPause: () => void}} events
   */
  constructor(video, { onGoLive, onPause }) {
    this.#video = video;
    this.#onGoLive = onGoLive;
    this.#onPause = onPause;
    this.#bindButtons();
    for (const event of ["play", "pause", "volumechange"]) {
      video.addEventListener(event, () => this.#update());
    }
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#autoHide = new AutoHide(this.#player, () => this.#isHideable());
    this.#update();
  }

  /**
   * Shows how late the picture is.
   *
   * @param {number | undefined} seconds `undefined` while unknown.
   */
  showBehind(seconds) {
    const isShown = seconds !== undefined && !this.isPaused;
    const text = isShown ? `${seconds.toFixed(1)} s behind` : "";
    setText(byId("behind"), text);
    byId("go-live").hidden = (seconds ?? 0) <= LATE_S && !this.isPaused;
  }

  /**
   * Offers the large button that turns the sound on; browsers start without sound until a press.
   *
   * @param {StreamInfo} stream
   * @param {boolean} hasPicture
   */
  offerSound({ codecs, container }, hasPicture) {
    // While the codecs are unknown, a needless button does less harm than a missing one.
    const mayHaveAudio = container !== "h264" &&
      (codecs.length === 0 || codecs.some((codec) => AUDIO.test(codec)));
    const isSilent = this.#video.muted || this.#video.paused;
    setText(byId("start"), hasPicture ? "Unmute" : "Play");
    byId("start").hidden = !mayHaveAudio || !isSilent;
    this.#autoHide.show();
  }

  /**
   * Enables the controls that a stream supports.
   *
   * @param {boolean} isEnabled False for streams without clock and sound.
   */
  enablePlayback(isEnabled) {
    for (const id of ["play", "mute"]) {
      byId(id, HTMLButtonElement).disabled = !isEnabled;
    }
    this.#volume.disabled = !isEnabled;
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
    this.#volume.addEventListener("input", () => {
      this.#video.volume = this.#volume.valueAsNumber / 100;
      this.#video.muted = this.#volume.valueAsNumber === 0;
    });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target instanceof Element) {
      if (target.closest(TYPING)) return;
      if (key === " " && target.closest(PRESSABLE)) return;
    }
    const action = this.#actionOf(key.toLowerCase());
    if (!action || !this.#isActive()) return;
    event.preventDefault();
    this.#autoHide.show();
    action();
  }

  /** @param {string} key */
  #actionOf(key) {
    if (key === " " || key === "k") return () => this.#togglePlay();
    if (key === "m") return () => this.#toggleMute();
    if (key === "l") return () => this.#goLive();
    if (key === "f") return () => this.#toggleFullscreen();
    return undefined;
  }

  /** Whether there is something to control. */
  #isActive() {
    return ["playing", "paused"].includes(this.#player.dataset.state ?? "");
  }

  /** The controls cover nothing while there is no picture, and a paused viewer needs them. */
  #isHideable() {
    const { state, audio } = this.#player.dataset;
    return state === "playing" && audio !== "true" && !this.isPaused;
  }

  #togglePlay() {
    if (byId("play", HTMLButtonElement).disabled) return;
    if (this.#video.paused) return this.#goLive();
    this.isPaused = true;
    this.#video.pause();
    this.#onPause();
  }

  #goLive() {
    this.isPaused = false;
    this.#onGoLive();
    this.#video.play().catch(() => this.#update()); // Blocked: the buttons show the actual state.
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
    if (this.#player.requestFullscreen) return this.#player.requestFullscreen();
    // iPhones show only a video in full screen.
    const video = /** @type {{webkitEnterFullscreen?: () => void}} */ (
      /** @type {unknown} */ (this.#video)
    );
    video.webkitEnterFullscreen?.();
  }

  #update() {
    const { paused, muted, volume } = this.#video;
    setPressed("play", !paused, paused ? "Play" : "Pause");
    setPressed("mute", muted, muted ? "Unmute" : "Mute");
    this.#volume.value = String(muted ? 0 : Math.round(volume * 100));
    if (this.isPaused || (!muted && !paused)) byId("start").hidden = true;
    if (paused) this.#autoHide?.show();
  }
}

/**
 * Shows a button's state by its glyph and, to screen readers, by its name.
 *
 * @param {string} id
 * @param {boolean} isPressed
 * @param {string} label
 */
function setPressed(id, isPressed, label) {
  const button = byId(id);
  button.setAttribute("aria-pressed", String(isPressed));
  button.setAttribute("aria-label", label);
}
