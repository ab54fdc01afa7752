import { assert, assertEquals, assertGreater } from "@std/assert";
import { equals } from "@std/bytes";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { seededRandom } from "../helpers/rng.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";
import { broadcastText } from "../session/live_channel.ts";

const CHANNELS = 20;

/** Watchers of a channel that stay from its first byte to its last. */
const STAYERS = 6;

/** Watchers of a channel that come and go: with the stayers 200 at once. */
const LEAVERS = 4;

/** Bytes of a record. */
const RECORD = 1000;

/** Records that each channel sends. */
const RECORDS = 480;

/** Records that are sent before the pace-maker must have received them. */
const BATCH = 12;

/** Who it belongs to, which one it is, and bytes that follow from both: a tear or a mix shows. */
function record(channel: number, sequence: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(RECORD);
  new DataView(bytes.buffer).setUint32(0, channel);
  new DataView(bytes.buffer).setUint32(4, sequence);
  bytes.fill((channel * 37 + sequence * 11) & 0xff, 8);
  return bytes;
}

/** Asserts that bytes are whole records of one channel without a gap; gives the first one's number. */
function assertRecords(channel: number, bytes: Uint8Array): number {
  assertEquals(bytes.length % RECORD, 0);
  const first = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4);
  for (let i = 0; i < bytes.length / RECORD; i++) {
    const part = bytes.subarray(i * RECORD, (i + 1) * RECORD);
    assert(
      equals(part, record(channel, first + i)),
      `channel ${channel}: record ${first + i} is torn, lost or another's`,
    );
  }
  return first;
}

function watcher(server: TestServer, channel: number): Promise<RawPeer> {
  const text = `watch,user=fier,channel=c${channel}`;
  return RawPeer.connect(
    server.address,
    requestBytes(text, channel % 2 ? 1 : 2),
  );
}

/** Joins, takes some records, and leaves, again and again while the channel is live. */
async function comeAndGo(
  server: TestServer,
  channel: number,
  seed: number,
  signal: AbortSignal,
): Promise<number> {
  const random = seededRandom(seed);
  let visits = 0;
  while (!signal.aborted) {
    using peer = await watcher(server, channel);
    const count = (1 + random(BATCH)) * RECORD;
    // The channel may end meanwhile.
    const bytes = await peer.take(count).catch(() => undefined);
    if (!bytes) continue;
    assertRecords(channel, bytes);
    visits++;
  }
  return visits;
}

/** Sends in pieces that respect no record, at the pace of one watcher. */
async function broadcastRecords(
  broadcaster: RawPeer,
  pacemaker: RawPeer,
  channel: number,
): Promise<void> {
  const random = seededRandom(channel);
  for (let sequence = 0; sequence < RECORDS; sequence += BATCH) {
    const batch = new Uint8Array(BATCH * RECORD);
    for (let i = 0; i < BATCH; i++) {
      batch.set(record(channel, sequence + i), i * RECORD);
    }
    for (let at = 0; at < batch.length;) {
      const piece = batch.subarray(at, at + 1 + random(5 * RECORD));
      await broadcaster.send(piece);
      at += piece.length;
    }
    const got = await pacemaker.take(batch.length);
    assertEquals(assertRecords(channel, got), sequence);
  }
  await broadcaster.finish();
}

/** One channel from its start to its end; gives how often somebody came and went. */
async function runChannel(
  server: TestServer,
  broadcaster: RawPeer,
  stayers: readonly RawPeer[],
  channel: number,
): Promise<number> {
  const over = new AbortController();
  const [pacemaker, ...others] = stayers;
  const received = others.map((peer) => peer.rest());
  const visits = Array.from(
    { length: LEAVERS },
    (_, i) => comeAndGo(server, channel, channel * 100 + i, over.signal),
  );
  try {
    await broadcastRecords(broadcaster, pacemaker!, channel);
  } finally {
    over.abort();
  }
  for (const bytes of await Promise.all(received)) {
    assertEquals(assertRecords(channel, bytes), 0);
    assertEquals(bytes.length, RECORDS * RECORD);
  }
  assertEquals(await pacemaker!.rest(), new Uint8Array());
  return (await Promise.all(visits)).reduce((sum, count) => sum + count, 0);
}

Deno.test("20 channels and 200 watchers at once: every watcher gets its channel's records", async () => {
  await using server = await startTestServer({
    config: { channelsPerUser: CHANNELS },
  });
  const broadcasters: RawPeer[] = [];
  const stayers: RawPeer[][] = [];
  for (let channel = 0; channel < CHANNELS; channel++) {
    const more = `,channel=c${channel},bufsize=${RECORD}`;
    const text = broadcastText("fier", more);
    broadcasters.push(
      await RawPeer.connect(server.address, requestBytes(text)),
    );
    await server.log.wait("broadcast-start", channel + 1);
    const own = Array.from({ length: STAYERS }, () => watcher(server, channel));
    stayers.push(await Promise.all(own));
  }
  await server.log.wait("watch-start", CHANNELS * STAYERS);
  const visits = await Promise.all(
    broadcasters.map((broadcaster, channel) =>
      runChannel(server, broadcaster, stayers[channel]!, channel)
    ),
  );
  for (const peer of [...broadcasters, ...stayers.flat()]) peer.close();
  for (const [channel, count] of visits.entries()) {
    assertGreater(count, 0, `no watcher came and went on channel ${channel}`);
  }
});
