import { concat } from "@std/bytes";
import type { Position } from "../wire/position.ts";
import type { StreamHints } from "../media/tracker_for.ts";
import type {
  JoinPoint,
  MediaInfo,
  Tracker,
  TrackerFactory,
} from "../media/tracker.ts";
import { BoundaryList } from "./boundary_list.ts";
import { ClockJumps } from "./clock_jumps.ts";
import { type Join, JoinIndex } from "./join_index.ts";

/**
 * Milliseconds after which a stream that is not recognised yet is taken for what it looks like: longer
 * than the first bytes of any container take, short enough for a watcher that joins a trickle of text.
 */
const DECIDE_MS = 500;

/** Bytes of a broadcast's id: 128 random bits, so that ids never collide and cannot be guessed. */
const ID_BYTES = 16;

/** Bytes of the secret that continues a broadcast: 128 random bits. */
const SECRET_BYTES = 16;

/** Bytes that a stream was opened with before it was continued here, at most: as many as an init segment may have. */
const MAX_PRIMED_BYTES = 1024 * 1024;

/** The container whose streams may follow each other, each with a clock of its own (RFC 3533 §4). */
const CHAINED = "ogg";

/** Called for each corruption in a broadcast's media, with how many there were so far. */
export type OnCorruption = (what: string, count: number) => void;

/** Called for each place where decoding can start; `isClean` is whether it starts without faults. */
export type OnJoin = (join: Join, info: MediaInfo, isClean: boolean) => void;
/** Where a broadcast that another server received is entered. */
export interface Entry {
  /** The broadcast's id. */
  readonly id: string;
  /** Offset in the broadcast of the first byte that will be appended. */
  readonly from: number;
  /** What the tracker is shown before that byte: the init segment and the prefix of its join point. */
  readonly lead: Uint8Array;
  /** Whether decoding can start at that byte, behind the lead. */
  readonly isJoin: boolean;
}

/** What a broadcast consists of. */
export interface BroadcastOptions {
  /** Offset in the channel's log of the first byte that will be appended. */
  readonly begin: number;
  /** Where it is entered; default: at its first byte, and it is a new one. */
  readonly entry?: Entry | undefined;
  /** Creates the tracker that watches its bytes. */
  readonly tracker: TrackerFactory;
  /** What its broadcaster said of it. */
  readonly hints?: StreamHints | undefined;
  /** Where the broadcast stopped that this one continues. */
  readonly continues?: Position | undefined;
  /** Seconds that watchers are held after its clean end; default 0. */
  readonly hold?: number;
  /** Milliseconds on the hub's clock. */
  readonly now: () => number;
  /** Called for each corruption. */
  readonly onCorruption?: OnCorruption | undefined;
  /** Called for each join point. */
  readonly onJoin?: OnJoin | undefined;
}

/**
 * One run of a channel: where it lies in the log, and where it can be joined. A broadcaster that comes
 * back to a held channel starts the next broadcast; watchers go from one to the other.
 */
export class Broadcast {
  /** Identifies the broadcast in logs, lists and positions: hexadecimal, unique for all time. */
  readonly id: string;
  /** What a broadcaster shows to continue the broadcast on another connection: hexadecimal. */
  secret: string = crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toHex();
  /** Offset in the channel's log of its first byte; before the log's own first one if it was entered later. */
  readonly base: number;
  /** Offset in the channel's log of the first byte of it that was appended. */
  readonly begin: number;
  /** Where it was entered, if another server received it. */
  readonly entry: Entry | undefined;
  /** What its broadcaster said of it. */
  readonly hints: StreamHints | undefined;
  /** Where the broadcast stopped that this one continues, so that its first byte may be in the middle of a unit. */
  readonly continues: Position | undefined;
  /** Seconds that watchers are held after its clean end, whichever connection brings that. */
  readonly hold: number;
  /** Bytes received of it, which is the offset of its next byte. */
  receivedBytes = 0;
  /** What {@linkcode Broadcast.prime} has shown, if it is short enough to be shown again. */
  primed: Uint8Array = new Uint8Array();
  /** Offset behind its last byte, once it has ended, and behind the zeros that complete its last unit. */
  end: number | undefined;
  /** Offset behind its last received byte, where zeros follow it. */
  mediaEnd: number;
  /** Offset in the channel's log of its first join point. */
  firstJoin: number | undefined;
  /** The broadcast that followed it. */
  next: Broadcast | undefined;
  /** Where its units end; empty for containers whose decoders find the next unit on their own. */
  readonly boundaries: BoundaryList = new BoundaryList();
  /** What it carries, as far as is known. */
  info: MediaInfo | undefined;
  /** How often its media was corrupt. */
  corruptions = 0;
  /** Where its timestamps jumped. */
  readonly clockJumps: ClockJumps = new ClockJumps();
  #tracker: Tracker | undefined;
  /** Offset in the channel's log of the tracker's first byte. */
  #trackerBase: number;
  readonly #now: () => number;
  readonly #onJoin: OnJoin | undefined;
  readonly #joins = new JoinIndex();
  /** Where it can be joined as long as no join point is in the backlog. */
  readonly #fallbackJoins = new JoinIndex();
  #firstByteAt: number | undefined;
  /** Milliseconds since another server received the bytes that the tracker is looking at. */
  #age = 0;
  #init: Uint8Array = new Uint8Array();
  #finalTime: number | undefined;

  /** Opens a broadcast. */
  constructor(options: BroadcastOptions) {
    const { begin, entry, tracker, now, continues, hold = 0, onCorruption } =
      options;
    this.id = entry?.id ??
      crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
    this.entry = entry;
    this.hints = options.hints;
    this.begin = this.#trackerBase = begin;
    this.receivedBytes = entry?.from ?? 0;
    this.base = begin - this.receivedBytes;
    this.mediaEnd = Infinity;
    this.continues = continues;
    this.hold = hold;
    this.#now = now;
    this.#onJoin = options.onJoin;
    const corrupt = (what: string): void => {
      this.corruptions++;
      onCorruption?.(what, this.corruptions);
    };
    this.#tracker = tracker({
      init: (bytes) => this.#init = bytes,
      join: (point) => {
        if (!this.#add(this.#joins, point)) return;
        this.firstJoin ??= this.#trackerBase + point.offset;
      },
      fallbackJoin: (point) => void this.#add(this.#fallbackJoins, point),
      boundary: (offset, units) => {
        const at = this.#trackerBase + offset;
        if (at >= begin) this.boundaries.add(at, units);
      },
      info: (info) => this.info = info,
      corruption: corrupt,
      giveUp: corrupt,
    });
    if (entry) this.prime(entry.lead);
  }

  /** Adds a join point, unless it is in what the tracker was primed with and not where it was entered. */
  #add(joins: JoinIndex, point: JoinPoint): boolean {
    const before = this.begin - this.#trackerBase;
    const isEntry = point.offset < before;
    if (isEntry && !this.entry?.isJoin) return false;
    if (isEntry && joins.newest) return false;
    // Some containers report the parameter sets that the lead consists of.
    const at = isEntry ? { ...point, offset: before, leave: before } : point;
    joins.add(at, this.#trackerBase, this.#init, this.#now() - this.#age);
    if (joins === this.#joins) {
      this.clockJumps.join(joins.newest!, this.info?.container === CHAINED);
    }
    if (this.info) {
      this.#onJoin?.(joins.newest!, this.info, joins === this.#joins);
    }
    return true;
  }

  /** Whether its first byte was appended, and opens the stream. */
  get isWhole(): boolean {
    return this.begin === this.base && !this.continues;
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.end !== undefined;
  }

  /** Where it can be joined. */
  get joins(): JoinIndex {
    return this.#joins.newest ? this.#joins : this.#fallbackJoins;
  }

  /** Average seconds between the places where it can be joined; `undefined` while that is not known. */
  get joinInterval(): number | undefined {
    const { at } = this.clockJumps;
    return this.#joins.interval(at) ?? this.#fallbackJoins.interval(at);
  }

  /** Removes the join points whose bytes are gone, those before offset `first` of the log. */
  trim(first: number): void {
    this.#joins.trim(first);
    this.#fallbackJoins.trim(first);
  }

  /** The current init segment. */
  get init(): Uint8Array {
    return this.#init;
  }

  /** Seconds on the media's clock of the newest media, if it has a clock. */
  get time(): number | undefined {
    return this.#tracker ? this.#tracker.time : this.#finalTime;
  }

  /**
   * Shows the tracker the next bytes.
   *
   * @param age Milliseconds since another server received them.
   */
  push(bytes: Uint8Array, age = 0): void {
    this.#firstByteAt ??= this.#now();
    this.#age = age;
    this.receivedBytes += bytes.length;
    this.#tracker?.push(bytes);
  }

  /** Takes a stream for what it looks like if it has not been recognised for long enough. */
  settle(): void {
    if (this.info || this.#firstByteAt === undefined) return;
    if (this.#now() - this.#firstByteAt >= DECIDE_MS) this.#tracker?.decide?.();
  }

  /** Ends it; `end` is the offset in the channel's log behind its last byte. */
  close(end: number): void {
    this.#tracker?.decide?.();
    this.end = end;
  }

  /** Continues it after it was closed, if nothing has followed it. */
  reopen(): void {
    this.end = undefined;
  }

  /**
   * Shows the tracker what opened the stream, before the first byte of a broadcast that continues another: it is
   * no part of the stream.
   */
  prime(bytes: Uint8Array): void {
    if (this.#firstByteAt !== undefined) return;
    this.#trackerBase -= bytes.length;
    const all = this.primed.length + bytes.length;
    if (!this.entry && all <= MAX_PRIMED_BYTES) {
      this.primed = concat([this.primed, bytes]);
    }
    this.#tracker?.push(bytes);
  }

  /** Releases the tracker of a broadcast that has ended; its join points stay. */
  releaseTracker(): void {
    this.#finalTime = this.#tracker?.time;
    this.#tracker = undefined;
  }

  /** Where a watcher starts that wants `seconds` of media at once. */
  back(seconds: number): Join | undefined {
    return this.joins.back(seconds, this.time, this.#now());
  }

  /** Bytes that are missing from the unit in which the broadcast broke off. */
  get missingBytes(): number {
    return this.#tracker?.missingBytes ?? 0;
  }

  /** Bytes that the tracker and the join points hold. */
  get heldBytes(): number {
    return (this.#tracker?.heldBytes ?? 0) + this.#joins.heldBytes +
      this.#fallbackJoins.heldBytes;
  }
}
