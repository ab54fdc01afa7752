/**
 * The page that plays a channel.
 *
 * @module
 */

/** @import { Player, StreamInfo } from "../players/choose_player.js" */
/** @import { ChannelName } from "../ui/channel_path.js" */
/** @import { ChannelInfo } from "../ui/poll_channels.js" */
/** @import { PlayerState } from "./overlay.js" */

import { choosePlayer, UnplayableError } from "../players/choose_player.js";
import { LiveEdge } from "../players/live_edge.js";
import { hlsPathOf, pathOf, readPath, socketUrl } from "../ui/channel_path.js";
import { byId } from "../ui/dom.js";
import { isLater, pollChannels } from "../ui/poll_channels.js";
import { BreakNotice } from "./break_notice.js";
import { ChannelFacts } from "./channel_facts.js";
import { Controls } from "./controls.js";
import { showPasswordError, showPaused, showState } from "./overlay.js";
import { givenPassword, savePassword } from "./saved_password.js";
import { fitStage, isRaw } from "./stage.js";
import { WatchSession } from "./watch_session.js";

/** Milliseconds of pause after which the page disconnects: playback continues live anyway. */
const MAX_PAUSE_MS = 30_000;

/** Milliseconds between two updates of the numbers. */
const UPDATE_MS = 500;

/** @type {ReadonlySet<PlayerState>} States in which the current player is still of use. */
const KEEPS_PLAYER = new Set(
  ["connecting", "loading", "waiting", "playing", "paused", "unplayable"],
);

/** @type {ReadonlySet<PlayerState>} States in which the server reports the number of watchers. */
const CONNECTED = new Set(["loading", "waiting", "playing"]);

/** Connects session, player and page. */
class WatchPage {
  #name;
  #path;
  #video = byId("video", HTMLVideoElement);
  #facts;
  #controls;
  #breakNotice;
  #session;
  /** @type {Player | undefined} */
  #player;
  /** @type {LiveEdge | undefined} */
  #edge;
  /** @type {StreamInfo | undefined} */
  #stream;
  /** @type {PlayerState} */
  #state = "connecting";
  #hasPicture = false;
  #hasEnteredPassword = false;
  #unplayableContainer = "";
  #pauseTimer = 0;

  /** @param {ChannelName} name */
  constructor(name) {
    this.#name = name;
    this.#path = pathOf(name);
    this.#facts = new ChannelFacts(name);
    this.#controls = new Controls(this.#video, {
      onGoLive: () => this.#goLive(),
      onPause: () => this.#paused(),
    });
    this.#breakNotice = new BreakNotice(this.#video, this.#controls);
    const url = socketUrl(this.#path, location);
    this.#session = new WatchSession(url, givenPassword(this.#path), {
      onAccepted: () => savePassword(this.#path, this.#session.password),
      onStream: (stream) => this.#play(stream),
      onContinue: () => this.#continue(),
      onBytes: (bytes) => this.#player?.push(bytes),
      onWatchers: (watchers) => this.#facts.showWatchers(watchers),
      onState: (state, reason) => this.#report(state, reason),
    });
  }

  /** Starts the page. */
  start() {
    this.#video.addEventListener("playing", () => this.#enter("playing"));
    // Not earlier: setting the source later would cancel the request to play.
    this.#video.addEventListener("loadedmetadata", () => this.#begin());
    this.#video.addEventListener("resize", () => this.#fitStage());
    byId("sign-in").addEventListener("submit", (event) => this.#signIn(event));
    showState("connecting");
    this.#session.open();
    pollChannels(
      ({ channels }) => this.#showChannel(channels),
      () => this.#showUnlisted(),
    );
    setInterval(() => this.#showNumbers(), UPDATE_MS);
  }

  /**
   * Shows what the session reports; a connection that breaks only when the player has nothing left to play.
   *
   * @param {PlayerState} state
   * @param {string} reason
   */
  #report(state, reason) {
    this.#breakNotice.cancel();
    const show = () => this.#enter(state, reason);
    const isBreak = this.#session.isResuming && state !== "waiting";
    if (!isBreak || !this.#breakNotice.postpone(show)) show();
  }

  /** The player gets what follows what it has. */
  #continue() {
    this.#breakNotice.cancel();
    if (this.#state === "playing") return;
    const isPlaying = this.#breakNotice.isPlaying && !this.#controls.isPaused;
    this.#enter(isPlaying ? "playing" : "loading");
  }

  /**
   * @param {PlayerState} state
   * @param {string} [reason]
   */
  #enter(state, reason = "") {
    const isPaused = state === "loading" && this.#controls.isPaused;
    this.#state = isPaused ? "paused" : state;
    showState(this.#state, reason);
    if (state === "denied") this.#askPassword(reason);
    if (state === "playing" && this.#stream) {
      this.#controls.offerSound(this.#stream, this.#hasPicture);
    }
    if (KEEPS_PLAYER.has(state)) return;
    this.#facts.showNothingLive();
    if (!this.#session.isResuming) {
      this.#controls.isPaused = false;
      this.#clear();
    }
    this.#showNumbers();
  }

  /** @param {string} reason The server's reason. */
  #askPassword(reason) {
    const isWrong = this.#hasEnteredPassword;
    this.#hasEnteredPassword = false;
    savePassword(this.#path);
    const isLimited = reason !== "" && !/denied|password/i.test(reason);
    const text = isLimited ? `Not accepted: ${reason}.` : "Wrong password.";
    showPasswordError(isWrong ? text : "");
    byId("password").focus();
  }

  /** @param {Event} event */
  #signIn(event) {
    event.preventDefault();
    const field = byId("password", HTMLInputElement);
    this.#hasEnteredPassword = true;
    showPasswordError("");
    this.#session.signIn(field.value);
    field.value = "";
  }

  /**
   * Plays a stream with a new player, because the stream starts with a new init segment.
   *
   * @param {StreamInfo} stream
   */
  #play(stream) {
    this.#clear();
    this.#stream = stream;
    this.#fitStage();
    this.#controls.enablePlayback(!isRaw(stream));
    try {
      this.#player = choosePlayer(stream, this.#stage(stream));
    } catch (error) {
      if (!(error instanceof UnplayableError)) throw error;
      return this.#giveUp(stream.container, error.message);
    }
    // A browser that fetches the media itself does not say how far it is behind live.
    if (this.#player.isNative) return this.#session.close();
    if (isRaw(stream)) return;
    this.#edge = new LiveEdge(this.#video, { gap: stream.gap ?? 0 });
    this.#edge.start();
  }

  #begin() {
    if (this.#stream?.video && !this.#edge && this.#video.videoWidth === 0) {
      const why = "This browser cannot decode the video";
      return this.#giveUp(this.#stream.container, why);
    }
    if (this.#controls.isPaused) return;
    this.#video.play().catch(({ name }) => {
      if (name === "NotAllowedError") this.#blocked();
    });
  }

  /** Some browsers do not even start muted video before a press. */
  #blocked() {
    this.#controls.isPaused = true;
    this.#enter("paused");
  }

  #fitStage() {
    if (this.#stream) this.#hasPicture = fitStage(this.#stream);
  }

  /** @param {StreamInfo} stream */
  #stage({ container }) {
    const { password } = this.#session;
    const query = password
      ? `?channel_password=${encodeURIComponent(password)}`
      : "";
    const hls = hlsPathOf(this.#name, container);
    return {
      video: this.#video,
      canvas: byId("canvas", HTMLCanvasElement),
      mediaUrl: this.#path + query,
      ...(hls ? { hlsUrl: hls + query } : {}),
      onFrame: () => {
        if (this.#state !== "playing") this.#enter("playing");
      },
      onFailure: (/** @type {string} */ reason) =>
        this.#session.retry("failed", reason),
      onEnd: () => this.#session.retry("offline", ""),
    };
  }

  /**
   * Disconnects until something else is broadcast.
   *
   * @param {string} container
   * @param {string} why
   */
  #giveUp(container, why) {
    this.#unplayableContainer = container;
    const stream = this.#stream;
    this.#session.close();
    this.#clear();
    this.#stream = stream; // Still shown in the details.
    this.#enter("unplayable", why);
  }

  #clear() {
    this.#edge?.stop();
    this.#player?.close();
    this.#edge = this.#player = this.#stream = undefined;
    this.#breakNotice.cancel();
  }

  #goLive() {
    clearTimeout(this.#pauseTimer);
    if (this.#edge) this.#edge.goLive();
    else if (!this.#stream || !isRaw(this.#stream)) this.#session.open();
  }

  #paused() {
    showPaused();
    clearTimeout(this.#pauseTimer);
    this.#pauseTimer = setTimeout(() => {
      this.#session.close();
      this.#clear();
      this.#enter("paused");
    }, MAX_PAUSE_MS);
  }

  /** @param {ChannelInfo[]} channels */
  #showChannel(channels) {
    const { user, channel } = this.#name;
    const info = channels.find((one) =>
      one.user === user && one.channel === channel
    );
    if (!info) return this.#showUnlisted();
    const before = this.#facts.since;
    this.#facts.show(info);
    if (this.#state !== "unplayable" || !info.container) return;
    const isOther = info.container !== this.#unplayableContainer;
    if (isOther || isLater(info.since, before)) this.#session.open();
  }

  /** While the channel plays, its connection knows better: lists and channels can be private. */
  #showUnlisted() {
    if (!CONNECTED.has(this.#state)) this.#facts.showNothingLive();
  }

  #showNumbers() {
    const isPlaying = this.#state === "playing";
    const isBroken = this.#session.isResuming && !KEEPS_PLAYER.has(this.#state);
    this.#controls.showBehind(isPlaying ? this.#edge?.behind : undefined);
    this.#facts.showPlayer(
      this.#video,
      isBroken ? undefined : this.#stream,
      this.#player,
      this.#edge,
    );
  }
}

const name = readPath(location.pathname);
if (name) new WatchPage(name).start();
else showState("offline");
