/**
 * A broadcaster's connection: signs in, sends, and comes back by itself when the line breaks.
 *
 * @module
 */

/** Milliseconds before the first and, growing by half each time, at most before the next try. */
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 5000;

/** Bytes that may wait for the line: 16 s at 4 Mbit/s. Who is that late had better start afresh. */
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024;

/** Close codes after which trying again is of no use. */
const FINAL = new Map([
  [4400, "The server did not understand the request"],
  [4401, "User or password is wrong"],
  [4409, "Somebody took over the channel with the same user"],
  [4503, "The server allows no more channels"],
]);

/**
 * @typedef {object} SessionEvents
 * @property {() => void} onOpen The server takes bytes, from the first of a file on.
 * @property {(status: {watchers: number, received: number}) => void} onStatus About once a second.
 * @property {(why: string) => void} onLost The line broke; it is tried again.
 * @property {(why: string) => void} onEnd It is over, and why; nothing when that was asked for.
 */

/** The connection. */
export class BroadcastSession {
  #url;
  #wish;
  #events;
  #socket;
  #isOpen = false;
  #retryMs = FIRST_RETRY_MS;
  #retry;
  /** Pieces become bytes one after the other, or they would overtake each other. */
  #sending = Promise.resolve();

  /**
   * @param {string} url The channel's `ws:` address.
   * @param {{user_password: string, channel_password?: string}} credentials Who broadcasts, and what
   *   watchers have to give.
   * @param {SessionEvents} events Whom to tell.
   */
  constructor(url, credentials, events) {
    this.#url = url;
    this.#wish = { verb: "broadcast", hold: 0, ...credentials };
    this.#events = events;
  }

  /** Bytes that wait for the line. */
  get backlog() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Connects, now. */
  open() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify(this.#wish));
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
  }

  /**
   * Sends a piece. Pieces that come while the line is broken are left out: the next connection
   * begins with a new file.
   *
   * @param {Blob} piece The piece.
   */
  send(piece) {
    const socket = this.#socket;
    if (!this.#isOpen) return;
    this.#sending = this.#sending.then(async () => {
      const bytes = await piece.arrayBuffer();
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
    });
    if (socket.bufferedAmount > MAX_BACKLOG_BYTES) {
      this.#finish("The line is too slow for this bit rate");
    }
  }

  /** Ends the broadcast, with all pieces sent. */
  async close() {
    await this.#sending;
    this.#finish("");
  }

  #receive(message) {
    if (message.type === "status") this.#events.onStatus(message);
    if (message.type !== "ok") return;
    this.#isOpen = true;
    this.#retryMs = FIRST_RETRY_MS;
    this.#events.onOpen();
  }

  #closed(code, reason) {
    this.#isOpen = false;
    const why = FINAL.get(code);
    if (why) {
      return this.#finish(code === 4503 && reason ? `${why}: ${reason}` : why);
    }
    this.#events.onLost("The line broke. Trying again.");
    this.#retry = setTimeout(() => this.open(), this.#retryMs);
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 1.5);
  }

  #finish(why) {
    clearTimeout(this.#retry);
    this.#isOpen = false;
    if (this.#socket) {
      this.#socket.onopen =
        this.#socket.onmessage =
        this.#socket.onclose =
          null;
      this.#socket.close(1000);
    }
    this.#events.onEnd(why);
  }
}
