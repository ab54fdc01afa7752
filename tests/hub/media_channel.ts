import { concat } from "@std/bytes";
import { Channel } from "../../lib/hub/channel.ts";
import { zeroTotals } from "../../lib/hub/channel_options.ts";
import type { Cursor } from "../../lib/hub/cursor.ts";
import { trackerFor } from "../../lib/media/tracker_for.ts";
import { randomPiecesOf } from "../helpers/chunkings.ts";
import { seededRandom } from "../helpers/rng.ts";
import { drain } from "./scripted_media.ts";

/** Bytes of the pieces in which media arrives, at most. */
const MOST_PIECE_BYTES = 20_000;

/** Milliseconds that pass on the hub's clock with each piece. */
const PIECE_MS = 40;

/** A watcher's pause. */
export interface Pause {
  /** Bytes of the stream after which it stops to read, somewhere in what it was given. */
  readonly at: number;
  /** Bytes that are broadcast meanwhile. */
  readonly bytes: number;
}

/** A channel whose trackers look at real media. */
export class MediaChannel {
  /** The channel. */
  readonly channel: Channel;
  /** What its trackers reported as corruption. */
  readonly corruptions: string[] = [];
  #now = 0;

  /** Makes it live, with a log that keeps that many bytes. */
  constructor(backlogBytes: number) {
    this.channel = new Channel({
      user: "fier",
      name: "default",
      password: "",
      backlogBytes,
      now: () => this.#now,
      totals: zeroTotals(),
    });
    this.open();
  }

  /** Opens the next broadcast, whose container is found out from its bytes. */
  open(): void {
    const factory = trackerFor({ bufsize: 0, format: undefined });
    this.channel.open({
      tracker: factory,
      onCorruption: (what) => void this.corruptions.push(what),
    });
  }

  /** Appends media in pieces that end anywhere, time passing meanwhile. */
  *append(media: Uint8Array, seed: number): Generator<void> {
    for (const piece of randomPiecesOf(media, MOST_PIECE_BYTES, seed)) {
      this.channel.append(piece);
      this.#now += PIECE_MS;
      yield;
    }
  }

  /** Appends all media, a watcher taking what there is after every piece; gives what it took. */
  play(
    media: Uint8Array,
    seed: number,
    cursor: Cursor,
  ): Uint8Array<ArrayBuffer> {
    return this.playLagging(media, seed, cursor, []);
  }

  /** Appends all media, a watcher pausing meanwhile; gives what it took. */
  playLagging(
    media: Uint8Array,
    seed: number,
    cursor: Cursor,
    pauses: readonly Pause[],
  ): Uint8Array<ArrayBuffer> {
    const random = seededRandom(seed);
    const { log } = this.channel;
    const taken: Uint8Array[] = [];
    const left = [...pauses];
    let until = 0;
    for (const _ of this.append(media, seed)) {
      if (log.last < until) continue;
      if (log.last >= (left[0]?.at ?? Infinity)) {
        taken.push(takeSome(cursor, random));
        until = log.last + left.shift()!.bytes;
      } else taken.push(drain(cursor, 1 + random(MOST_PIECE_BYTES)).bytes);
    }
    return concat(taken);
  }
}

/** Takes a part of what a cursor has to give next, as a write that blocks would. */
function takeSome(
  cursor: Cursor,
  random: (below: number) => number,
): Uint8Array {
  const next = cursor.next();
  if (!(next instanceof Uint8Array)) return new Uint8Array();
  const part = next.subarray(0, 1 + random(next.length));
  cursor.advance(part.length);
  return part;
}
