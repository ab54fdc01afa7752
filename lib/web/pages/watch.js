/**
 * The page that plays one channel.
 *
 * @module
 */

import { ChannelFacts } from "./channel_facts.js";
import { pathOf, readPath, socketUrl } from "./channel_path.js";
import { choosePlayer, Unplayable } from "./choose_player.js";
import { Controls } from "./controls.js";
import { byId } from "./dom.js";
import { LiveEdge } from "./live_edge.js";
import { showState } from "./overlay.js";
import { pollChannels } from "./poll.js";
import { WatchSession } from "./watch_session.js";

/** Milliseconds of pause after which the server need not send on: nobody resumes at that place. */
const MAX_PAUSE_MS = 30_000;

/** Milliseconds between two looks at the numbers that are shown. */
const SHOW_MS = 500;

/** Codecs of sound, by the beginning of their RFC 6381 string. */
const SOUND = /^(mp4a|mp3|opus|vorbis|flac|ac-3|ec-3)/i;

/** The page. */
class WatchPage {
  #name;
  #video = byId("video");
  #facts;
  #controls;
  #session;
  #player;
  #edge;
  #stream;
  #state = "connecting";
  #refused = "";
  #pauseTimer;

  /** @param {{user: string, channel: string}} name Whose channel, and its name. */
  constructor(name) {
    this.#name = name;
    this.#facts = new ChannelFacts(name);
    this.#controls = new Controls(this.#video, {
      onGoLive: () => this.#goLive(),
      onPause: () => this.#paused(),
    });
    this.#session = new WatchSession(
      socketUrl(pathOf(name.user, name.channel), location),
      {
        onStream: (stream) => this.#play(stream),
        onBytes: (bytes) => this.#player?.push(new Uint8Array(bytes)),
        onStatus: (status) => this.#facts.showWatchers(status.watchers),
        onState: (state, reason) => this.#enter(state, reason),
      },
    );
  }

  /** Begins. */
  start() {
    this.#video.addEventListener("playing", () => this.#enter("playing"));
    // Not earlier: a source that is set later than play is asked for undoes the asking.
    this.#video.addEventListener("loadedmetadata", () => this.#begin());
    // A picture may turn up in a stream whose beginning did not tell of one.
    this.#video.addEventListener(
      "resize",
      () => this.#stream && this.#setStage(this.#stream),
    );
    byId("sign-in").addEventListener("submit", (event) => this.#signIn(event));
    this.#session.open();
    pollChannels((snapshot) => this.#polled(snapshot));
    setInterval(() => this.#showNumbers(), SHOW_MS);
  }

  #enter(state, reason = "") {
    this.#state = state;
    const isWrong = state === "denied" && this.#session.password;
    showState(
      state,
      isWrong ? "That password is wrong." : spoken(state, reason),
    );
    if (state === "denied") byId("password").focus();
    if (state === "playing") this.#offerSound();
    if (
      ["off-air", "lost", "slow", "full", "failed", "denied"].includes(state)
    ) this.#clear();
  }

  #signIn(event) {
    event.preventDefault();
    const field = byId("password");
    this.#session.open(field.value);
    field.value = "";
  }

  /** A stream begins: a new player each time, because the bytes begin anew. */
  #play(stream) {
    this.#clear();
    this.#stream = stream;
    this.#setStage(stream);
    try {
      this.#player = choosePlayer(stream, this.#stage());
    } catch (error) {
      if (!(error instanceof Unplayable)) throw error;
      return this.#giveUp(stream.container, error.message);
    }
    this.#edge = new LiveEdge(this.#video, { gap: stream.gap ?? 0 });
    if (stream.container === "ogg") this.#session.close(); // The browser fetches it by itself.
    else this.#edge.start();
  }

  #begin() {
    if (this.#controls.isPaused) return;
    this.#video.play().catch(() => this.#offerSound());
  }

  #setStage({ container, video }) {
    const isRaw = container === "h264";
    const isPicture = Boolean(video) || this.#video.videoWidth > 0;
    byId("player").dataset.audio = String(!isPicture);
    byId("sound").hidden = isPicture;
    byId("canvas").hidden = !isRaw;
    this.#video.hidden = isRaw;
    for (const id of ["play", "mute", "volume"]) byId(id).disabled = isRaw;
  }

  #stage() {
    const url = pathOf(this.#name.user, this.#name.channel);
    const { password } = this.#session;
    const query = password
      ? `?channel_password=${encodeURIComponent(password)}`
      : "";
    return {
      video: this.#video,
      canvas: byId("canvas"),
      mediaUrl: url + query,
      onPicture: () => this.#state === "playing" || this.#enter("playing"),
      onFailure: (why) => this.#session.retry("failed", why),
      onEnd: () => this.#session.retry("off-air", ""),
    };
  }

  /** Nothing here plays it: hang up, and look again when something else is on the air. */
  #giveUp(container, why) {
    this.#refused = container;
    this.#session.close();
    this.#enter("unplayable", `${why} Use one of the lines below.`);
  }

  #clear() {
    this.#edge?.stop();
    this.#player?.close();
    this.#edge = this.#player = this.#stream = undefined;
  }

  #offerSound() {
    if (!this.#stream) return;
    const { codecs, container } = this.#stream;
    const picture = byId("sound").hidden;
    // Codecs may not be known yet; a button too many does less harm than one too few.
    const mayHaveSound = codecs.length === 0 ||
      codecs.some((codec) => SOUND.test(codec));
    this.#controls.offerStart({
      sound: mayHaveSound && container !== "h264",
      picture,
    });
  }

  #goLive() {
    clearTimeout(this.#pauseTimer);
    // What the browser fetches by itself has no live edge: only a new start is live.
    if (this.#player && this.#stream.container !== "ogg") this.#edge.goLive();
    else this.#session.open();
  }

  #paused() {
    clearTimeout(this.#pauseTimer);
    this.#pauseTimer = setTimeout(() => {
      this.#session.close();
      this.#clear();
    }, MAX_PAUSE_MS);
  }

  #polled({ server, channels }) {
    const { user, channel } = this.#name;
    const found = channels.find((one) =>
      one.user === user && one.channel === channel
    );
    const before = this.#facts.since;
    this.#facts.show(server, found);
    if (this.#state !== "unplayable" || !found?.container) return;
    const isOther = found.container !== this.#refused;
    const isNew = before !== undefined && isLater(found.since, before);
    if (isOther || isNew) this.#session.open();
  }

  #showNumbers() {
    const isPlaying = this.#state === "playing" && this.#edge !== undefined;
    const isRaw = this.#stream?.container === "h264";
    this.#controls.showBehind(
      isPlaying && !isRaw ? this.#edge.behind : undefined,
    );
    this.#facts.showPlayer(
      this.#video,
      this.#stream,
      this.#player?.name,
      this.#edge,
    );
  }
}

/** The server's reason where it says more than the state; the usual ones are said already. */
function spoken(state, reason) {
  return ["refused", "failed", "slow", "unplayable"].includes(state) && reason
    ? `${reason.charAt(0).toUpperCase()}${reason.slice(1).replace(/\.$/, "")}.`
    : "";
}

/** Whether a broadcast began after another; the server counts back to it, which wavers a little. */
function isLater(since, before) {
  return Date.parse(since) - Date.parse(before) > 1000;
}

const name = readPath(location.pathname);
if (name) new WatchPage(name).start();
else showState("off-air");
