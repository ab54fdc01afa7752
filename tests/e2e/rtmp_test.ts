import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
} from "@std/assert";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";
import { decode, hasFfmpeg, needsFfmpeg } from "../helpers/ffmpeg.ts";
import { FlakyProxy } from "../helpers/flaky_proxy.ts";
import { missingForObs, Obs } from "../helpers/obs.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { fromRoot } from "../helpers/root.ts";

/** Milliseconds within which a broadcast and its watchers end, on a busy machine too. */
const END_MS = 30_000;

/** A picture with a key frame each second, and a tone. */
const SOURCE = "-nostdin -v error -re " +
  "-f lavfi -i testsrc2=size=160x90:rate=25 -f lavfi -i sine " +
  "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -c:a aac -f flv";

/** ffmpeg that broadcasts for some seconds. */
async function ffmpeg(
  url: string,
  seconds: number,
): Promise<{ success: boolean; stderr: string }> {
  const args = [...SOURCE.split(" "), "-t", `${seconds}`, url];
  const { success, stderr } = await new Deno.Command("ffmpeg", {
    args,
    stdin: "null",
    stdout: "null",
  }).output();
  return { success, stderr: new TextDecoder().decode(stderr) };
}

function urlOf({ host, port }: { host: string; port: number }): string {
  return `rtmp://${host}:${port}/fier/hall?password=123`;
}

/** Watches over TCP to the end. */
async function watch(
  { address, log }: TestServer,
  more: string,
  count: number,
): Promise<{ rest: Promise<Uint8Array<ArrayBuffer>> }> {
  const text = `watch,user=fier,channel=hall${more}`;
  const peer = await RawPeer.connect(address, requestBytes(text));
  await log.wait("watch-start", count);
  return { rest: peer.rest(END_MS).finally(() => peer.close()) };
}

/** Seconds into the broadcast at which watchers join: between two key frames. */
const JOIN_MS = 2400;

Deno.test({
  ...needsFfmpeg(
    "late watchers of ffmpeg over RTMP decode at once, each in its way",
  ),
  fn: async () => {
    await using server = await startTestServer();
    const { host, port } = server.address;
    const broadcast = ffmpeg(urlOf(server.address), 6);
    await server.log.wait("broadcast-start");
    await new Promise((resolve) => setTimeout(resolve, JOIN_MS));
    const ways = [",start=join", ",start=live", ",start=oldest", ",burst=1.5"];
    const joined: Promise<Uint8Array>[] = [];
    for (const way of ways) {
      joined.push((await watch(server, way, joined.length + 1)).rest);
    }
    const url = `http://${host}:${port}/fier/hall`;
    joined.push(fetch(url).then((response) => response.bytes()));
    const got = await Promise.all(joined);
    const { success, stderr } = await broadcast;
    assert(success, stderr);
    for (const [i, bytes] of got.entries()) {
      const way = ways[i] ?? "HTTP";
      const { frames, errors, keyFirst } = await decode(bytes, "flv");
      assertEquals([errors, keyFirst], [[], true], way);
      assertGreater(frames, 25, way);
    }
    const lengths = got.map(({ length }) => length);
    assertGreaterOrEqual(lengths[2]!, lengths[3]!, "the oldest begins first");
    assertGreater(lengths[3]!, lengths[0]!, "a burst begins before the join");
    assertGreater(lengths[0]!, lengths[1]!, "the join is before what comes");
    assertEquals(server.log.named("media-corrupt"), []);
  },
});

Deno.test({
  ...needsFfmpeg("ffmpeg shows why its stream key is refused"),
  fn: async () => {
    await using server = await startTestServer();
    const url = urlOf(server.address).replace("123", "wrong");
    const { success, stderr } = await ffmpeg(url, 1);
    assertEquals(success, false);
    const words = "Server error: access denied: the stream key is CHANNEL?";
    assert(stderr.includes(words), stderr);
  },
});

Deno.test({
  ...needsFfmpeg("ffmpeg broadcasts over RTMP within TLS"),
  fn: async () => {
    await using server = await startTestServer({
      config: {
        tlsListen: [{ host: "127.0.0.1", port: 0 }],
        tlsCert: fromRoot("tests/vectors/tls/server_one.pem"),
        tlsKey: fromRoot("tests/vectors/tls/server_one.key"),
      },
    });
    const address = server.server.tlsAddresses[0]!;
    const url = urlOf(address).replace("rtmp:", "rtmps:");
    const { success, stderr } = await ffmpeg(url, 2);
    assert(success, stderr);
    const { bytes, reason, protocol } = await server.log.wait("broadcast-end");
    assertEquals([reason, protocol], ["the broadcast ended", "rtmp"]);
    assertGreater(Number(bytes), 10_000);
  },
});

/** Bytes after which a connection breaks, in the middle of a broadcast. */
const BREAK_BYTES = 100_000;

for (const kind of ["reset", "freeze"] as const) {
  Deno.test({
    ...needsFfmpeg(`watchers of RTMP survive a broadcaster's ${kind}`),
    fn: async () => {
      await using server = await startTestServer({
        config: { broadcasterIdle: 1 },
      });
      const fault = { kind, direction: "up", after: BREAK_BYTES } as const;
      await using proxy = await FlakyProxy.start({
        target: () => server.address,
        faults: [fault],
      });
      const first = ffmpeg(urlOf(proxy.address), 5);
      await server.log.wait("broadcast-start");
      const { rest } = await watch(server, "", 1);
      const { reason } = await server.log.wait("broadcast-end");
      assert(reason !== "the broadcast ended", String(reason));
      assertEquals(server.log.named("channel-end"), []);
      const { success, stderr } = await ffmpeg(urlOf(proxy.address), 3);
      assert(success, stderr);
      const { frames, keyFirst } = await decode(await rest, "flv");
      assertEquals(keyFirst, true);
      assertGreater(frames, 75); // All of the second one, and some of the first.
      assertEquals((await first).success, false);
      const ends = server.log.named("channel-end");
      assertEquals(ends.map(({ fields }) => fields.reason), [
        "the broadcast ended",
      ]);
    },
  });
}

const missing = missingForObs() || (hasFfmpeg ? "" : "ffmpeg");

Deno.test({
  name: missing === ""
    ? "OBS broadcasts, and shows why a stream key is refused"
    : `OBS broadcasts (skipped: ${missing} is not installed)`,
  ignore: missing !== "",
  fn: async () => {
    await using server = await startTestServer();
    const { host, port } = server.address;
    const url = `rtmp://${host}:${port}/fier`;
    const waiting = RawPeer.connect(
      server.address,
      requestBytes("watch,user=fier,channel=hall,wait=60"),
    );
    using watcher = await waiting;
    await using obs = await Obs.start(url, "hall?password=123");
    await obsEvent(server, "broadcast-start");
    await server.log.wait("broadcast-end");
    const { frames, errors, keyFirst } = await decode(
      await watcher.rest(END_MS),
      "flv",
    );
    assertEquals([errors, keyFirst], [[], true]);
    assertGreater(frames, 20);
    const { reason } = await server.log.wait("broadcast-end");
    assertEquals(reason, "the broadcast ended");
    await obs.end();
    await using refused = await Obs.start(url, "hall?password=wrong");
    await obsEvent(server, "refused");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const log = await refused.end();
    assert(log.includes("NetStream.Publish.Denied (access denied: the"), log);
  },
});

/** Waits until OBS has started and done something, which takes longer than a test's event does. */
async function obsEvent({ log }: TestServer, event: string): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    try {
      await log.wait(event);
      return;
    } catch {
      // It is still starting.
    }
  }
  throw new Error(`Cannot find ${event} in the log: OBS did not start`);
}
