import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { equals } from "@std/bytes";
import type { ClientOptions } from "../../lib/client/client_options.ts";
import type { Address } from "../../lib/net/address.ts";
import { eventually } from "../helpers/eventually.ts";
import { type Fault, FlakyProxy } from "../helpers/flaky_proxy.ts";
import { pattern } from "../helpers/pattern.ts";
import { seededRandom } from "../helpers/rng.ts";
import { fromRoot } from "../helpers/root.ts";
import { startTestServer } from "../helpers/start_server.ts";
import { TlsServer } from "../net/tls_scene.ts";
import {
  broadcastAll,
  FROM_OLDEST,
  Gathered,
  inputOf,
  serversAt,
  watchAll,
} from "./resume_scene.ts";

/** A recorded stream of each kind of container, with and without an init segment. */
const RECORDED = [
  "mpegts_h264_aac.mpegts",
  "webm_vp8_groups.webm",
  "matroska_h264_aac.mkv",
  "fmp4_h264_aac.mp4",
  "ogg_theora_vorbis.ogv",
  "flv_h264_aac.flv",
  "h264_default.h264",
  "hevc_open.hevc",
  "adts.aac",
  "mp3_id3_xing.mp3",
  "flac_pipe.flac",
  "wav_pipe.wav",
  "mjpeg.mjpeg",
];

/** Bytes of a connection's start that no first fault hits, so that a test starts with an accepted request. */
const ACCEPTED_BYTES = 5000;

interface Faults {
  readonly count: number;
  /** Bytes that a connection lasts at most. */
  readonly most: number;
  readonly seed: number;
}

/** Connections that end after random numbers of bytes, each in one of three ways. */
function randomFaults(
  direction: Fault["direction"],
  { count, most, seed }: Faults,
): Fault[] {
  const random = seededRandom(seed);
  const kinds = ["reset", "close", "half-close"] as const;
  return Array.from({ length: count }, (_, index) => ({
    kind: kinds[random(kinds.length)]!,
    direction,
    after: (index === 0 ? ACCEPTED_BYTES : 1) + random(most),
  }));
}

/** Broadcasts and watches bytes over connections that break on both sides. */
async function carry(
  bytes: Uint8Array,
  faults: Faults,
  server: { address: Address; client?: Partial<ClientOptions> },
): Promise<void> {
  const target = (): Address => server.address;
  await using up = await FlakyProxy.start({
    target,
    faults: randomFaults("up", faults),
  });
  await using down = await FlakyProxy.start({
    target,
    faults: randomFaults("down", { ...faults, seed: faults.seed + 1 }),
  });
  const gathered = new Gathered();
  const watching = watchAll({
    ...{ servers: serversAt(down.address, server.client), fields: FROM_OLDEST },
    sink: gathered.sink,
  });
  const broadcast = await broadcastAll({
    servers: serversAt(up.address, server.client),
    input: inputOf(bytes, () =>
      eventually(
        "the watcher has all",
        () => gathered.length >= bytes.length,
      )),
  });
  const watch = await watching;
  assert(equals(gathered.bytes(), bytes));
  assertEquals([watch.lost, watch.bytes], [0, bytes.length]);
  assertEquals(broadcast.retained, 0);
  // A connection that only finds out why another one was closed uses up a fault without meeting it.
  assertGreaterOrEqual(Math.min(up.faults, down.faults), faults.count * 0.8);
  // Faults that hit a connection before it is accepted are no reconnects.
  assertGreaterOrEqual(watch.reconnects, faults.count / 2);
  assertGreaterOrEqual(broadcast.reconnects, faults.count / 2);
}

Deno.test("a stream arrives unchanged although both sides break at 200 random bytes", async () => {
  await using server = await startTestServer();
  await carry(
    pattern(0, 7_000_000),
    { count: 250, most: 25_000, seed: 7 },
    server,
  );
});

Deno.test("a stream arrives unchanged over TLS although both sides break at 200 random bytes", async () => {
  await using server = await TlsServer.start();
  const { address, tls } = server.client();
  await carry(
    pattern(0, 7_000_000),
    { count: 250, most: 25_000, seed: 8 },
    { address, client: { tls: tls! } },
  );
});

for (const name of RECORDED) {
  Deno.test(`${name}: the stream arrives unchanged although both sides break`, async () => {
    const bytes = await Deno.readFile(fromRoot(`tests/vectors/media/${name}`));
    await using server = await startTestServer();
    const most = Math.floor((bytes.length - ACCEPTED_BYTES) / 16);
    await carry(bytes, { count: 12, most, seed: bytes.length }, server);
  });
}
