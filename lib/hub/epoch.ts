import type { MediaInfo, Tracker, TrackerFactory } from "../media/tracker.ts";
import { BorderList } from "./border_list.ts";
import { JoinIndex } from "./join_index.ts";

/**
 * Milliseconds after which a stream that is not recognised yet is taken for what it looks like: longer
 * than any container's first bytes take, short enough for who joins a trickle of text.
 */
const DECIDE_MS = 500;

/** What a broadcast's tracker tells of corruption. */
export type OnCorruption = (what: string) => void;

/**
 * One broadcast within a channel: from where in the log it runs, and where one can join it. A
 * broadcaster who comes back to a held channel opens the next epoch; watchers walk from one to the
 * other.
 */
export class Epoch {
  /** Offset in the channel's log of the broadcast's first byte. */
  readonly base: number;
  /** Offset just behind its last byte, once it has ended. */
  end: number | undefined;
  /** Offset in the channel's log of its first join point. */
  firstJoin: number | undefined;
  /** The broadcast that took over. */
  next: Epoch | undefined;
  /** Where it can be joined. */
  readonly joins: JoinIndex = new JoinIndex();
  /** Where its units end; empty where decoders find the next unit by themselves. */
  readonly borders: BorderList = new BorderList();
  /** What it carries, as far as is known. */
  info: MediaInfo | undefined;
  /** How often its media was found corrupted. */
  corruptions = 0;
  readonly #tracker: Tracker;
  readonly #now: () => number;
  #firstByteAt: number | undefined;
  #init: Uint8Array = new Uint8Array();

  /**
   * Opens a broadcast.
   *
   * @param base Offset in the channel's log of the first byte.
   * @param factory Makes the tracker that watches the bytes.
   * @param now Milliseconds on the hub's clock.
   * @param onCorruption Told of each corruption.
   */
  constructor(
    base: number,
    factory: TrackerFactory,
    now: () => number,
    onCorruption: OnCorruption,
  ) {
    this.base = base;
    this.#now = now;
    const corruption = (what: string): void => {
      this.corruptions++;
      onCorruption(what);
    };
    this.#tracker = factory({
      init: (bytes) => this.#init = bytes,
      join: (point) => {
        this.firstJoin ??= base + point.offset;
        this.joins.add(point, base, this.#init, now());
      },
      boundary: (offset) => this.borders.add(base + offset),
      info: (info) => this.info = info,
      corruption,
      giveUp: corruption,
    });
  }

  /** The init bytes in force. */
  get init(): Uint8Array {
    return this.#init;
  }

  /** Seconds on the media's clock of the newest media, where there is one. */
  get time(): number | undefined {
    return this.#tracker.time;
  }

  /** Shows the tracker the next bytes. */
  push(bytes: Uint8Array): void {
    this.#firstByteAt ??= this.#now();
    this.#tracker.push(bytes);
  }

  /**
   * Takes a stream that is not recognised for what it looks like, once it has been there for long
   * enough; without effect on any other.
   */
  settle(): void {
    if (this.info || this.#firstByteAt === undefined) return;
    if (this.#now() - this.#firstByteAt >= DECIDE_MS) this.#tracker.decide?.();
  }

  /**
   * Ends it.
   *
   * @param end Offset in the channel's log just behind its last byte.
   */
  close(end: number): void {
    this.#tracker.decide?.();
    this.end = end;
  }

  /** Where a watcher who wants `seconds` of media at once begins. */
  back(seconds: number): ReturnType<JoinIndex["back"]> {
    return this.joins.back(seconds, this.time, this.#now());
  }

  /** Bytes that complete the unit in which a broadcast broke off. */
  get missingBytes(): number {
    return this.#tracker.missingBytes;
  }

  /** Bytes that the tracker holds. */
  get heldBytes(): number {
    return this.#tracker.heldBytes;
  }
}
