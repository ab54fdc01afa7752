/**
 * The page that broadcasts camera or screen.
 *
 * @module
 */

import { BroadcastSession } from "./broadcast_session.js";
import { pathOf, socketUrl } from "./channel_path.js";
import { byId, make, setText } from "./dom.js";
import { bitrateText, bytesText, durationText } from "./format.js";
import { showWaysOut } from "./insecure.js";
import {
  codings,
  openSource,
  sourceTrouble,
  startRecorder,
} from "./recorder.js";

/** Milliseconds between two looks at the numbers. */
const SHOW_MS = 500;

/** Seconds of backlog from which the line counts as too slow. */
const LATE_S = 1;

/** Seconds over which the rate is taken. */
const RATE_S = 4;

/** The page. */
class BroadcastPage {
  #source;
  #recorder;
  #session;
  #since = 0;
  #sent = 0;
  #samples = [];
  #watchers = 0;
  #wakeLock;

  /** Makes the form work. */
  start() {
    byId("studio").hidden = false;
    for (const { type, label } of codings()) {
      const option = make("option", { text: label });
      option.value = type;
      byId("codec").append(option);
    }
    byId("show").addEventListener("click", () => this.#preview());
    byId("form").addEventListener("submit", (event) => this.#submit(event));
    for (const id of ["camera", "microphone"]) {
      byId(id).addEventListener("change", () => this.#preview());
    }
    for (const radio of document.querySelectorAll("[name=source]")) {
      radio.addEventListener("change", () => this.#closeSource());
    }
    setInterval(() => this.#showNumbers(), SHOW_MS);
  }

  /** Opens the source that is chosen; tells whether there is one. */
  async #preview() {
    this.#closeSource();
    say("");
    try {
      this.#source = await openSource(sourceWish());
    } catch (error) {
      say(sourceTrouble(error));
      return false;
    }
    byId("preview").srcObject = this.#source;
    byId("overlay").hidden = true;
    // A screen's owner ends the sharing in the browser's own bar.
    this.#source.getVideoTracks()[0].onended = () => this.#sourceEnded();
    await listDevices();
    return true;
  }

  #closeSource() {
    this.#source?.getTracks().forEach((track) => track.stop());
    this.#source = undefined;
    byId("preview").srcObject = null;
    byId("overlay").hidden = false;
  }

  #sourceEnded() {
    this.#closeSource();
    this.#session?.close();
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#session) return this.#session.close();
    if (!this.#source && !await this.#preview()) return;
    this.#goLive();
  }

  #goLive() {
    const path = pathOf(byId("user").value, byId("channel").value);
    const word = byId("channel-password").value;
    const credentials = { "user_password": byId("user-password").value };
    if (word !== "") credentials.channel_password = word;
    this.#session = new BroadcastSession(
      socketUrl(path, location),
      credentials,
      {
        onOpen: () => this.#opened(path),
        onStatus: ({ watchers }) => this.#watchers = watchers,
        onLost: (why) => this.#lost(why),
        onEnd: (why) => this.#ended(why),
      },
    );
    this.#since = this.#sent = this.#watchers = 0;
    byId("setup").disabled = true;
    showBadge("off", "Connecting");
    showButton("Stop", "stop");
    this.#session.open();
  }

  /** The server takes bytes: each connection begins a new file. */
  #opened(path) {
    say("");
    showBadge("live", "Live");
    this.#since ||= performance.now();
    this.#record();
    byId("numbers").hidden = byId("link").hidden = false;
    byId("watch-link").href = path;
    setText(byId("watch-link"), location.origin + path);
    this.#keepAwake();
  }

  #record() {
    const coding = {
      type: byId("codec").value,
      bitrate: Number(byId("bitrate").value),
    };
    const recorder = startRecorder(this.#source, coding, {
      onPiece: (piece) => {
        if (recorder !== this.#recorder) return;
        this.#sent += piece.size;
        this.#session?.send(piece);
      },
      onEnd: () => recorder === this.#recorder && this.#session?.close(),
    });
    this.#recorder = recorder;
  }

  #stopRecorder() {
    const recorder = this.#recorder;
    this.#recorder = undefined;
    if (recorder && recorder.state !== "inactive") recorder.stop();
  }

  #lost(why) {
    this.#stopRecorder();
    say(why);
    showBadge("off", "Reconnecting");
  }

  #ended(why) {
    this.#stopRecorder();
    this.#session = undefined;
    this.#wakeLock?.release();
    this.#wakeLock = undefined;
    byId("setup").disabled = false;
    byId("numbers").hidden = byId("link").hidden = true;
    say(why);
    showBadge("off", "Off air");
    showButton("Go live", "primary");
  }

  /** A phone that falls asleep stops the camera. */
  async #keepAwake() {
    try {
      this.#wakeLock = await navigator.wakeLock?.request("screen");
    } catch {
      // A low battery refuses it; the broadcast goes on as long as the screen does.
    }
  }

  #showNumbers() {
    if (!this.#session || this.#since === 0) return;
    const { backlog } = this.#session;
    const rate = this.#rate();
    setText(
      byId("on-air"),
      durationText((performance.now() - this.#since) / 1000),
    );
    setText(byId("watchers"), String(this.#watchers));
    setText(byId("sent"), bytesText(this.#sent));
    setText(byId("rate"), bitrateText(rate));
    setText(byId("backlog"), bytesText(backlog));
    const isLate = backlog * 8 > Number(byId("bitrate").value) * LATE_S;
    byId("backlog").classList.toggle("late", isLate);
    if (isLate) {
      say("The line is slower than the bit rate: choose a lower one.");
    }
  }

  /** Bits per second sent lately. */
  #rate() {
    const now = performance.now() / 1000;
    this.#samples = this.#samples.filter(({ at }) => now - at < RATE_S);
    const [first] = this.#samples;
    this.#samples.push({ at: now, sent: this.#sent });
    return first
      ? Math.max(0, (this.#sent - first.sent) * 8 / (now - first.at))
      : 0;
  }
}

/** What the form says of the source. */
function sourceWish() {
  const [width, height] = byId("size").value.split("x").map(Number);
  return {
    source: document.querySelector("[name=source]:checked").value,
    sound: byId("sound").checked,
    width,
    height,
    camera: byId("camera").value || undefined,
    microphone: byId("microphone").value || undefined,
  };
}

/** Offers the devices by name, which the browser tells once one of them is open. */
async function listDevices() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const kinds = [["camera", "videoinput"], ["microphone", "audioinput"]];
  for (const [id, kind] of kinds) {
    const options = devices.filter((device) => device.kind === kind).map(
      (device, index) => {
        const option = make("option", {
          text: device.label || `${id} ${index + 1}`,
        });
        option.value = device.deviceId;
        return option;
      },
    );
    const chosen = byId(id).value;
    byId(id).replaceChildren(...options);
    if (chosen) byId(id).value = chosen;
  }
  byId("devices").hidden = sourceWish().source === "screen";
}

/** Says something under the form. */
function say(text) {
  setText(byId("message"), text);
}

/** Shows how the broadcast stands. */
function showBadge(state, word) {
  byId("badge").dataset.state = state;
  setText(byId("badge"), word);
}

/** Shows what the button does next. */
function showButton(text, kind) {
  byId("go").className = kind;
  setText(byId("go"), text);
}

if (!isSecureContext || !navigator.mediaDevices) showWaysOut();
else if (codings().length === 0) byId("unsupported").hidden = false;
else new BroadcastPage().start();
