import "../helpers/fast_ticks.ts";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { concat, equals } from "@std/bytes";
import { clipFile } from "../../lib/demo/clip.ts";
import { StreamPosition } from "../../lib/web/pages/watch/stream_position.js";
import { CuttingProxy } from "../helpers/cutting_proxy.ts";
import { eventually } from "../helpers/eventually.ts";
import { FramedPeer } from "../helpers/framed_peer.ts";
import { pattern } from "../helpers/pattern.ts";
import { seededRandom } from "../helpers/rng.ts";
import { broadcasting, broadcastText } from "./live_channel.ts";
import { type Said, SocketClient, startWebSite } from "./web_site.ts";

const WATCH = { verb: "watch", start: "join", burst: 0 };

/** Pieces in which the clip is broadcast. */
const PIECES = 40;

/** A page: what it got of a stream over all of its connections. */
class Page {
  readonly #host: string;
  /** What the server said before each stream. */
  readonly streams: Extract<Said, { readonly type?: unknown }>[] = [];
  /** Media without lead. */
  readonly media: Uint8Array[] = [];
  #position = new StreamPosition({});

  /** @param host Where it connects to. */
  constructor(host: string) {
    this.#host = host;
  }

  /** For `resume`. */
  get position(): string | undefined {
    return this.#position.text;
  }

  /** Connects, and collects until the connection ends. */
  async watch(): Promise<void> {
    const resume = this.position;
    const request = { ...WATCH, ...(resume ? { resume } : {}) };
    await using client = await SocketClient.open(this.#host, "/fier", request)
      .catch(() => undefined); // Cut in the handshake.
    if (!client) return;
    for (;;) {
      const said = await client.next("stream", "bytes").catch(() => undefined);
      if (!said) return;
      if (said instanceof Uint8Array) this.#collect(said);
      else this.#begin(said);
    }
  }

  #begin(stream: Readonly<Record<string, unknown>>): void {
    this.streams.push(stream);
    this.#position = new StreamPosition(stream);
  }

  #collect(bytes: Uint8Array): void {
    const isMedia = this.position !== undefined;
    this.#position.add(bytes.length);
    if (isMedia) this.media.push(bytes);
  }
}

Deno.test("watchOverWebSocket() continues at the very byte, wherever in a message the connection was cut", async () => {
  await using site = await startWebSite();
  await using proxy = await CuttingProxy.start(site.address);
  const clip = clipFile();
  const half = clip.length >> 1;
  using broadcaster = await broadcasting(site, broadcastText("fier"));
  await broadcaster.send(clip.subarray(0, half));
  await eventually(
    "the first half has arrived",
    () => site.server.hub.totals.receivedBytes === half,
  );
  const page = new Page(proxy.host);
  const random = seededRandom(7);
  let isOver = false;
  let connections = 0;
  const watching = (async (): Promise<void> => {
    while (!isOver) {
      connections++;
      await page.watch();
    }
  })();
  await eventually("the page has media", () => page.media.length > 0);
  const step = Math.ceil((clip.length - half) / PIECES);
  for (let at = half; at < clip.length; at += step) {
    const cut = proxy.cutAfter(1 + random(step));
    await broadcaster.send(clip.subarray(at, at + step));
    await cut;
  }
  await eventually(
    "the page has the whole clip",
    () => page.position?.endsWith(`:${clip.length}`) ?? false,
  );
  isOver = true;
  await broadcaster.finish();
  await watching;
  assertGreater(connections, PIECES / 2);
  const [first, ...others] = page.streams;
  assertGreater(Number(first!["lead"]), 0);
  assertEquals(others.map(({ lead }) => lead), others.map(() => 0));
  const begin = Number(first!["offset"]);
  assertGreater(begin, 0);
  assert(equals(concat(page.media), clip.subarray(begin)));
});

Deno.test("watchOverWebSocket() joins as usual when the next byte is gone, or of no broadcast", async () => {
  await using site = await startWebSite({ backlog: 512 * 1024 });
  using broadcaster = await broadcasting(
    site,
    broadcastText("fier", ",bufsize=1000"),
  );
  await broadcaster.send(pattern(0, 1_000_500));
  await eventually(
    "all bytes have arrived",
    () => site.server.hub.totals.receivedBytes === 1_000_500,
  );
  await using first = await SocketClient.open(site.web, "/fier", WATCH);
  const { id } = await first.message("stream");
  for (const resume of [`${id}:5`, `${id}:2000000`, "00ff:1000000"]) {
    const request = { ...WATCH, resume };
    await using client = await SocketClient.open(site.web, "/fier", request);
    const stream = await client.message("stream");
    const offset = Number(stream["offset"]);
    // A viewer of an unknown broadcast is sent all that there is of a new one.
    if (resume === `${id}:5`) assertEquals(offset, 1_000_000);
    assertEquals([stream["id"], offset % 1000, stream["lead"]], [id, 0, 0]);
    const media = await client.media();
    assert(equals(media, pattern(offset, media.length)));
  }
});

Deno.test("watchOverWebSocket() tells a viewer who resumes that the channel is held, and that it continues", async () => {
  await using site = await startWebSite();
  const text = "broadcast,user=fier,user_password=123";
  using broadcaster = await FramedPeer.connect(site.address, text);
  const { values } = await broadcaster.message();
  await broadcaster.media(pattern(0, 500));
  await broadcaster.messageOf("received");
  broadcaster.close();
  await site.log.wait("channel-hold");
  const request = { ...WATCH, resume: `${values.get("id")}:500` };
  await using client = await SocketClient.open(site.web, "/fier", request);
  await client.message("ok");
  assertEquals(await client.next("held", "stream", "bytes", "live"), {
    type: "held",
  });
  const resume = `broadcast,user=fier,resume=${values.get("resume")}`;
  using again = await FramedPeer.connect(site.address, resume);
  await again.message();
  assertEquals(await client.next("stream", "bytes", "live"), { type: "live" });
  await again.media(pattern(500, 20));
  const { id, offset, lead } = await client.message("stream");
  assertEquals([id, offset, lead], [values.get("id"), 500, 0]);
  assertEquals(await client.media(), pattern(500, 20));
});
