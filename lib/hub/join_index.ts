import type { JoinPoint } from "../media/tracker.ts";

/** A join point of a channel's log. */
export interface Join {
  /** Offset in the channel's log. */
  readonly offset: number;
  /** Offset in the channel's log, at or before `offset`, where a lagging watcher leaves the stream. */
  readonly leave: number;
  /** Init segment, which a new decoder is sent first. */
  readonly init: Uint8Array;
  /** Bytes sent between init and the offset. */
  readonly prefix: Uint8Array | undefined;
  /** Bytes sent before init to a decoder that is already running. */
  readonly reset: Uint8Array | undefined;
  /** Seconds on the media's clock, if it has one. */
  readonly time: number | undefined;
  /** Milliseconds on the hub's clock when it was received. */
  readonly arrival: number;
}

/**
 * Join points kept of one broadcast. At the spacing of {@linkcode JOIN_SPACING_MS} this is well over a
 * minute of audio frames, and hours of video.
 */
const MAX_JOINS = 2048;

/**
 * Milliseconds between the join points that are kept; only the newest may be nearer to its neighbour.
 * Finer than any burst needs.
 */
const JOIN_SPACING_MS = 50;

/**
 * Bytes of init segments that the join points of one broadcast may hold together: many times what real
 * streams need, and a limit for one that sends a new init segment with each picture.
 */
const MAX_INIT_BYTES = 1024 * 1024;

/** The join points of one broadcast, oldest first, newest last. */
export class JoinIndex {
  #joins: Join[] = [];
  #heldBytes = 0;
  /** When the last one was added, also once it has been removed. */
  #lastAdded: Times | undefined;
  /** When the one before that was. */
  #previous: Times | undefined;

  /** Bytes of reset, init and prefix; an init segment that neighbours share counts once. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The newest join point. */
  get newest(): Join | undefined {
    return this.#joins.at(-1);
  }

  /**
   * Adds a join point as the tracker reported it.
   *
   * @param base Offset in the channel's log of the broadcast's first byte.
   * @param init The current init segment.
   * @param now Milliseconds on the hub's clock.
   */
  add(point: JoinPoint, base: number, init: Uint8Array, now: number): void {
    const join: Join = {
      offset: base + point.offset,
      leave: base + (point.leave ?? point.offset),
      init,
      prefix: point.prefix,
      reset: point.reset,
      time: point.time,
      arrival: now,
    };
    this.#previous = this.#lastAdded;
    this.#lastAdded = { time: join.time, arrival: now };
    const before = this.#joins.at(-2);
    // The newest one stays for good only if it is far enough from the one before it.
    if (before && this.newest!.arrival - before.arrival < JOIN_SPACING_MS) {
      this.#heldBytes -= ownBytes(this.#joins.pop()!, before);
    }
    this.#heldBytes += ownBytes(join, this.newest);
    this.#joins.push(join);
    if (this.#joins.length > MAX_JOINS) this.#forget(MAX_JOINS / 4);
    while (this.#heldBytes > MAX_INIT_BYTES && this.#joins.length > 1) {
      this.#forget(1);
    }
  }

  /** Removes the join points whose bytes are gone, those before offset `first`. */
  trim(first: number): void {
    let gone = 0;
    while (gone < this.#joins.length && this.#joins[gone]!.offset < first) {
      gone++;
    }
    this.#forget(gone);
  }

  /** Removes the oldest ones; an init segment that they share with the next one stays. */
  #forget(count: number): void {
    if (count === 0) return;
    let before: Join | undefined;
    for (const join of this.#joins.splice(0, count)) {
      this.#heldBytes -= ownBytes(join, before);
      before = join;
    }
    const oldest = this.#joins[0];
    if (oldest && oldest.init === before?.init) {
      this.#heldBytes += oldest.init.length;
    }
  }

  /** The oldest join point whose bytes are kept. */
  get oldest(): Join | undefined {
    return this.#joins[0];
  }

  /**
   * Average seconds between join points, on the media's clock if there is one; `undefined` while there
   * were fewer than two. The backlog may hold one or none at a time.
   *
   * @param jumpedAt When the media's clock jumped last: it tells nothing about what came before.
   */
  interval(jumpedAt: number): number | undefined {
    const newest = this.newest ?? this.#lastAdded;
    const isOne = this.#joins.length < 2;
    const oldest = isOne ? this.#previous : this.oldest;
    if (!oldest || !newest) return undefined;
    const seconds = secondsBetween(oldest, newest, oldest.arrival < jumpedAt);
    return seconds / (isOne ? 1 : this.#joins.length - 1);
  }

  /** The last join point at or before an offset. */
  atOrBefore(offset: number): Join | undefined {
    return this.#joins.findLast((join) => join.offset <= offset);
  }

  /** The first join point at or behind an offset. */
  atOrAfter(offset: number): Join | undefined {
    return this.#joins.find((join) => join.offset >= offset);
  }

  /** The first join point whose `leave` is at or behind an offset. */
  leavingAt(offset: number): Join | undefined {
    return this.#joins.find((join) => join.leave >= offset);
  }

  /**
   * The newest join point that is at least `seconds` old in media or arrival time; the oldest one if
   * none is.
   *
   * @param time Seconds on the media's clock of the newest media.
   * @param now Milliseconds on the hub's clock.
   */
  back(
    seconds: number,
    time: number | undefined,
    now: number,
  ): Join | undefined {
    const enough = this.#joins.findLast((join) =>
      now - join.arrival >= seconds * 1000 ||
      (time !== undefined && join.time !== undefined &&
        time - join.time >= seconds)
    );
    return enough ?? this.oldest;
  }
}

/** When a join point was, on the media's clock and on the hub's. */
type Times = Pick<Join, "time" | "arrival">;

function secondsBetween(from: Times, to: Times, hasJumped: boolean): number {
  return from.time !== undefined && to.time !== undefined && !hasJumped
    ? to.time - from.time
    : (to.arrival - from.arrival) / 1000;
}

/** Bytes that a join point holds in addition to the one before it. */
function ownBytes(join: Join, before: Join | undefined): number {
  const init = join.init === before?.init ? 0 : join.init.length;
  return init + (join.prefix?.length ?? 0) + (join.reset?.length ?? 0);
}
