/**
 * A broadcast that another server enters in the middle: its watchers must find what they would find at the first one.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Channel } from "../../lib/hub/channel.ts";
import { zeroTotals } from "../../lib/hub/channel_options.ts";
import { Cursor } from "../../lib/hub/cursor.ts";
import { entryOf } from "../../lib/hub/entry_point.ts";
import { trackerFor } from "../../lib/media/tracker_for.ts";
import { randomPiecesOf } from "../helpers/chunkings.ts";
import { drain } from "./scripted_media.ts";

/** Bytes of the pieces in which media arrives, at most. */
const MOST_PIECE_BYTES = 8000;

/** Milliseconds between two pieces. */
const PIECE_MS = 60;

const VECTORS = new URL("../vectors/media/", import.meta.url);

function channel(clock: { now: number }, more: object): Channel {
  const channel = new Channel({
    user: "fier",
    name: "default",
    password: "",
    backlogBytes: 64 * 1024 * 1024,
    now: () => clock.now,
    totals: zeroTotals(),
  });
  const hints = { bufsize: 0, format: undefined };
  channel.open({ tracker: trackerFor(hints), ...more });
  return channel;
}

/** What a watcher is sent that joins now. */
function joined(channel: Channel): Uint8Array {
  const cursor = new Cursor(channel, { start: "join", burst: 0 });
  return drain(cursor, MOST_PIECE_BYTES).bytes;
}

/** The newest join point; media clocks may start elsewhere. */
function newestJoin({ broadcast }: Channel): unknown {
  const { offset, init, prefix, reset, arrival } = broadcast.joins.newest!;
  return { offset: offset - broadcast.base, init, prefix, reset, arrival };
}

/** A piece of media, where it begins and when it arrived. */
interface Arrival {
  readonly piece: Uint8Array;
  readonly offset: number;
  readonly at: number;
}

function arrivalsOf(media: Uint8Array): Arrival[] {
  const most = Math.min(MOST_PIECE_BYTES, Math.ceil(media.length / 40));
  let offset = 0;
  return [...randomPiecesOf(media, most, 7)].map((piece, index) => {
    const arrival = { piece, offset, at: index * PIECE_MS };
    offset += piece.length;
    return arrival;
  });
}

/** Appends what lies behind an offset of the broadcast. */
function append(
  channel: Channel,
  { piece, offset, at }: Arrival,
  now: number,
  from = 0,
): void {
  const rest = piece.subarray(Math.max(0, from - offset));
  if (rest.length > 0) channel.append(rest, now - at);
}

/**
 * Enters a broadcast when a part of it has arrived, and compares what both servers know and send.
 *
 * @returns Whether it was entered at a join point, and recognised.
 */
function enter(arrivals: readonly Arrival[], count: number): boolean {
  const clock = { now: 0 };
  const origin = channel(clock, {});
  for (const arrival of arrivals.slice(0, count)) {
    clock.now = arrival.at;
    append(origin, arrival, clock.now);
  }
  origin.settle();
  const entry = entryOf(origin, 1);
  if (!entry.isJoin) return false;
  const format = origin.broadcast.info?.container;
  const tracker = trackerFor({ bufsize: 0, format });
  const edge = channel(clock, { tracker, entry });
  for (const arrival of arrivals.slice(0, count)) {
    append(edge, arrival, clock.now, entry.from);
  }
  // The first unit alone may not tell yet that it is one.
  const isSure = (): boolean => edge.broadcast.joins.newest !== undefined;
  if (isSure()) assertEquals(joined(edge), joined(origin));
  for (const arrival of arrivals.slice(count)) {
    clock.now = arrival.at;
    append(origin, arrival, clock.now);
    append(edge, arrival, clock.now, entry.from);
    if (isSure()) assertEquals(newestJoin(edge), newestJoin(origin));
  }
  assertEquals(edge.broadcast.receivedBytes, origin.broadcast.receivedBytes);
  if (!isSure()) return false;
  assertEquals(edge.broadcast.info, origin.broadcast.info);
  assertEquals(joined(edge), joined(origin));
  return true;
}

/** Samples that have no join point in the middle, or too little behind it to recognise it. */
const TOO_SHORT: readonly string[] = [
  ...["h264_open.h264", "h264_intra_refresh.h264", "hevc_intra_refresh.hevc"],
  "mpegps_audio.vob",
];

for (const { name } of [...Deno.readDirSync(VECTORS)]) {
  if (name.endsWith(".sh")) continue;
  Deno.test(`a broadcast that is entered in the middle has the same join points: ${name}`, async () => {
    const arrivals = arrivalsOf(await Deno.readFile(new URL(name, VECTORS)));
    const entered = [0.3, 0.6, 0.9].filter((part) =>
      enter(arrivals, Math.floor(arrivals.length * part))
    );
    assertEquals(entered.length === 0, TOO_SHORT.includes(name));
  });
}
