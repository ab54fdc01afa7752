import type { Watcher } from "../hub/hub.ts";
import type { StalledWatcher } from "../hub/memory/memory_budget.ts";
import type { WatchRequest } from "../wire/messages.ts";
import type { Tickable, Ticker } from "../clock/ticker.ts";
import { type HttpRooms, openWatch, type SocketPeer } from "./rooms.ts";
import {
  closeSocket,
  ENDED,
  STATUS_MS,
  tell,
  TOO_SLOW,
} from "./socket_talk.ts";

/**
 * Bytes that may wait in a socket. What does not fit waits in the channel's log, where it costs
 * nothing; two of the log's slices keep a quick viewer busy.
 */
const MAX_BUFFERED_BYTES = 512 * 1024;

/** The same when memory is short: a few pictures, so that a viewer who reads is kept busy all the same. */
const SHORT_BUFFERED_BYTES = 64 * 1024;

/** Milliseconds between two looks at a socket that was full: a tenth of what a viewer would notice. */
const DRAIN_MS = 20;

/**
 * Sends a channel to a WebSocket: texts in JSON that tell what follows, binary messages of media.
 *
 * @returns When it is over.
 * @throws {Refusal} `denied`, `not-live` or `limit`.
 */
export async function watchBySocket(
  rooms: HttpRooms,
  wish: WatchRequest,
  peer: SocketPeer,
): Promise<void> {
  const { inbox, socket } = peer;
  inbox.forward(() => {}); // A viewer has no more to say.
  const gone = new AbortController();
  inbox.closed.then(() => gone.abort());
  const { signal } = gone;
  const asked = { ...wish, freshDecoder: true, signal };
  const { watch, log } = await openWatch(rooms, asked, peer, "websocket");
  log("watch-start");
  const { ticker, limits } = rooms;
  const viewer = new SocketViewer(socket, watch, ticker, limits.watcherStallMs);
  inbox.closed.then(() => viewer.leave());
  const reason = await viewer.done;
  watch.leave();
  log("watch-end", { bytes: watch.cursor.sentBytes, reason });
}

/** Milliseconds that a viewer waits for a stream that has just begun to tell what it carries. */
const SETTLE_MS = 2000;

/** One viewer: moves slices from a cursor to a socket as long as the socket has room. */
class SocketViewer implements Tickable, StalledWatcher {
  readonly done: Promise<string>;
  readonly #socket: WebSocket;
  readonly #watch: Watcher;
  readonly #ticker: Ticker;
  readonly #stallMs: number;
  readonly #settle: (why: string) => void;
  #over = false;
  #begun = 0;
  #held = false;
  #drain: ReturnType<typeof setTimeout> | undefined;
  /** The ticker's time at which the socket was last seen to take bytes while it was full. */
  #moved = 0;
  #buffered = Infinity;
  /** Bytes in the socket that the memory of all has been told of. */
  #counted = 0;
  #told: number;
  readonly #since: number;
  #settling = false;

  constructor(
    socket: WebSocket,
    watch: Watcher,
    ticker: Ticker,
    stallMs: number,
  ) {
    this.#socket = socket;
    this.#watch = watch;
    this.#ticker = ticker;
    this.#stallMs = stallMs;
    this.#told = ticker.now;
    this.#since = ticker.now;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.done = promise;
    this.#settle = resolve;
    ticker.add(this);
    watch.cursor.memory.addWatcher(this);
    tell(socket, { type: "ok" });
    this.#step();
  }

  /** The socket has closed. */
  leave(): void {
    this.#end("the viewer left");
  }

  tick(): void {
    const { now } = this.#ticker;
    const waits = this.#drain !== undefined;
    const why = waits &&
      this.#ticker.overrun("took no byte", this.#moved, this.#stallMs);
    if (why) return this.cut(why);
    this.#count(this.#socket.bufferedAmount);
    if (this.#settling) this.#step();
    if (now - this.#told < STATUS_MS) return;
    this.#told = now;
    this.#tellStatus();
  }

  /** Milliseconds that its socket has been full without a movement. */
  get stalledMs(): number {
    return this.#drain === undefined ? 0 : this.#ticker.now - this.#moved;
  }

  /** What waits in its socket. */
  get heldBytes(): number {
    return this.#counted;
  }

  /** Closes the socket of a viewer that takes nothing. */
  cut(why: string): void {
    this.#close(TOO_SLOW, why);
  }

  #count(bytes: number): void {
    this.#watch.cursor.memory.change("unsent", bytes - this.#counted);
    this.#counted = bytes;
  }

  #tellStatus(): void {
    const { channel } = this.#watch;
    const held = channel.state === "held";
    if (held && !this.#held) tell(this.#socket, { type: "held" });
    this.#held = held;
    const { watchers, arrivals } = channel;
    const age = arrivals.age(channel.now());
    tell(this.#socket, { type: "status", watchers, age });
  }

  readonly #step = (): void => {
    this.#drain = undefined;
    while (!this.#over) {
      if (this.#isFull()) return;
      const bytes = this.#watch.cursor.next();
      if (bytes === "wait") return this.#watch.cursor.park(this.#step);
      if (bytes === "end") return this.#close(ENDED, "the channel ended");
      if (this.#watch.cursor.begun !== this.#begun) {
        if (!this.#isKnown()) return this.#watch.cursor.park(this.#step);
        this.#tellStream();
      }
      this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
      this.#watch.cursor.advance(bytes.length);
      this.#count(this.#socket.bufferedAmount);
    }
  };

  /** Tells whether the socket has no room; then it is looked at again soon. */
  #isFull(): boolean {
    const buffered = this.#socket.bufferedAmount;
    const { isShort } = this.#watch.cursor.memory;
    if (buffered < (isShort ? SHORT_BUFFERED_BYTES : MAX_BUFFERED_BYTES)) {
      this.#buffered = Infinity;
      return false;
    }
    // More than before is no movement: the status messages wait behind the media.
    if (buffered < this.#buffered) this.#moved = this.#ticker.now;
    this.#buffered = buffered;
    this.#drain = setTimeout(this.#step, DRAIN_MS);
    return true;
  }

  /** Tells whether it can be said what follows; a stream that has just begun is given a moment. */
  #isKnown(): boolean {
    const { info } = this.#watch.cursor;
    this.#settling = (info === undefined || info.codecs.length === 0) &&
      info?.container !== "raw" && !this.#watch.channel.ended &&
      this.#ticker.now - this.#since < SETTLE_MS;
    return !this.#settling;
  }

  /** Says what the bytes that follow are: at the beginning, and wherever decoding begins anew. */
  #tellStream(): void {
    this.#begun = this.#watch.cursor.begun;
    const { channel } = this.#watch;
    const { info } = this.#watch.cursor;
    const gap = channel.arrivals.gap(channel.now());
    tell(this.#socket, {
      ...{ type: "stream", container: "raw", codecs: [] },
      ...info,
      gap,
    });
  }

  #close(code: number, why: string): void {
    closeSocket(this.#socket, code, why);
    this.#end(why);
  }

  #end(why: string): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#drain);
    this.#watch.cursor.unpark(this.#step);
    this.#ticker.delete(this);
    this.#watch.cursor.memory.deleteWatcher(this);
    this.#count(0);
    this.#settle(why);
  }
}
