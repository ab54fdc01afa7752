import type { Tickable, Ticker } from "../clock/ticker.ts";
import { messageOf } from "../errors.ts";
import type { StalledWatcher } from "../hub/memory/memory_budget.ts";
import { SEGMENT_BYTES } from "../hub/segment_log.ts";
import type { SliceSource } from "../hub/slice_source.ts";
import type { Connection } from "../net/connection.ts";
import type { SliceFraming } from "./slice_framing.ts";

/** How the sending to a watcher ended. */
export interface SendEnd {
  /** Whether the channel ended and everything was written. */
  readonly complete: boolean;
  /** Otherwise why it stopped. */
  readonly reason?: string;
}

/** How a protocol sends a channel to one watcher. */
export interface SenderOptions {
  /** The watcher's position, or what else is to be sent. */
  readonly cursor: SliceSource;
  /** Where the bytes go. */
  readonly connection: Connection;
  /** Drives the accounting of memory. */
  readonly ticker: Ticker;
  /** Wraps media; default: media goes out as it is. */
  readonly framing?: SliceFraming | undefined;
  /** Wraps bytes that are for the decoder alone; default: like media. */
  readonly leadFraming?: SliceFraming | undefined;
  /**
   * Called before media wherever decoding starts or restarts.
   *
   * @returns Whether media may follow; otherwise it is asked again when there is more.
   */
  readonly onRestart?: (sender: Sender) => boolean;
}

/** Bytes of control messages that may wait for a watcher; more are dropped, since it does not read. */
const MAX_CONTROL_BYTES = 16 * 1024;

const NOTHING = new Uint8Array();

/** Between two frames. */
const NO_FRAME: readonly Uint8Array[] = [];

/**
 * Sends what a cursor gives to a connection: one write in flight, each as large as what lies ready, so that
 * the watcher's own pace is the only one. A connection whose writes stall cuts itself.
 */
export class Sender implements Tickable, StalledWatcher {
  /** Settles when it is over; never rejects. */
  readonly done: Promise<SendEnd>;
  readonly #options: SenderOptions;
  readonly #settle: (end: SendEnd) => void;
  /** Messages between frames. */
  #control: Uint8Array[] = [];
  #controlBytes = 0;
  /** The parts of the frame in progress, which watchers at the same slice share. */
  #frame: readonly Uint8Array[] = NO_FRAME;
  /** Index of the part in progress. */
  #part = 0;
  /** What is left of that part; empty once the log has detached it. */
  #left: Uint8Array = NOTHING;
  /** Bytes of the cursor that the frame in progress carries. */
  #frameMedia = 0;
  /** Bytes that were left of the part when its write began. */
  #partBytes = 0;
  #writing: "media" | "frame" | "control" | undefined;
  /** Whether the next write is being looked for, which must not start another search. */
  #isStepping = false;
  #restarts = 0;
  #over = false;
  /** Why it ends once the frame in progress and the control messages are written. */
  #leaving: string | undefined;
  /** Bytes of the frame in progress that the memory budget knows of. */
  #counted = 0;

  /** Starts to send at once. */
  constructor(options: SenderOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<SendEnd>();
    this.done = promise;
    this.#settle = resolve;
    if (options.framing) options.ticker.add(this);
    options.cursor.memory.addWatcher(this);
    this.#step();
  }

  /** Sends a message between frames; dropped when the watcher does not read those before it. */
  send(message: Uint8Array): void {
    if (this.#over || this.#leaving !== undefined) return;
    if (this.#controlBytes + message.length > MAX_CONTROL_BYTES) return;
    this.#add(message);
  }

  /** Continues after `onRestart` asked to wait. */
  resume(): void {
    if (this.#writing || this.#isStepping || this.#over) return;
    this.#options.cursor.unpark(this.#step);
    this.#step();
  }

  /** Sends one last message, which may be empty, behind the frame in progress, then ends. */
  leave(message: Uint8Array, reason: string): void {
    if (this.#over || this.#leaving !== undefined) return;
    this.#leaving = reason;
    if (message.length > 0) this.#add(message);
    else this.resume();
  }

  /** Ends it at once. */
  stop(reason: string): void {
    this.#end({ complete: false, reason });
  }

  /** Milliseconds that the write in progress has taken. */
  get stalledMs(): number {
    return this.#options.connection.stalledMs;
  }

  /** The segment that the write in progress keeps once the log has dropped it, and copies. */
  get heldBytes(): number {
    const dropped = this.#options.cursor.holdsDropped ? SEGMENT_BYTES : 0;
    return dropped + this.#counted;
  }

  /** Cuts the watcher because memory is short. */
  cut(reason: string): void {
    this.#options.connection.cut(reason);
    this.stop(reason);
  }

  /** Accounts for the copy that a stalled write keeps. */
  tick(): void {
    const stalled = this.#writing === "frame" && this.stalledMs > 0;
    this.#count(stalled ? this.#left.length : 0);
  }

  // Bound once, so that neither a wake-up nor a write allocates a closure.
  readonly #step = (): void => {
    if (this.#over) return;
    this.#isStepping = true;
    const bytes = this.#next();
    this.#isStepping = false;
    if (this.#over) return;
    if (bytes === "wait") return this.#options.cursor.park(this.#step);
    if (bytes === "end") return this.#finish();
    this.#options.connection.write(bytes).then(this.#written, this.#failed);
  };

  #add(message: Uint8Array): void {
    this.#control.push(message);
    this.#controlBytes += message.length;
    this.resume();
  }

  #next(): Uint8Array | "wait" | "end" {
    if (this.#frame !== NO_FRAME) return this.#nextOfFrame();
    if (this.#control.length > 0) {
      return this.#take("control", this.#control[0]!);
    }
    if (this.#leaving !== undefined) return "end";
    const { cursor, framing, onRestart } = this.#options;
    const bytes = cursor.next();
    if (bytes === "wait" || bytes === "end") return bytes;
    if (cursor.begun !== this.#restarts && onRestart) {
      if (!onRestart(this)) return "wait";
      this.#restarts = cursor.begun;
      if (this.#control.length > 0) return this.#next();
    }
    if (!framing) return this.#take("media", bytes);
    const { leadFraming = framing } = this.#options;
    const isLead = cursor.givesLead;
    const { logOffset = 0 } = cursor;
    this.#frame = (isLead ? leadFraming : framing).wrap(bytes, logOffset);
    this.#frameMedia = bytes.length;
    this.#startPart(0);
    return this.#takePart();
  }

  #startPart(index: number): void {
    this.#part = index;
    this.#left = this.#frame[index]!;
  }

  #takePart(): Uint8Array {
    this.#partBytes = this.#left.length;
    return this.#take("frame", this.#left);
  }

  #nextOfFrame(): Uint8Array | "wait" {
    if (this.#left.length > 0) return this.#takePart();
    // The log has detached the slice: the announced bytes will never come.
    this.cut("the rest of its frame was dropped to free memory");
    return "wait";
  }

  #take(kind: "media" | "frame" | "control", bytes: Uint8Array): Uint8Array {
    this.#writing = kind;
    return bytes;
  }

  readonly #written = (count: number): void => {
    const kind = this.#writing;
    this.#writing = undefined;
    if (kind === "media") this.#options.cursor.advance(count);
    else if (kind === "frame") this.#frameWritten(count);
    else {
      this.#controlBytes -= count;
      dropFront(this.#control, count);
    }
    this.#step();
  };

  #finish(): void {
    const reason = this.#leaving;
    this.#end(
      reason === undefined ? { complete: true } : { complete: false, reason },
    );
  }

  #frameWritten(count: number): void {
    // A part that was detached while it was written in part stays, so that the frame is not continued behind it.
    const isDetached = this.#left.length < this.#partBytes;
    if (isDetached && count < this.#partBytes) return;
    if (count < this.#left.length) {
      this.#left = this.#left.subarray(count);
    } else if (this.#part + 1 < this.#frame.length) {
      this.#startPart(this.#part + 1);
    } else {
      this.#frame = NO_FRAME;
      this.#options.cursor.advance(this.#frameMedia);
    }
  }

  readonly #failed = (error: unknown): void => {
    const { cutReason } = this.#options.connection;
    const left = error instanceof Deno.errors.BrokenPipe ||
      error instanceof Deno.errors.ConnectionReset;
    this.stop(cutReason ?? (left ? "the watcher left" : messageOf(error)));
  };

  #count(bytes: number): void {
    if (bytes === this.#counted) return;
    const { memory } = this.#options.cursor;
    memory.change("unsent", bytes - this.#counted);
    this.#counted = bytes;
  }

  #end(end: SendEnd): void {
    if (this.#over) return;
    this.#over = true;
    const { cursor, ticker } = this.#options;
    cursor.unpark(this.#step);
    ticker.delete(this);
    cursor.memory.deleteWatcher(this);
    this.#count(0);
    this.#settle(end);
  }
}

/** Removes bytes from the front of a list of parts, none of which is larger than its first. */
function dropFront(parts: Uint8Array[], count: number): void {
  const [first] = parts;
  if (!first) return;
  if (count < first.length) parts[0] = first.subarray(count);
  else parts.shift();
}
