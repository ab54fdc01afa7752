import "../helpers/fast_ticks.ts";
import { assertEquals, assertGreater } from "@std/assert";
import { eventually } from "../helpers/eventually.ts";
import { pattern } from "../helpers/pattern.ts";
import type { RawPeer } from "../helpers/raw_peer.ts";
import { broadcasting, broadcastText } from "./live_channel.ts";
import { inTime } from "./http_scene.ts";
import { deafViewer, startWebSite } from "./web_site.ts";
import { assertOverrun } from "../helpers/overrun.ts";

const TEXT = broadcastText("fier", ",bufsize=1000");

/** A burst of the flood, below the backlog that a channel keeps. */
const BURST = pattern(0, 512 * 1024);

/** Bytes that the slow viewer takes of each burst. */
const SLOW_BYTES = 256 * 1024;

/** Milliseconds between two bursts, and between two reads of the slow viewer. */
const BURST_MS = 10;

/** Milliseconds of flood in which everything must have happened. */
const FLOOD_MS = 10_000;

Deno.test("watchOverWebSocket() lets a slow viewer skip, and describes where it continues", async () => {
  await using site = await startWebSite({ backlog: 2 ** 21 });
  using broadcaster = await broadcasting(site, TEXT);
  using slow = await deafViewer(site);
  await site.log.wait("watch-start");
  await floodUntil(broadcaster, hearsOfSkip(slow));
  assertGreater(site.server.hub.totals.skips, 0);
  assertEquals(site.log.named("watch-end"), []);
  slow.close();
  const { skips, bytes, ...end } = await site.log.wait("watch-end");
  assertEquals(skips, site.server.hub.totals.skips);
  // Each is of more than half the backlog.
  assertGreater(Number(end["skipped-bytes"]), Number(skips) * 2 ** 19);
  assertEquals(bytes, site.server.hub.totals.sentBytes);
});

Deno.test("watchOverWebSocket() cuts a viewer that takes nothing, whatever it is sent meanwhile", async () => {
  await using site = await startWebSite({ watcherStall: 2 });
  using broadcaster = await broadcasting(site, TEXT);
  using _stalled = await deafViewer(site);
  await site.log.wait("watch-start");
  const { log } = site;
  await floodUntil(
    broadcaster,
    eventually("the viewer is cut", () => log.named("watch-end").length > 0),
  );
  const { reason } = await log.wait("watch-end");
  assertOverrun(reason, "took no byte", 2);
});

/** Broadcasts more than any buffer holds until something has happened. */
async function floodUntil(
  broadcaster: RawPeer,
  happened: Promise<void>,
): Promise<void> {
  const done = new AbortController();
  const heard = inTime(happened, FLOOD_MS).finally(() => done.abort());
  while (!done.signal.aborted) {
    await broadcaster.send(BURST);
    await new Promise((resolve) => setTimeout(resolve, BURST_MS));
  }
  await heard;
}

/** Reads slowly, until it has been said twice what follows. */
async function hearsOfSkip(slow: RawPeer): Promise<void> {
  let heard = "";
  while (streamsIn(heard) < 2) {
    const bytes = await slow.take(SLOW_BYTES);
    heard += new TextDecoder("latin1").decode(bytes);
    await new Promise((resolve) => setTimeout(resolve, BURST_MS));
  }
}

/** How often it was said what follows. */
function streamsIn(text: string): number {
  return text.split('"type":"stream"').length - 1;
}
