/**
 * A viewer's connection to a channel: asks, listens, and comes back by itself.
 *
 * @module
 */

/** Milliseconds before the first and, growing by half each time, at most before the next try. */
const FIRST_RETRY_MS = 2000;
const MAX_RETRY_MS = 5000;

/** Milliseconds for the connection and the server's word; afterwards the status comes each second. */
const SILENCE_MS = 10_000;

/** What the server's close codes mean to a viewer. */
const ENDINGS = new Map([
  [1000, "off-air"],
  [4400, "refused"],
  [4401, "denied"],
  [4404, "off-air"],
  [4503, "full"],
  [4008, "slow"],
]);

/** States in which trying again is of no use before the viewer does something. */
const FINAL = new Set(["denied", "refused"]);

/**
 * @typedef {object} StreamInfo What the bytes that follow are.
 * @property {string} container
 * @property {string} [mime] Without parameters.
 * @property {string[]} codecs RFC 6381 strings.
 * @property {boolean} [video]
 * @property {number} [width] Pixels.
 * @property {number} [height] Pixels.
 * @property {number} gap Seconds: the longest pause between two arrivals lately.
 */

/**
 * @typedef {object} SessionEvents
 * @property {(stream: StreamInfo) => void} onStream A stream begins, with its init bytes.
 * @property {(bytes: ArrayBuffer) => void} onBytes Its next bytes.
 * @property {(status: {watchers: number, age: number}) => void} onStatus About once a second.
 * @property {(state: string, reason: string) => void} onState One of `connecting`, `on-air`, `held`,
 *   `off-air`, `denied`, `full`, `slow`, `lost`, `refused`, `failed`.
 */

/** The connection. */
export class WatchSession {
  #url;
  #events;
  #password;
  #socket;
  #retryMs = FIRST_RETRY_MS;
  #retry;
  #silence;

  /**
   * @param {string} url The channel's `ws:` address.
   * @param {SessionEvents} events Whom to tell.
   */
  constructor(url, events) {
    this.#url = url;
    this.#events = events;
  }

  /**
   * Connects, now.
   *
   * @param {string} [password] The channel's password, kept for later tries.
   */
  open(password = this.#password) {
    this.close();
    this.#password = password;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(JSON.stringify(this.#wish()));
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    this.#expectWord();
  }

  /** Hangs up, for good or until the next `open`. */
  close() {
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  /**
   * Hangs up, and tries again later.
   *
   * @param {string} state As of `onState`.
   * @param {string} reason What went wrong, for the viewer.
   */
  retry(state, reason) {
    this.close();
    this.#events.onState(state, reason);
    this.#retryLater();
  }

  /** The password that was given, if one was. */
  get password() {
    return this.#password;
  }

  #wish() {
    const wish = { verb: "watch", start: "join", burst: 0 };
    return this.#password
      ? { ...wish, channel_password: this.#password }
      : wish;
  }

  /** A dead line looks like silence: the status that comes each second proves that it lives. */
  #expectWord() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.close();
      this.#closed(1006, "");
    }, SILENCE_MS);
  }

  #receive(data) {
    this.#expectWord();
    if (typeof data !== "string") return this.#events.onBytes(data);
    const message = JSON.parse(data);
    if (message.type === "ok") this.#events.onState("connecting", "");
    if (message.type === "held") this.#events.onState("held", "");
    if (message.type === "status") this.#events.onStatus(message);
    if (message.type !== "stream") return;
    this.#retryMs = FIRST_RETRY_MS;
    this.#events.onState("on-air", "");
    this.#events.onStream(message);
  }

  #closed(code, reason) {
    this.#socket = undefined;
    clearTimeout(this.#silence);
    const state = ENDINGS.get(code) ?? "lost";
    this.#events.onState(state, reason);
    if (!FINAL.has(state)) this.#retryLater();
  }

  #retryLater() {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.open(), this.#retryMs);
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 1.5);
  }
}
