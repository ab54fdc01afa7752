import { spliceLead } from "../media/splice.ts";
import type { MediaInfo } from "../media/tracker.ts";
import type { Channel } from "./channel.ts";
import type { Epoch } from "./epoch.ts";
import type { Join } from "./join_index.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import { newestJoin, oldestJoin, type Pick, picker } from "./pick.ts";
import type { StartOptions } from "./join_options.ts";

export type { StartOptions };

/** What a watcher's decoder was opened with; without `init`: the broadcast's own first bytes. */
interface Opened {
  readonly epoch: Epoch;
  readonly init: Uint8Array | undefined;
}

const NOTHING = new Uint8Array();

/** Zeros that stand for bytes that are gone, sent piece by piece. */
const FILLER = new Uint8Array(64 * 1024);
/**
 * Zeros that complete a unit whose end is gone, at most: four seconds of 32 Mbit/s, the longest fragment
 * to be expected. Where more is missing, its watcher had better start anew.
 */
const MAX_FILLER_BYTES = 16 * 1024 * 1024;

/** Bytes of the copies given in the place of views when memory is short: views keep whole segments. */
const SHORT_COPY_BYTES = 16 * 1024;

/**
 * One watcher's place in a channel's log: not a queue, but an offset, so that a slow watcher costs no
 * more than a quick one and a busy moment coalesces by itself.
 *
 * A watcher that lags by more than the channel allows goes on at the newest join point. It leaves the
 * stream where another join point begins, so that its decoder never sees half a unit. When the log's
 * tail passes it before it gets there, the unit it is in is lost: decoders of most containers find the
 * next one by themselves; for the others what is gone is replaced by as many zeros.
 */
export class Cursor {
  readonly #channel: Channel;
  readonly #freshDecoder: boolean;
  #epoch: Epoch;
  #pick: Pick;
  /** Head of the log when the watcher came: of a broadcast that begins behind it, it gets every byte. */
  #since: number;
  /** Zeros to send before anything else. */
  #filler = 0;
  /** Where the stream was left, until it is entered again. */
  #left: number | undefined;
  /** Sent before anything at the offset: reset, init and prefix. */
  #lead: Uint8Array[] = [];
  #offset: number | undefined;
  #opened: Opened | undefined;
  /** Bytes that the watcher may lag; it shrinks as a watcher that began far back catches up. */
  #maxLag = Infinity;
  #cannotFollow = false;
  /** Offset in the log of the slice that was given last, as long as it may be held. */
  heldFrom: number | undefined;
  /** How often decoding began anew. */
  begun = 0;
  /** Bytes of the lead and the log that have been taken. */
  sentBytes = 0;
  /** How often the watcher was too slow and went on at a newer join point. */
  skips = 0;
  /** Bytes of the log that it lost by that. */
  skippedBytes = 0;

  /**
   * Puts a watcher into a channel.
   *
   * @param channel The channel to watch.
   * @param options Where to begin.
   * @param since Offset of the log's head when the watcher came, 0 when that was before the channel
   * was there. A broadcast that begins at or behind it is sent from its first byte on, as it is.
   */
  constructor(
    channel: Channel,
    options: StartOptions,
    since: number | undefined = channel.log.last,
  ) {
    this.#channel = channel;
    this.#freshDecoder = options.freshDecoder ?? false;
    this.#epoch = channel.epoch;
    this.#pick = picker(options.start, options.burst ?? channel.burst, since);
    this.#since = since;
    this.#begin(); // Now, if possible: what comes before the first write is the watcher's too.
  }

  /** What the broadcast that is being sent carries, as far as is known. */
  get info(): MediaInfo | undefined {
    return this.#epoch.info;
  }

  /** What all may hold. */
  get memory(): MemoryBudget {
    return this.#channel.memory;
  }

  /** Whether it may hold a slice that its channel's log has dropped. */
  get holdsDropped(): boolean {
    return (this.heldFrom ?? Infinity) < this.#channel.log.first;
  }

  /** Whether the end came because its decoder could not follow the newest broadcast. */
  get cannotFollow(): boolean {
    return this.#cannotFollow;
  }

  /**
   * The next bytes to send: as many as lie contiguously, without a copy.
   *
   * @returns A slice that stays valid, `wait` when there is nothing yet (park the watcher), or `end`
   * when there will be nothing more.
   */
  next(): Uint8Array | "wait" | "end" {
    if (this.#filler > 0) return FILLER.subarray(0, this.#filler);
    if (this.#lead.length > 0) return this.#lead[0]!;
    if (this.#offset === undefined && !this.#begin()) {
      return this.#channel.ended || this.#cannotFollow ? "end" : "wait";
    }
    if (this.#lead.length > 0) return this.#lead[0]!;
    return this.#nextOfLog(this.#offset!);
  }

  /**
   * Moves on behind bytes that have been sent.
   *
   * @param count How many bytes of what `next` gave.
   */
  advance(count: number): void {
    this.heldFrom = undefined;
    this.sentBytes += count;
    this.#channel.totals.sentBytes += count;
    const lead = this.#lead[0];
    if (this.#filler > 0) this.#filler -= count;
    else if (!lead) this.#offset! += count;
    else if (count < lead.length) this.#lead[0] = lead.subarray(count);
    else this.#lead.shift();
  }

  /** Calls `wake` once when `next` may have more to say. */
  park(wake: () => void): void {
    this.#channel.park(wake);
  }

  /** Takes back a {@linkcode Cursor.park}. */
  unpark(wake: () => void): void {
    this.#channel.unpark(wake);
  }

  #nextOfLog(offset: number): Uint8Array | "wait" | "end" {
    const { log } = this.#channel;
    if (offset < log.first) return this.#skip(offset);
    const { end } = this.#epoch;
    if (offset === end) return this.#crossOver();
    const border = this.#border(offset);
    if (border === offset) return this.#skip(offset);
    const bytes = log.read(offset);
    if (bytes.length === 0) return "wait";
    const limit = Math.min(end ?? Infinity, border) - offset;
    return this.#give(offset, bytes, limit);
  }

  #give(offset: number, bytes: Uint8Array, limit: number): Uint8Array {
    if (this.#channel.memory.isShort) {
      return bytes.slice(0, Math.min(limit, SHORT_COPY_BYTES));
    }
    this.heldFrom = offset;
    return bytes.length > limit ? bytes.subarray(0, limit) : bytes;
  }

  /** Where a watcher that lags too much is to leave the stream; Infinity for all others. */
  #border(offset: number): number {
    const lag = this.#channel.log.last - offset;
    if (lag <= this.#maxLag || this.#channel.isLate()) {
      // A watcher that began far back may lag as it did, but must not fall back again.
      this.#maxLag = Math.max(this.#channel.maxLag, lag);
      return Infinity;
    }
    const { joins } = this.#epoch;
    const join = joins.leavingAt(offset);
    return !join || join === joins.newest ? Infinity : join.leave;
  }

  #begin(): boolean {
    while (this.#epoch.base < this.#since && this.#epoch.next) {
      this.#epoch = this.#epoch.next;
    }
    if (!this.#opened && this.#epoch.base >= this.#since) {
      return this.#beginAt(this.#epoch.base, [], undefined);
    }
    const join = this.#cannotFollow ? undefined : this.#findJoin();
    if (!join || this.#isUndecided(join)) return false;
    const lead = this.#leadTo(join);
    if (!lead) {
      this.#cannotFollow = true;
      return false;
    }
    const isRunning = this.#opened !== undefined && !this.#freshDecoder;
    const reset = isRunning ? join.reset : undefined;
    return this.#beginAt(
      join.offset,
      [reset ?? NOTHING, lead, join.prefix ?? NOTHING],
      join.init,
    );
  }

  /** The join point to begin at, in this broadcast or, if it is over without one, in a later one. */
  #findJoin(): Join | undefined {
    for (;;) {
      const { end, next } = this.#epoch;
      const held = end !== undefined && !next && !this.#channel.ended;
      // What a held channel last sent is past; who comes now waits for the broadcaster to come back.
      const join = held && !this.#opened ? undefined : this.#pick(this.#epoch);
      if (join && join.offset >= this.#channel.log.first) return join;
      if (!next) return undefined;
      this.#epoch = next;
    }
  }

  /**
   * Whether it is still to be told if the decoder can follow the broadcast that it is to cross over to:
   * the codecs of its sound may become known later than its first join point, but not than its second.
   */
  #isUndecided(join: Join): boolean {
    const { info, joins, end } = this.#epoch;
    const crosses = this.#opened && this.#opened.epoch !== this.#epoch;
    return crosses === true && !this.#freshDecoder && end === undefined &&
      (this.#opened?.epoch.info?.codecs.length ?? 0) > 0 &&
      info?.codecs.length === 0 && join === joins.newest;
  }

  #beginAt(
    offset: number,
    lead: Uint8Array[],
    init: Uint8Array | undefined,
  ): true {
    this.#lead = lead.filter((part) => part.length > 0);
    this.#offset = offset;
    this.#opened = { epoch: this.#epoch, init };
    this.#maxLag = Math.max(
      this.#channel.maxLag,
      this.#channel.log.last - offset,
    );
    this.skippedBytes += offset - (this.#left ?? offset);
    this.#left = undefined;
    this.begun++;
    return true;
  }

  /** What the decoder needs before a join point: all for a new one, what has changed for an old one. */
  #leadTo(join: Join): Uint8Array | undefined {
    const opened = this.#opened;
    if (!opened || this.#freshDecoder) return join.init;
    const after = { info: this.#epoch.info, init: join.init, time: join.time };
    if (opened.epoch === this.#epoch) {
      if (opened.init === undefined || opened.init === join.init) {
        return NOTHING;
      }
      const before = { ...after, init: opened.init, time: undefined };
      return spliceLead(before, after) ?? join.init;
    }
    const { info, init, time } = opened.epoch;
    return spliceLead({ info, init, time }, after);
  }

  #skip(from: number): Uint8Array | "wait" | "end" {
    this.skips++;
    this.#channel.skips++;
    this.#channel.totals.skips++;
    this.#complete(from);
    this.#pick = newestJoin;
    this.#since = this.#channel.log.last;
    this.#offset = undefined;
    this.#left = from;
    // Who was sent a broadcast from its first byte on, and not as far as its media, has seen no init.
    const { firstJoin = Infinity } = this.#epoch;
    if (this.#opened?.init === undefined && from <= firstJoin) {
      this.#opened = undefined;
    }
    return this.next();
  }

  /** Completes the unit in which the stream is left, where a decoder would take what follows for its rest. */
  #complete(from: number): void {
    const { base, borders, firstJoin = Infinity, end = Infinity } = this.#epoch;
    if (this.#freshDecoder || borders.isEmpty || from === base) return;
    const missing = (borders.at(from) ?? end) - from;
    const inHeader = from < firstJoin && missing > 0;
    if (inHeader || missing > MAX_FILLER_BYTES) this.#cannotFollow = true;
    else this.#filler = missing;
  }

  #crossOver(): Uint8Array | "wait" | "end" {
    if (!this.#epoch.next) return this.#channel.ended ? "end" : "wait";
    this.#epoch = this.#epoch.next;
    this.#pick = oldestJoin;
    this.#offset = undefined;
    return this.next();
  }
}
