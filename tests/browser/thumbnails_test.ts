import { assert, assertEquals, assertLess } from "@std/assert";
import type { Page } from "playwright-core";
import type { Publisher } from "../../lib/hub/publisher.ts";
import { trackerFor } from "../../lib/media/tracker_for.ts";
import { needsBrowser, startBrowser } from "../helpers/browser.ts";
import { fromRoot } from "../helpers/root.ts";
import { Site, type SiteContainer } from "../helpers/site.ts";
import { publishOptions } from "../hub/hub_scene.ts";

/** Milliseconds in which the pictures of a page appear: each takes at most six seconds, two at a time. */
const NOTICE = { timeout: 20_000 };

/** Containers of which there are pictures. */
const PICTURED: readonly SiteContainer[] = [
  ...["webm", "mp4", "mpegts", "flv", "matroska", "h264"] as const,
];

/** What a page reads at most of one channel: its cap, and the message that exceeds it. */
const MOST_BYTES = 3 * 1024 * 1024;

/** Matches the pictures that are shown. */
const PICTURES = ".card-picture img:not([hidden])";

/** A picture that is mostly black or of one colour was not decoded right: counts the colours of a shrunken one. */
const COLOURS = `(() => {
  const small = new OffscreenCanvas(16, 9).getContext("2d");
  small.drawImage(element, 0, 0, 16, 9);
  const { data } = small.getImageData(0, 0, 16, 9);
  return new Set(Array.from({ length: 144 }, (_, i) =>
    [0, 1, 2].map((c) => data[i * 4 + c] >> 6).join())).size;
})()`;

async function coloursOf(page: Page): Promise<number[]> {
  return await page.evaluate(
    `[...document.querySelectorAll("${PICTURES}")].map((element) => ${COLOURS})`,
  ) as number[];
}

/** The channels that were watched so far. */
function watched({ server }: Site): string[] {
  return server.log.named("watch-start").map(({ fields }) =>
    String(fields.channel)
  );
}

Deno.test({
  ...needsBrowser(
    "list page: takes one picture of each channel that it can decode, and leaves at once",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    for (const each of PICTURED) await site.broadcast(each);
    await site.broadcast("mp3");
    await site.broadcast("mp4", "locked", "?channel_password=secret");
    const { log } = site.server;
    await log.wait("broadcast-start", PICTURED.length + 2);
    const page = await browser.open(site.origin, {
      viewport: { width: 1200, height: 1600 },
    });
    await page.locator(PICTURES).nth(PICTURED.length - 1).waitFor(NOTICE);
    for (const colours of await coloursOf(page)) assert(colours > 5);
    assertEquals(watched(site).sort(), PICTURED.toSorted());
    await log.wait("watch-end", PICTURED.length);
    assertEquals(
      site.server.server.hub.channels().map(({ watchers }) => watchers),
      PICTURED.concat("mp3", "mp4").map(() => 0),
    );
    // A picture at a time of each, and two at most.
    const kinds = log.all.map(({ event }) => event);
    let open = 0;
    for (const kind of kinds) {
      if (kind === "watch-start") open++;
      if (kind === "watch-end") open--;
      assert(open <= 2, "more than two at a time");
    }
    assertEquals(browser.complaints, []);
  },
});

/** Makes a channel live with a file of the vectors. */
async function publishFile(
  { server }: Site,
  channel: string,
  file: string,
): Promise<Publisher> {
  const tracker = trackerFor({ bufsize: 0, format: undefined });
  const publisher = server.server.hub.publish(
    publishOptions({ channel, tracker }),
  );
  const bytes = await Deno.readFile(fromRoot(`tests/vectors/media/${file}`));
  publisher.append(bytes);
  return publisher;
}

Deno.test({
  ...needsBrowser("list page: takes pictures of JPEG images"),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    await publishFile(site, "camera", "mjpeg.mjpeg");
    await publishFile(site, "multipart", "mpjpeg_gstreamer.mpjpeg");
    const page = await browser.open(site.origin, {
      viewport: { width: 1200, height: 800 },
    });
    await page.locator(PICTURES).nth(1).waitFor(NOTICE);
    for (const colours of await coloursOf(page)) assert(colours > 5);
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "list page: takes pictures of cards in view only, and none when data is to be saved",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    for (const n of [1, 2, 3, 4]) await site.broadcast("webm", `c${n}`);
    await site.server.log.wait("broadcast-start", 4);
    const saving = await browser.open("about:blank");
    await saving.addInitScript(
      `Object.defineProperty(navigator, "connection", { value: { saveData: true } })`,
    );
    await saving.goto(site.origin);
    await saving.waitForSelector(".card:nth-child(4)", NOTICE);
    const page = await browser.open(site.origin, {
      viewport: { width: 390, height: 420 },
    });
    await page.waitForSelector(PICTURES, NOTICE);
    await site.server.log.wait("watch-end");
    assertEquals(watched(site), ["c1"]);
    await page.locator(".card:nth-child(4)").scrollIntoViewIfNeeded();
    await page.waitForSelector(`.card:nth-child(4) ${PICTURES}`, NOTICE);
    assert(!watched(site).includes("c2"), "a card that was passed");
    assertEquals(await saving.locator(PICTURES).count(), 0);
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "list page: reads two megabytes at most of a channel that shows nothing",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    const publisher = await publishFile(
      site,
      "long",
      "mpegts_h264_aac.mpegts",
    );
    // Null packets (ISO/IEC 13818-1, 2.4.1) show nothing; a watcher may lag by 4 MiB.
    const nulls = new Uint8Array(188 * 1000);
    for (let at = 0; at < nulls.length; at += 188) {
      nulls.set([0x47, 0x1f, 0xff, 0x10], at);
    }
    for (let n = 0; n < 20; n++) publisher.append(nulls);
    const page = await browser.open("about:blank");
    // The player waits for its library.
    await page.route("**/mpegts.js", () => {});
    let bytes = 0;
    const closed = page.waitForEvent("websocket").then((socket) => {
      socket.on("framereceived", ({ payload }) => bytes += payload.length);
      return socket.waitForEvent("close", NOTICE);
    });
    await page.goto(site.origin);
    await closed;
    const { reason } = await site.server.log.wait("watch-end");
    assertEquals(reason, "the watcher left");
    assert(bytes > 1024 * 1024, `${bytes} bytes`);
    assertLess(bytes, MOST_BYTES);
    await page.close();
  },
});
