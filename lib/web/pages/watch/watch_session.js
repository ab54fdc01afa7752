/** @import { StreamInfo } from "../players/choose_player.js" */
/** @import { StreamPlace } from "./stream_position.js" */

import { StreamPosition } from "./stream_position.js";

/** Milliseconds before the first retry; each further one waits half as long again, up to the maximum. */
const FIRST_RETRY_MS = 2000;
const MAX_RETRY_MS = 5000;

/**
 * Milliseconds within which a stream that broke is first asked for again: sooner than the buffer runs out, which has
 * some 300 ms, and at random, so that all the viewers of a proxy that restarts do not come at once.
 */
const RESUME_WITHIN_MS = 200;

/** Milliseconds without a message after which the connection counts as dead; a status comes each second. */
const SILENCE_MS = 10_000;

/**
 * Seconds that a resume waits for the channel, which a restarted server has only once its broadcaster is back; shorter
 * than the silence that counts as a dead connection.
 */
const RESUME_WAIT_S = 8;

/**
 * @typedef {"connecting" | "loading" | "waiting" | "offline" | "denied" | "busy" | "slow" | "lost" |
 *   "rejected" | "error" | "failed"} SessionState
 */

/** @type {ReadonlyMap<number, SessionState>} What the server's close codes mean to a viewer. */
const STATES = new Map([
  [1000, "offline"],
  [4008, "slow"],
  [4400, "rejected"],
  [4401, "denied"],
  [4404, "offline"],
  [4410, "rejected"],
  [4500, "error"],
  [4503, "busy"],
]);

/** @type {ReadonlySet<SessionState>} States in which a retry is useless until the viewer acts. */
const FINAL = new Set(["denied", "rejected"]);

/** @type {ReadonlySet<SessionState>} States after which the server may still have the next byte. */
const RESUMABLE = new Set(["lost", "busy"]);

/** @typedef {StreamInfo & StreamPlace} StreamMessage What the server sends before a stream. */

/**
 * @typedef {object} WatchEvents
 * @property {() => void} onAccepted The server accepted the request, and the password if there is one.
 * @property {(stream: StreamInfo) => void} onStream A stream begins, with its init segment.
 * @property {() => void} onContinue The stream continues with the next bytes, for the same decoder.
 * @property {(bytes: Uint8Array<ArrayBuffer>) => void} onBytes
 * @property {(watchers: number) => void} onWatchers About once a second.
 * @property {(state: SessionState, reason: string) => void} onState The reason may be empty.
 */

/** A viewer's connection to a channel, which reconnects by itself. */
export class WatchSession {
  #url;
  #events;
  #password;
  #isAccepted = false;
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {StreamPosition | undefined} Of the decoder. */
  #position;
  #isResuming = false;
  /** Whether this connection lasted long enough to try again at once when it breaks. */
  #isSteady = false;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer = 0;
  #silenceTimer = 0;

  /**
   * @param {string} url The channel's `ws:` address.
   * @param {string | undefined} password The channel's password, if it is known.
   * @param {WatchEvents} events
   */
  constructor(url, password, events) {
    this.#url = url;
    this.#password = password;
    this.#events = events;
  }

  /** The channel's password, if there is one. */
  get password() {
    return this.#password;
  }

  /**
   * Whether the connection broke in mid-stream, and the next one is to continue at the byte where the decoder stopped:
   * the decoder is needed further on.
   */
  get isResuming() {
    return this.#isResuming;
  }

  /** Connects, or reconnects for a new decoder. */
  open() {
    this.close();
    this.#connect();
  }

  #connect() {
    this.#disconnect();
    this.#isSteady = false;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(JSON.stringify(this.#request()));
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    this.#expectMessage();
  }

  /**
   * Connects with a password.
   *
   * @param {string} password
   */
  signIn(password) {
    this.#password = password;
    this.#isAccepted = false;
    this.open();
  }

  /** Disconnects until the next `open`, for which a new decoder is needed. */
  close() {
    this.#forgetPosition();
    this.#disconnect();
  }

  #forgetPosition() {
    this.#position = undefined;
    this.#isResuming = false;
  }

  #disconnect() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silenceTimer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  /**
   * Disconnects and tries again later.
   *
   * @param {SessionState} state
   * @param {string} reason What failed, for the viewer.
   */
  retry(state, reason) {
    this.close();
    this.#events.onState(state, reason);
    this.#retryLater();
  }

  #request() {
    const resume = this.#isResuming ? this.#position?.text : undefined;
    return {
      ...{ verb: "watch", start: "join", burst: 0 },
      ...(this.#password ? { channel_password: this.#password } : {}),
      ...(resume === undefined ? {} : { resume, wait: RESUME_WAIT_S }),
    };
  }

  /** Detects a connection that died without a close. */
  #expectMessage() {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      this.#disconnect();
      this.#closed(1006, "");
    }, SILENCE_MS);
  }

  /** @param {string | ArrayBuffer} data */
  #receive(data) {
    this.#expectMessage();
    if (typeof data === "string") return this.#receiveText(JSON.parse(data));
    this.#position?.add(data.byteLength);
    this.#events.onBytes(new Uint8Array(data));
  }

  /** @param {{type: string, watchers: number} & StreamMessage} message */
  #receiveText(message) {
    if (message.type === "ok") this.#accepted();
    if (message.type === "held") this.#events.onState("waiting", "");
    if (message.type === "live") this.#events.onContinue();
    if (message.type === "stream") this.#begin(message);
    if (message.type !== "status") return;
    this.#isSteady = true;
    this.#events.onWatchers(message.watchers);
  }

  /** @param {StreamMessage} stream */
  #begin(stream) {
    const position = new StreamPosition(stream);
    const continues = this.#isResuming &&
      this.#position?.isContinuedBy(position);
    this.#position = position;
    this.#isResuming = false;
    this.#retryMs = FIRST_RETRY_MS;
    if (continues) return this.#events.onContinue();
    this.#events.onState("loading", "");
    this.#events.onStream(stream);
  }

  #accepted() {
    this.#isAccepted = true;
    this.#events.onAccepted();
    this.#events.onState("connecting", "");
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #closed(code, reason) {
    this.#socket = undefined;
    clearTimeout(this.#silenceTimer);
    const state = this.#stateAfter(code);
    const wasPlaying = this.#isSteady && !this.#isResuming;
    this.#isResuming = RESUMABLE.has(state) &&
      this.#position?.text !== undefined;
    if (!this.#isResuming) this.#forgetPosition();
    this.#events.onState(state, reason);
    if (state === "denied") this.#password = undefined;
    if (FINAL.has(state)) return;
    if (this.#isResuming && wasPlaying) this.#resumeSoon();
    else this.#retryLater();
  }

  /** @param {number} code */
  #stateAfter(code) {
    const state = STATES.get(code) ?? "lost";
    // Repeating an unverified password would count as further guesses.
    const isGuess = this.#password !== undefined && !this.#isAccepted;
    return state === "busy" && isGuess ? "denied" : state;
  }

  #resumeSoon() {
    const delayMs = Math.random() * RESUME_WITHIN_MS;
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
  }

  #retryLater() {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 1.5);
  }
}
