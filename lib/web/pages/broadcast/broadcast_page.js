/**
 * The page that broadcasts camera or screen.
 *
 * @module
 */

/** @import { Credentials, Ending } from "./broadcast_session.js" */

import { pathOf, socketUrl } from "../ui/channel_path.js";
import { byId, makeOption, setText } from "../ui/dom.js";
import { bitrateText, bytesText, durationText } from "../ui/format.js";
import { BroadcastSession } from "./broadcast_session.js";
import { showInsecureNotice } from "./insecure_notice.js";
import { showObsNotice } from "./obs_notice.js";
import {
  openSource,
  recordableFormats,
  sourceErrorText,
  startRecorder,
} from "./recorder.js";
import { listDevices, readFormat, readSourceOptions } from "./source_form.js";

/** Milliseconds between two updates of the numbers. */
const UPDATE_MS = 500;

/** Seconds of unsent media from which the connection counts as too slow. */
const LATE_S = 1;

/** Seconds over which the rate is averaged. */
const RATE_S = 4;

/** Connects form, source, recorder and session. */
class BroadcastPage {
  /** @type {MediaStream | undefined} */
  #source;
  /** @type {MediaRecorder | undefined} */
  #recorder;
  /** @type {BroadcastSession | undefined} */
  #session;
  /** @type {WakeLockSentinel | undefined} */
  #wakeLock;
  #startedAt = 0;
  #sentBytes = 0;
  /** @type {{at: number, sent: number}[]} */
  #samples = [];
  #watchers = 0;

  /** Makes the form work. */
  start() {
    byId("studio").hidden = false;
    for (const { type, label } of recordableFormats()) {
      byId("codec").append(makeOption(type, label));
    }
    byId("show").addEventListener("click", () => this.#preview());
    byId("form").addEventListener("submit", (event) => this.#submit(event));
    for (const id of ["camera", "microphone"]) {
      byId(id).addEventListener("change", () => this.#preview());
    }
    for (const radio of document.querySelectorAll("[name=source]")) {
      radio.addEventListener("change", () => this.#closeSource());
    }
    setInterval(() => this.#showNumbers(), UPDATE_MS);
  }

  /** Opens the chosen source; `false` when there is none. */
  async #preview() {
    this.#closeSource();
    showMessage("");
    try {
      this.#source = await openSource(readSourceOptions());
    } catch (error) {
      showMessage(sourceErrorText(error), "error");
      return false;
    }
    byId("preview", HTMLVideoElement).srcObject = this.#source;
    byId("overlay").hidden = true;
    // The browser's own bar can end the sharing of a screen.
    for (const track of this.#source.getVideoTracks()) {
      track.onended = () => this.#sourceEnded();
    }
    await listDevices();
    return true;
  }

  #closeSource() {
    this.#source?.getTracks().forEach((track) => track.stop());
    this.#source = undefined;
    byId("preview", HTMLVideoElement).srcObject = null;
    byId("overlay").hidden = false;
  }

  #sourceEnded() {
    this.#closeSource();
    this.#session?.close();
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    if (this.#session) return this.#session.close();
    if (!this.#source && !await this.#preview()) return;
    this.#goLive();
  }

  #goLive() {
    const path = pathOf({ user: textOf("user"), channel: textOf("channel") });
    /** @type {Credentials} */
    const credentials = { "user_password": textOf("user-password") };
    const channelPassword = textOf("channel-password");
    if (channelPassword !== "") credentials.channel_password = channelPassword;
    const url = socketUrl(path, location);
    this.#session = new BroadcastSession(url, credentials, {
      onOpen: () => this.#opened(path),
      onWatchers: (watchers) => this.#watchers = watchers,
      onLost: (text) => this.#lost(text),
      onEnd: (ending) => this.#ended(ending),
    });
    this.#startedAt = this.#sentBytes = this.#watchers = 0;
    setLive(true);
    showMessage("");
    showBadge("off", "Connecting");
    this.#session.open();
  }

  /**
   * The server accepts bytes; each connection begins a new file.
   *
   * @param {string} path
   */
  #opened(path) {
    showMessage("");
    showBadge("live", "Live");
    this.#startedAt ||= performance.now();
    this.#record();
    byId("numbers").hidden = byId("link").hidden = false;
    byId("watch-link", HTMLAnchorElement).href = path;
    setText(byId("watch-link"), location.origin + path);
    this.#keepAwake();
  }

  #record() {
    if (!this.#source) return;
    const recorder = startRecorder(this.#source, readFormat(), {
      onPiece: (piece) => {
        if (recorder !== this.#recorder) return;
        this.#sentBytes += piece.size;
        this.#session?.send(piece);
      },
      onEnd: () => {
        if (recorder === this.#recorder) this.#session?.close();
      },
    });
    this.#recorder = recorder;
  }

  #stopRecorder() {
    const recorder = this.#recorder;
    this.#recorder = undefined;
    if (recorder && recorder.state !== "inactive") recorder.stop();
  }

  /** @param {string} text */
  #lost(text) {
    this.#stopRecorder();
    showMessage(text, "warning");
    showBadge("off", "Reconnecting");
  }

  /** @param {Ending} ending */
  #ended({ text, isDenied }) {
    this.#stopRecorder();
    this.#session = undefined;
    this.#wakeLock?.release();
    this.#wakeLock = undefined;
    setLive(false);
    byId("numbers").hidden = byId("link").hidden = true;
    showMessage(text, "error");
    markInvalid(isDenied);
    showBadge("off", "Offline");
  }

  /** A phone that falls asleep stops the camera. */
  async #keepAwake() {
    try {
      this.#wakeLock = await navigator.wakeLock?.request("screen");
    } catch {
      // Refused on a low battery; the broadcast lasts as long as the screen stays on.
    }
  }

  #showNumbers() {
    if (!this.#session || this.#startedAt === 0) return;
    const { unsentBytes } = this.#session;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    setText(byId("live-time"), durationText(seconds));
    setText(byId("watchers"), String(this.#watchers));
    setText(byId("sent"), bytesText(this.#sentBytes));
    setText(byId("rate"), bitrateText(this.#rate()));
    setText(byId("unsent"), bytesText(unsentBytes));
    const isLate = unsentBytes * 8 > readFormat().bitrate * LATE_S;
    byId("unsent").classList.toggle("late", isLate);
    if (!isLate) return;
    const text =
      "The connection is slower than the bit rate: choose a lower one.";
    showMessage(text, "warning");
  }

  /** Bits per second sent recently. */
  #rate() {
    const now = performance.now() / 1000;
    this.#samples = this.#samples.filter(({ at }) => now - at < RATE_S);
    const [first] = this.#samples;
    this.#samples.push({ at: now, sent: this.#sentBytes });
    return first
      ? Math.max(0, (this.#sentBytes - first.sent) * 8 / (now - first.at))
      : 0;
  }
}

/** @param {string} id */
function textOf(id) {
  return byId(id, HTMLInputElement).value;
}

/**
 * Shows a message under the form; an empty text removes it.
 *
 * @param {string} text
 * @param {"" | "error" | "warning"} [kind]
 */
function showMessage(text, kind = "") {
  byId("message").dataset.kind = kind;
  byId("message").hidden = text === "";
  setText(byId("message"), text);
  if (text === "") markInvalid(false);
}

/** @param {boolean} isInvalid Whether user name or password are wrong. */
function markInvalid(isInvalid) {
  for (const id of ["user", "user-password"]) {
    byId(id).setAttribute("aria-invalid", String(isInvalid));
  }
  if (isInvalid) byId("user-password").focus();
}

/**
 * @param {string} state
 * @param {string} text
 */
function showBadge(state, text) {
  byId("badge").dataset.state = state;
  setText(byId("badge"), text);
}

/** @param {boolean} isLive Whether a broadcast is in progress. */
function setLive(isLive) {
  byId("setup", HTMLFieldSetElement).disabled = isLive;
  byId("form").dataset.live = String(isLive);
  byId("go").className = isLive ? "stop" : "primary";
  setText(byId("go"), isLive ? "Stop" : "Go live");
}

showObsNotice();
if (!isSecureContext || !navigator.mediaDevices) showInsecureNotice();
else if (recordableFormats().length === 0) byId("unsupported").hidden = false;
else new BroadcastPage().start();
