import { equals } from "@std/bytes";
import type { MediaInfo } from "../media/tracker.ts";
import { type MediaSegment, segmentBytes } from "./media_segment.ts";
import { type Packaging, packagingOf, type SegmentStart } from "./packaging.ts";

/**
 * Seconds that a segment lasts at least: the usual distance of key frames. Players start three segments
 * behind live, so longer ones add three times as much delay, and shorter ones add requests.
 */
export const TARGET_SECONDS = 2;

/** Seconds by which a segment may fall short, so that key frames that jitter are not skipped. */
const TOLERANCE_SECONDS = 0.1;

/** Seconds without a clean join point after which a segment ends at one that shows faults at first. */
const PATIENCE_SECONDS = 2 * TARGET_SECONDS;

/** Seconds between two join points above which the media's clock has jumped rather than run. */
const MAX_STEP_SECONDS = 120;

/** Segments that a playlist lists at least, if there are as many: below three, players stall (RFC 8216 §6.2.2). */
const MIN_LISTED = 3;

/** Seconds that a playlist lists at most; further back is of no use to a player that shows what is live. */
const MAX_LISTED_SECONDS = 60;

/** Segments that are remembered: eight minutes, and a limit for a broadcast that outruns its own clock. */
const MAX_SEGMENTS = 256;

/** Newest segments whose requests tell how many watch: as far behind live as players stay. */
const COUNTED_SEGMENTS = 6;

/**
 * Seconds since 1970 that are 0 in sequence numbers. These begin at the time at which a channel begins, so that
 * they are higher than those before a restart of the server, and still fit the 31 bits of some players.
 */
const SEQUENCE_EPOCH_S = Date.UTC(2026) / 1000;

/** Bytes that a remembered segment takes in addition to its lead. */
const SEGMENT_RECORD_BYTES = 300;

/** The broadcast that is being cut. */
interface Source {
  readonly id: string;
  readonly base: number;
}

/** Where a broadcast has ended. */
export interface Ending {
  /** Offset in the log behind its last byte. */
  readonly end: number | undefined;
  /** Seconds on the media's clock of its newest media. */
  readonly time: number | undefined;
}

/** A segment whose end has not come. */
interface OpenSegment {
  readonly start: SegmentStart;
  readonly packaging: Packaging;
  readonly isDiscontinuous: boolean;
  readonly date: number;
  readonly map: number;
}

/**
 * Cuts the log of a channel into the segments of an HLS playlist, from join point to join point. It only notes
 * offsets: the bytes stay in the log.
 */
export class Segmenter {
  readonly #wallClock: () => number;
  #segments: MediaSegment[] = [];
  #source: Source = { id: "", base: 0 };
  #open: OpenSegment | undefined;
  /** The newest join point of the segment in progress. */
  #latest: SegmentStart | undefined;
  #sequence: number;
  #discontinuity: number;
  /** Whether there has been a segment, so that the next broadcast is a discontinuity. */
  #hasBegun = false;
  /** When the next segment starts by the media's clock, as long as that clock continues. */
  #date: number | undefined;
  /** Number of the current init segment in its broadcast. */
  #map = 0;
  #targetSeconds = TARGET_SECONDS;
  /** Sequence number of the first segment that is listed; it never goes back. */
  #listedFrom = 0;
  /** Offset in the log below which segments were dropped. */
  #droppedTo = 0;

  /** Begins without a segment; `wallClock` returns milliseconds since 1970. */
  constructor(wallClock: () => number = Date.now) {
    this.#wallClock = wallClock;
    this.#sequence = Math.floor(wallClock() / 1000) - SEQUENCE_EPOCH_S;
    this.#discontinuity = this.#sequence;
  }

  /** Seconds that no segment exceeds, rounded; it never shrinks (RFC 8216 §4.3.3.1). */
  get targetSeconds(): number {
    return this.#targetSeconds;
  }

  /** The segments that a playlist lists, oldest first. */
  get listed(): readonly MediaSegment[] {
    return this.#segments.filter(({ sequence }) =>
      sequence >= this.#listedFrom
    );
  }

  /** How many watch: each watcher requests each segment once. */
  get watchers(): number {
    return this.#segments.slice(-COUNTED_SEGMENTS)
      .reduce((most, { requests }) => Math.max(most, requests), 0);
  }

  /** Bits per second of the segment with the most of them; 0 while there is none. */
  get peakBitrate(): number {
    return this.#segments.reduce((peak, segment) => {
      const bits = segmentBytes(segment) * 8;
      return Math.max(peak, Math.ceil(bits / Math.max(segment.seconds, 0.1)));
    }, 0);
  }

  /** Bytes that the segments hold in addition to the log and the init segments. */
  get heldBytes(): number {
    return this.#segments.reduce((sum, { lead, init }) => {
      const own = lead.filter((part) => part !== init);
      return own.reduce(
        (bytes, { length }) => bytes + length,
        sum + SEGMENT_RECORD_BYTES,
      );
    }, 0);
  }

  /**
   * Continues with the next broadcast.
   *
   * @param id Its id.
   * @param base Offset in the log of its first byte.
   */
  begin(id: string, base: number): void {
    this.#source = { id, base };
    this.#open = this.#latest = undefined;
    this.#map = -1;
  }

  /**
   * Takes a join point, where a segment may end and the next one begin.
   *
   * @param info What the broadcast carries.
   * @param isClean Whether decoding starts there without faults.
   */
  join(start: SegmentStart, info: MediaInfo, isClean: boolean): void {
    const packaging = packagingOf(info, start.init);
    const open = this.#open;
    if (!packaging || !open || open.packaging.suffix !== packaging.suffix) {
      this.#open = this.#latest = undefined;
      if (packaging) this.#start(start, packaging, this.#hasBegun);
      return;
    }
    const seconds = secondsBetween(open.start, start);
    const isBroken = jumps(this.#latest ?? open.start, start) ||
      !isSame(open.start.init, start.init);
    const least = isClean ? TARGET_SECONDS : PATIENCE_SECONDS;
    if (!isBroken && seconds < least - TOLERANCE_SECONDS) {
      this.#latest = start;
      return;
    }
    this.#close(open, start.offset, seconds);
    const isEmpty = start.offset <= open.start.offset;
    const isFirst = isEmpty && open.isDiscontinuous;
    this.#start(start, packaging, isBroken || isFirst);
  }

  /** Ends the segment in progress, because nothing is added to its broadcast any more. */
  finish({ end = 0, time }: Ending): void {
    const open = this.#open;
    this.#open = this.#latest = undefined;
    if (!open) return;
    const known = time === undefined ? 0 : time - (open.start.time ?? time);
    const estimated = this.#estimate(open, end);
    // A fragment tells when it begins, and not how long it lasts.
    const isKnown = known > estimated / 2 && known <= MAX_STEP_SECONDS;
    this.#close(open, end, isKnown ? known : estimated);
  }

  /** Seconds of a segment by its bytes, compared with the one before it. */
  #estimate({ start }: OpenSegment, end: number): number {
    const before = this.#segments.at(-1);
    if (!before) return TARGET_SECONDS;
    const share = (end - start.offset) / (before.end - before.start);
    return before.seconds * Math.min(1, share);
  }

  /** Forgets the segments whose bytes are gone, those before offset `first` of the log. */
  trim(first: number): void {
    while (this.#segments[0] && this.#segments[0].start < first) {
      this.#droppedTo = this.#segments.shift()!.end;
    }
  }

  /**
   * Finds a segment by its address.
   *
   * @param id Of its broadcast.
   * @param start Offset in the broadcast of its first byte.
   * @param end Offset in the broadcast behind its last byte.
   */
  find(id: string, start: number, end: number): MediaSegment | undefined {
    return this.#segments.find((segment) =>
      segment.broadcast === id && segment.start - segment.base === start &&
      segment.end - segment.base === end
    );
  }

  /** Finds an init segment, as long as there is a segment that needs it. */
  findMap(id: string, map: number): MediaSegment | undefined {
    return this.#segments.find((segment) =>
      segment.broadcast === id && segment.map === map &&
      segment.packaging.hasMap
    );
  }

  /** Whether an address is that of a segment whose bytes are gone. */
  hasDropped(id: string, start: number): boolean {
    const base = id === this.#source.id
      ? this.#source.base
      : this.#segments.find(({ broadcast }) => broadcast === id)?.base;
    return base !== undefined && base + start < this.#droppedTo;
  }

  #start(
    start: SegmentStart,
    packaging: Packaging,
    isDiscontinuous: boolean,
  ): void {
    const before = this.#segments.at(-1);
    // A playlist cannot say that an init segment no longer applies.
    if (before && before.packaging.suffix !== packaging.suffix) {
      this.#listedFrom = this.#sequence;
    }
    if (isDiscontinuous || this.#date === undefined) {
      this.#date = this.#wallClock();
    }
    const isKnown = this.#map >= 0 && before?.broadcast === this.#source.id &&
      isSame(before.init, start.init);
    if (!isKnown) this.#map++;
    this.#latest = start;
    this.#open = {
      ...{ start, packaging, isDiscontinuous },
      ...{ date: this.#date, map: this.#map },
    };
  }

  #close(
    { start, packaging, isDiscontinuous, date, map }: OpenSegment,
    end: number,
    seconds: number,
  ): void {
    if (end <= start.offset) return;
    this.#hasBegun = true;
    if (isDiscontinuous) this.#discontinuity++;
    this.#segments.push({
      ...{ isDiscontinuous, packaging, date, map, end, seconds },
      sequence: this.#sequence++,
      discontinuity: this.#discontinuity,
      broadcast: this.#source.id,
      base: this.#source.base,
      start: start.offset,
      listedAt: this.#wallClock(),
      lead: packaging.lead(start),
      init: start.init,
      requests: 0,
    });
    this.#date = date + seconds * 1000;
    this.#targetSeconds = Math.max(this.#targetSeconds, Math.round(seconds));
    if (this.#segments.length > MAX_SEGMENTS) {
      this.#droppedTo = this.#segments.shift()!.end;
    }
    this.#moveWindow();
  }

  /**
   * What leaves the playlist stays available for as long again (RFC 8216 §6.2.2), so that no more than half of what
   * is held is listed.
   */
  #moveWindow(): void {
    const held = this.#segments;
    const total = held.reduce((sum, { seconds }) => sum + seconds, 0);
    const most = Math.min(MAX_LISTED_SECONDS, total / 2);
    let listed = 0;
    let at = held.length;
    while (at > 0) {
      const { seconds } = held[at - 1]!;
      const isEnough = held.length - at >= MIN_LISTED &&
        listed >= MIN_LISTED * this.#targetSeconds;
      if (isEnough && listed + seconds > most) break;
      listed += seconds;
      at--;
    }
    const from = held[at]?.sequence ?? 0;
    this.#listedFrom = Math.max(this.#listedFrom, from);
  }
}

/** Whether init segments are equal; most join points share one. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || equals(a, b);
}

/** Seconds from one join point to a later one: on the media's clock, or as they arrived if that has jumped. */
function secondsBetween(a: SegmentStart, b: SegmentStart): number {
  const step = stepOf(a, b);
  return step !== undefined && step >= 0 && step <= MAX_STEP_SECONDS
    ? step
    : (b.arrival - a.arrival) / 1000;
}

function jumps(a: SegmentStart, b: SegmentStart): boolean {
  const step = stepOf(a, b);
  return step !== undefined && (step < 0 || step > MAX_STEP_SECONDS);
}

function stepOf(a: SegmentStart, b: SegmentStart): number | undefined {
  return a.time === undefined || b.time === undefined
    ? undefined
    : b.time - a.time;
}
