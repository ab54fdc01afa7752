import { Refusal } from "../errors.ts";

/**
 * Bytes that may come while a broadcaster's password is looked at: two seconds of 4 Mbit/s. Who sends
 * more is told to wait for `ok`.
 */
const MAX_EARLY_BYTES = 1024 * 1024;

/** Bytes that a message counts beside what it says: what it takes to keep one, even an empty one. */
const MESSAGE_BYTES = 128;

/** What a peer sent in one message. */
export type SocketData = string | ArrayBuffer;

/**
 * What comes from a WebSocket, from its first moment on: nothing is lost while nobody listens yet, and
 * a socket that closes early is known to be closed.
 */
export class SocketInbox {
  /** Settles when the handshake is over, or failed. */
  readonly opened: Promise<unknown>;
  /** Settles when the socket has closed, from whichever side. */
  readonly closed: Promise<CloseEvent>;
  readonly #early: SocketData[] = [];
  #earlyBytes = 0;
  #wake: (() => void) | undefined;
  #take: ((data: SocketData) => void) | undefined;

  /**
   * Listens.
   *
   * @param socket Just opened; its handlers are owned from now on.
   */
  constructor(socket: WebSocket) {
    socket.binaryType = "arraybuffer";
    const { promise, resolve } = Promise.withResolvers<CloseEvent>();
    this.closed = promise;
    const { promise: opened, resolve: open } = Promise.withResolvers<Event>();
    this.opened = Promise.race([opened, promise]);
    socket.onopen = open;
    socket.onclose = resolve;
    socket.onmessage = ({ data }): void => this.#keep(data);
  }

  /**
   * Waits for the first message.
   *
   * @param limitMs Milliseconds it may take.
   * @param signal Ends the wait.
   * @throws {Refusal} `bad-request` when it does not come, or the signal's reason.
   */
  async first(limitMs: number, signal: AbortSignal): Promise<SocketData> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const fail = (why: string): void => reject(new Refusal("bad-request", why));
    const abort = (): void => reject(signal.reason);
    const timer = setTimeout(fail, limitMs, "the request came too slowly");
    this.closed.then(() => fail("closed before the request came"));
    signal.addEventListener("abort", abort, { once: true });
    this.#wake = resolve;
    if (signal.aborted) abort();
    if (this.#early.length > 0) resolve();
    try {
      await promise;
      return this.#shift() ?? "";
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  /**
   * Hands over what has come since, and then each message as it comes.
   *
   * @returns Whether that is all; some of what came too early may have been thrown away.
   */
  forward(take: (data: SocketData) => void): boolean {
    this.#take = take;
    for (const data of this.#early.splice(0)) take(data);
    return this.#earlyBytes <= MAX_EARLY_BYTES;
  }

  #keep(data: SocketData): void {
    if (this.#take) return this.#take(data);
    this.#earlyBytes += sizeOf(data);
    // What is too much is thrown away, and nothing behind it is kept; `forward` tells.
    if (this.#earlyBytes <= MAX_EARLY_BYTES) this.#early.push(data);
    this.#wake?.();
  }

  #shift(): SocketData | undefined {
    const data = this.#early.shift();
    if (data !== undefined) this.#earlyBytes -= sizeOf(data);
    return data;
  }
}

function sizeOf(data: SocketData): number {
  return MESSAGE_BYTES +
    (typeof data === "string" ? data.length : data.byteLength);
}
