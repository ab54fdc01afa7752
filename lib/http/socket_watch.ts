import type { Watch } from "../hub/hub.ts";
import type { WatchRequest } from "../protocol/messages.ts";
import type { Sweep, Swept } from "../sweep.ts";
import {
  authorize,
  type HttpRooms,
  sessionLog,
  type Visitor,
} from "./rooms.ts";
import { closeSocket } from "./socket.ts";

/**
 * Bytes that may wait in a socket. What does not fit waits in the channel's log, where it costs
 * nothing; two of the log's slices keep a quick viewer busy.
 */
const MAX_BUFFERED_BYTES = 512 * 1024;

/** Milliseconds between two looks at a socket that was full: a tenth of what a viewer would notice. */
const DRAIN_MS = 20;

/** Milliseconds between two messages that tell the viewer how the channel stands. */
const STATUS_MS = 1000;

/** Close code of a viewer that takes no byte. */
const TOO_SLOW = 4008;

/**
 * Sends a channel to a WebSocket: texts in JSON that tell what follows, binary messages of media.
 *
 * @returns When it is over.
 */
export async function watchBySocket(
  rooms: HttpRooms,
  socket: WebSocket,
  wish: WatchRequest,
  visitor: Visitor,
): Promise<void> {
  const { user, channel } = wish;
  const { remote } = visitor;
  await authorize(rooms, {
    verb: "watch",
    user,
    channel,
    remote,
    door: "websocket",
  });
  const gone = new AbortController();
  socket.onclose = (): void => gone.abort();
  const watch = await rooms.hub.watch({
    ...wish,
    freshDecoder: true,
    signal: gone.signal,
  });
  const log = sessionLog(rooms, { user, channel, remote });
  log("watch-start");
  const viewer = new SocketViewer(
    socket,
    watch,
    rooms.sweep,
    rooms.limits.watcherStallMs,
  );
  const why = await viewer.done;
  watch.leave();
  log("watch-end", { bytes: watch.cursor.sentBytes, reason: why });
}

/** One viewer: moves slices from a cursor to a socket as long as the socket has room. */
class SocketViewer implements Swept {
  readonly done: Promise<string>;
  readonly #socket: WebSocket;
  readonly #watch: Watch;
  readonly #sweep: Sweep;
  readonly #stallMs: number;
  readonly #settle: (why: string) => void;
  #over = false;
  #begun = 0;
  #held = false;
  #drain: ReturnType<typeof setTimeout> | undefined;
  /** The sweep's time at which the socket was last seen to take bytes while it was full. */
  #moved = 0;
  #buffered = 0;
  #told: number;

  constructor(socket: WebSocket, watch: Watch, sweep: Sweep, stallMs: number) {
    this.#socket = socket;
    this.#watch = watch;
    this.#sweep = sweep;
    this.#stallMs = stallMs;
    this.#told = sweep.now;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.done = promise;
    this.#settle = resolve;
    sweep.add(this);
    socket.onclose = (): void => this.#end("the viewer left");
    this.#tell({ type: "ok" });
    this.#step();
  }

  sweep(): void {
    if (
      this.#drain !== undefined &&
      this.#sweep.ranOut(this.#moved, this.#stallMs)
    ) {
      return this.#close(
        TOO_SLOW,
        `took no byte for ${this.#stallMs / 1000} s`,
      );
    }
    if (this.#sweep.now - this.#told < STATUS_MS) return;
    this.#told = this.#sweep.now;
    const { channel } = this.#watch;
    const held = channel.state === "held";
    if (held && !this.#held) this.#tell({ type: "held" });
    this.#held = held;
    const age = channel.arrivals.age(channel.now());
    this.#tell({ type: "status", watchers: channel.watchers, age });
  }

  readonly #step = (): void => {
    this.#drain = undefined;
    while (!this.#over) {
      if (this.#isFull()) return;
      const bytes = this.#watch.cursor.next();
      if (bytes === "wait") return this.#watch.cursor.park(this.#step);
      if (bytes === "end") return this.#close(1000, "the channel ended");
      if (this.#watch.cursor.begun !== this.#begun) this.#tellStream();
      this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
      this.#watch.cursor.advance(bytes.length);
    }
  };

  /** Tells whether the socket has no room; then it is looked at again soon. */
  #isFull(): boolean {
    const buffered = this.#socket.bufferedAmount;
    if (buffered < MAX_BUFFERED_BYTES) {
      this.#buffered = 0;
      return false;
    }
    if (buffered !== this.#buffered) this.#moved = this.#sweep.now;
    this.#buffered = buffered;
    this.#drain = setTimeout(this.#step, DRAIN_MS);
    return true;
  }

  /** Says what the bytes that follow are: at the beginning, and wherever decoding begins anew. */
  #tellStream(): void {
    this.#begun = this.#watch.cursor.begun;
    const { channel } = this.#watch;
    const { info } = this.#watch.cursor;
    const gap = channel.arrivals.gap(channel.now());
    this.#tell({ type: "stream", container: "raw", codecs: [], ...info, gap });
  }

  #tell(message: Readonly<Record<string, unknown>>): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
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
    this.#sweep.delete(this);
    this.#settle(why);
  }
}
