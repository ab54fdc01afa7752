import type { MediaInfo } from "../media/tracker.ts";
import type { Channel } from "./channel.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Join } from "./join_index.ts";
import { LagLimit } from "./lag_limit.ts";
import { continuation, locate } from "./locate.ts";
import { OpenedDecoder } from "./opened_decoder.ts";
import type { MemoryBudget } from "./memory/memory_budget.ts";
import {
  type FindStart,
  isNew,
  newestJoin,
  oldestJoin,
  startFinder,
} from "./start_point.ts";
import type { JoinOptions } from "./join_options.ts";
import type { Position } from "../wire/position.ts";
import type { SegmentHolder } from "./memory/channel_memory.ts";
import { shortCopy, type SliceSource } from "./slice_source.ts";
import { completeUnit } from "./unit_completion.ts";

const NOTHING = new Uint8Array();

/** Zeros for bytes that are gone, sent piece by piece. */
const FILLER = new Uint8Array(64 * 1024);

/**
 * One watcher's position in a channel's log: an offset, not a queue, so a slow watcher costs no more than
 * a fast one, and writes grow by themselves when the server is busy.
 *
 * A watcher that lags by more than the channel allows continues at the newest join point. It leaves the
 * stream where another join point begins, so that its decoder never sees half a unit. If the log's tail
 * passes it before it gets there, it loses the rest of its current unit: the decoders of most containers
 * find the next unit on their own; for the others the lost bytes are replaced by zeros.
 */
export class Cursor implements SliceSource, SegmentHolder {
  /** The memory budget of all channels. */
  readonly memory: MemoryBudget;
  readonly #channel: Channel;
  readonly #freshDecoder: boolean;
  #broadcast: Broadcast;
  #findStart: FindStart;
  /** A broadcast that begins at or behind this offset is sent from its first byte. */
  #since: number;
  /** Zeros to send before anything else. */
  #filler = 0;
  /** Sent behind the zeros, where decoders insist on the end of a unit. */
  #tail: Uint8Array = NOTHING;
  /** Where the watcher left the stream, until it continues. */
  #left: number | undefined;
  /** What is sent before the bytes at the offset: reset, init and prefix. */
  #lead: Uint8Array[] = [];
  #offset: number | undefined;
  #opened: OpenedDecoder | undefined;
  readonly #lagLimit: LagLimit;
  #cannotFollow = false;
  #lostRest = false;
  /** Whether it has sent everything there was since it started, and takes what is released from now on. */
  #follows = false;
  /** Offset in the log of the last slice, as long as a write may hold it. */
  heldFrom: number | undefined;
  /** How often decoding started: at the join, and at each discontinuity. */
  begun = 0;
  /** Bytes of the lead and the log that were sent. */
  sentBytes = 0;
  /** How often the watcher was too slow and continued at a newer join point. */
  skips = 0;
  /** Bytes of the log that it lost by skips. */
  skippedBytes = 0;
  /** Bytes of the stream that it lost when decoding started last; `undefined` where that is not known. */
  lostBytes: number | undefined = 0;

  /**
   * Places a watcher in a channel.
   *
   * @param options `since` is the offset of the log's head when the watcher came, 0 if it came before the
   *     channel. A broadcast that begins at or behind it is sent unchanged from its first byte.
   */
  constructor(channel: Channel, options: JoinOptions) {
    const { since = channel.log.last, burst = channel.burst } = options;
    this.#channel = channel;
    this.memory = channel.memory;
    this.#lagLimit = new LagLimit(channel);
    this.#freshDecoder = options.freshDecoder ?? false;
    this.#broadcast = channel.broadcast;
    this.#findStart = startFinder(options.start, burst, since);
    this.#since = since;
    if (options.resume) this.#resume(options.resume);
    // At once if possible: what arrives before the first write belongs to the watcher.
    if (this.#offset === undefined) this.#start();
  }

  /** What the broadcast that is being sent carries, as far as is known. */
  get info(): MediaInfo | undefined {
    return this.#broadcast.info;
  }

  /** Whether the next bytes are for the decoder alone: filler, reset, init segment or prefix. */
  get givesLead(): boolean {
    return this.#filler > 0 || this.#lead.length > 0 ||
      (this.#offset ?? 0) >= this.#broadcast.mediaEnd;
  }

  /** Bytes for the decoder that come before the stream's next byte. */
  get leadBytes(): number {
    return this.#lead.reduce((sum, { length }) => sum + length, this.#filler);
  }

  /** The place of the next byte of the stream; `undefined` while it is not known. */
  get position(): Position | undefined {
    if (this.#offset === undefined) return undefined;
    const { id, base, mediaEnd } = this.#broadcast;
    return { id, offset: Math.min(this.#offset, mediaEnd) - base };
  }

  /** Offset in the log of the next byte, or where it left the stream; `undefined` before it starts. */
  get logOffset(): number | undefined {
    return this.#offset ?? this.#left;
  }

  /** Whether a write may hold a slice that the log has dropped. */
  get holdsDropped(): boolean {
    return (this.heldFrom ?? Infinity) < this.#channel.log.first;
  }

  /** Whether it ended because its decoder cannot follow the newest broadcast. */
  get cannotFollow(): boolean {
    return this.#cannotFollow;
  }

  /** Whether `end` means that everything was sent, as far as it was not skipped. */
  get isComplete(): boolean {
    return !this.#cannotFollow && !this.#lostRest;
  }

  /** Why `next` returned `end`, for logs and clients. */
  get endReason(): string {
    if (this.#cannotFollow) {
      return "its decoder cannot follow the new broadcast";
    }
    return this.#lostRest
      ? "the channel ended, and its rest was dropped to free memory"
      : "the channel ended";
  }

  /**
   * The next bytes to send: the largest contiguous slice, without a copy.
   *
   * @returns A slice that stays valid, `wait` when there is nothing yet (park the watcher), or `end`
   *     when nothing more will come.
   */
  next(): Uint8Array | "wait" | "end" {
    if (this.#filler > 0) return FILLER.subarray(0, this.#filler);
    if (this.#lead.length > 0) return this.#lead[0]!;
    if (this.#offset === undefined && !this.#start()) {
      return this.#channel.ended || this.#cannotFollow ? "end" : "wait";
    }
    if (this.#lead.length > 0) return this.#lead[0]!;
    return this.#nextOfLog(this.#offset!);
  }

  /** Moves forward by `count` bytes of the last slice, which have been sent. */
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

  /** Calls `wake` once, when `next` may return something else than `wait`. */
  park(wake: () => void): void {
    this.#channel.park(wake, this.#follows);
  }

  /** Cancels a {@linkcode Cursor.park}. */
  unpark(wake: () => void): void {
    this.#channel.unpark(wake);
  }

  #nextOfLog(offset: number): Uint8Array | "wait" | "end" {
    const { log } = this.#channel;
    if (offset < log.first) return this.#skip(offset);
    const { end, mediaEnd } = this.#broadcast;
    const at = continuation(this.#broadcast, offset);
    if (at !== undefined && !this.#freshDecoder) return this.#continueAt(at);
    // A watcher may be ahead of a broadcast that continues a lost one.
    if (end !== undefined && offset >= end) return this.#crossOver(end);
    const boundary = this.#lagLimit.leavesAt(offset, this.#broadcast);
    if (boundary === offset) return this.#skip(offset);
    if (offset >= (this.#follows ? this.#channel.head : log.last)) {
      this.#follows = true;
      return "wait";
    }
    const bytes = log.read(offset);
    const stop = offset < mediaEnd ? mediaEnd : Infinity;
    const limit = Math.min(end ?? Infinity, boundary, stop) - offset;
    return this.#give(offset, bytes, limit);
  }

  #give(offset: number, bytes: Uint8Array, limit: number): Uint8Array {
    if (this.#channel.memory.isShort) return shortCopy(bytes, limit);
    this.heldFrom = offset;
    return bytes.length > limit ? bytes.subarray(0, limit) : bytes;
  }

  /** Continues where an earlier connection stopped, or leaves the stream there if those bytes are gone. */
  #resume(position: Position): void {
    const { first, last } = this.#channel.log;
    const { broadcast, at = 0 } = locate(position, this.#channel.broadcasts) ??
      {};
    // A broadcaster that continues, or another server, may still have to send what its watchers have.
    const newest = broadcast?.continues || broadcast?.entry ? Infinity : last;
    const end = Math.min(broadcast?.end ?? newest, broadcast?.mediaEnd ?? last);
    if (!broadcast || at > end) {
      this.lostBytes = undefined;
      // A page shows what is live; a pipe wants every byte.
      const wantsAll = !this.#freshDecoder && isNew(this.#channel);
      if (wantsAll) this.#findStart = oldestJoin;
      return;
    }
    const { init } = broadcast.joins.atOrBefore(at) ?? {};
    this.#broadcast = broadcast;
    this.#opened = new OpenedDecoder(broadcast, init);
    if (at < Math.max(first, broadcast.begin)) {
      this.#left = at;
      this.#findStart = newestJoin;
      this.#since = last;
      return;
    }
    this.#startAt(at, [], init);
  }

  #start(): boolean {
    while (this.#broadcast.begin < this.#since && this.#broadcast.next) {
      this.#broadcast = this.#broadcast.next;
    }
    const { begin, isWhole } = this.#broadcast;
    if (!this.#opened && begin >= this.#since && isWhole) {
      return this.#startAt(begin, [], undefined);
    }
    const join = this.#cannotFollow ? undefined : this.#findJoin();
    const running = this.#freshDecoder ? undefined : this.#opened;
    if (!join || running?.isUndecided(this.#broadcast, join)) return false;
    const lead = running ? running.leadTo(this.#broadcast, join) : join.init;
    if (!lead) {
      this.#cannotFollow = true;
      return false;
    }
    const reset = running && join.reset;
    return this.#startAt(
      join.offset,
      [reset ?? NOTHING, lead, join.prefix ?? NOTHING],
      join.init,
    );
  }

  /** The join point to start at, in this broadcast or, if that ended without one, in a later one. */
  #findJoin(): Join | undefined {
    for (;;) {
      const { end, next } = this.#broadcast;
      const held = end !== undefined && !next && !this.#channel.ended;
      // What a held channel sent last is past: a new watcher waits for the next broadcast.
      const join = held && !this.#opened
        ? undefined
        : this.#findStart(this.#broadcast);
      if (join && join.offset >= this.#channel.log.first) return join;
      if (!next) return undefined;
      this.#broadcast = next;
    }
  }

  #startAt(
    offset: number,
    lead: Uint8Array[],
    init: Uint8Array | undefined,
  ): true {
    this.#lead = [this.#tail, ...lead].filter((part) => part.length > 0);
    this.#tail = NOTHING;
    this.#offset = offset;
    this.#follows = false;
    this.#opened = new OpenedDecoder(this.#broadcast, init);
    this.#lagLimit.start(offset);
    const lost = offset - (this.#left ?? offset);
    this.skippedBytes += lost;
    const isUnknown = this.begun === 0 && this.lostBytes === undefined;
    this.lostBytes = isUnknown ? undefined : lost;
    this.#left = undefined;
    this.begun++;
    return true;
  }

  #skip(from: number): Uint8Array | "wait" | "end" {
    const { ended, broadcast } = this.#channel;
    if (ended && !broadcast.joins.newest) {
      this.#lostRest = true;
      return "end";
    }
    this.#countSkip();
    this.#complete(from);
    this.#findStart = newestJoin;
    this.#since = this.#channel.log.last;
    this.#offset = undefined;
    this.#follows = false;
    this.#left = from;
    // A watcher that was sent the start of a broadcast, but no media, has seen no init segment.
    const { firstJoin = Infinity } = this.#broadcast;
    if (this.#opened?.init === undefined && from <= firstJoin) {
      this.#opened = undefined;
    }
    return this.next();
  }

  #countSkip(): void {
    for (const each of [this, this.#channel, this.#channel.totals]) {
      each.skips++;
    }
  }

  /** Completes the current unit, if a decoder would take what follows for its rest. */
  #complete(from: number): void {
    if (this.#freshDecoder) return;
    const completion = completeUnit(this.#broadcast, from);
    this.#cannotFollow ||= completion === undefined;
    this.#filler = completion?.zeros ?? 0;
    this.#tail = completion?.tail ?? NOTHING;
  }

  #continueAt(at: number): Uint8Array | "wait" | "end" {
    this.#broadcast = this.#broadcast.next!;
    this.#startAt(at, [], this.#opened?.init);
    return this.next();
  }

  #crossOver(end: number): Uint8Array | "wait" | "end" {
    const { next } = this.#broadcast;
    if (!next) return this.#channel.ended ? "end" : "wait";
    const isGap = next.id === this.#broadcast.id;
    if (isGap) this.#countSkip();
    this.#left = isGap ? next.base + end - this.#broadcast.base : end;
    this.#broadcast = next;
    this.#findStart = oldestJoin;
    this.#offset = undefined;
    this.#follows = false;
    return this.next();
  }
}
