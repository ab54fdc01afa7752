/** Milliseconds before the first retry; each further one waits half as long again, up to the maximum. */
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 5000;

/** Bytes that may wait to be sent: 16 s at 4 Mbit/s. A broadcast that is later than that should start again. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

/** Close code after a wrong user name or password. */
const DENIED = 4401;

/** Close codes after which a retry is useless. */
const FINAL = new Map([
  [4400, "The server rejected the request"],
  [DENIED, "Wrong user name or password"],
  [4409, "The same user took over the channel from elsewhere"],
  [4503, "The server does not accept the broadcast"],
]);

/** Close codes whose reason tells more than the text above. */
const EXPLAINED = new Set([4400, 4503]);

/** @typedef {{user_password: string, channel_password?: string}} Credentials */

/** @typedef {{text: string, isDenied: boolean}} Ending Why a broadcast ended; no text when it was asked for. */

/**
 * @typedef {object} BroadcastEvents
 * @property {() => void} onOpen The server accepts bytes, which must be the beginning of a file.
 * @property {(watchers: number) => void} onWatchers About once a second.
 * @property {(text: string) => void} onLost The connection broke; the session tries again.
 * @property {(ending: Ending) => void} onEnd
 */

/** A broadcaster's connection, which reconnects by itself. */
export class BroadcastSession {
  #url;
  #request;
  #events;
  /** @type {WebSocket | undefined} */
  #socket;
  #isOpen = false;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer = 0;
  /** Pieces become bytes one after the other, otherwise they could overtake each other. */
  #sending = Promise.resolve();

  /**
   * @param {string} url The channel's `ws:` address.
   * @param {Credentials} credentials
   * @param {BroadcastEvents} events
   */
  constructor(url, credentials, events) {
    this.#url = url;
    this.#request = { verb: "broadcast", hold: 0, ...credentials };
    this.#events = events;
  }

  /** Bytes that wait to be sent. */
  get unsentBytes() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Connects. */
  open() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify(this.#request));
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
  }

  /**
   * Sends a piece. Pieces that come while the connection is broken are dropped: the next connection
   * begins with a new file.
   *
   * @param {Blob} piece
   */
  send(piece) {
    const socket = this.#socket;
    if (!this.#isOpen || !socket) return;
    this.#sending = this.#sending.then(async () => {
      const bytes = await piece.arrayBuffer();
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
    });
    if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
      this.#finish("The connection is too slow for this bit rate");
    }
  }

  /** Ends the broadcast after all pieces were sent. */
  async close() {
    await this.#sending;
    this.#finish("");
  }

  /** @param {{type: string, watchers: number}} message */
  #receive({ type, watchers }) {
    if (type === "status") this.#events.onWatchers(watchers);
    if (type !== "ok") return;
    this.#isOpen = true;
    this.#retryMs = FIRST_RETRY_MS;
    this.#events.onOpen();
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #closed(code, reason) {
    this.#isOpen = false;
    const text = FINAL.get(code);
    if (text) {
      const isExplained = EXPLAINED.has(code) && reason !== "";
      return this.#finish(
        isExplained ? `${text}: ${reason}` : text,
        code === DENIED,
      );
    }
    this.#events.onLost("The connection broke. Trying again.");
    this.#retryTimer = setTimeout(() => this.open(), this.#retryMs);
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 1.5);
  }

  /**
   * @param {string} text
   * @param {boolean} [isDenied]
   */
  #finish(text, isDenied = false) {
    clearTimeout(this.#retryTimer);
    this.#isOpen = false;
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(1000);
    }
    this.#events.onEnd({ text, isDenied });
  }
}
