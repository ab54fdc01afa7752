import {
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
} from "@std/assert";
import hlsScript from "hls.js/dist/hls.min.js" with { type: "text" };
import type { Page } from "playwright-core";
import {
  needsBrowser,
  startBrowser,
  type TestBrowser,
} from "../helpers/browser.ts";
import { hlsPage } from "../helpers/hls_page.ts";
import { pictureAge } from "../helpers/painted_counter.ts";
import { Site, type SiteContainer } from "../helpers/site.ts";
import { playSeconds } from "../helpers/play_seconds.ts";
import { startTestServer } from "../helpers/start_server.ts";
import { pause } from "../helpers/viewing.ts";

/** Seconds for which a player must not stall. */
const PLAY_S = playSeconds(20);

/** Seconds behind live at most: three segments of two seconds, and one that is being filled. */
const MAX_BEHIND_S = 10;

/** Seconds that a page has played. */
async function played(page: Page): Promise<number> {
  return await page.evaluate("video.currentTime - video.played.start(0)")
    .catch(() => 0) as number;
}

/** Plays a channel, and asserts that it does not stall. */
async function playsOn(
  site: Site,
  browser: TestBrowser,
  origin: string,
  container: SiteContainer,
): Promise<void> {
  const source = await site.broadcast(container);
  await pause(3000);
  const playlist = `${site.origin}/fier/${container}/index.m3u8`;
  const page = await browser.open(`${origin}/?${encodeURIComponent(playlist)}`);
  const deadline = performance.now() + 2 * PLAY_S * 1000;
  while (await played(page) < PLAY_S && performance.now() < deadline) {
    await pause(250);
  }
  assertGreater(await played(page), PLAY_S, container);
  assertEquals(await page.evaluate("stalls"), [], container);
  if (container !== "mp3") {
    const age = await pictureAge(page, source.begun);
    assertLess(age, MAX_BEHIND_S, `${container}: ${age} s behind live`);
  }
  await page.close();
  await source.end();
}

Deno.test({
  ...needsBrowser(
    "HLS plays on another site's page with hls.js, without a stall",
  ),
  async fn(): Promise<void> {
    const config = { allowOrigin: "*" };
    const folder = await Deno.makeTempDir({ prefix: "fstream-hls-" });
    await using site = new Site(await startTestServer({ config }), folder);
    await using browser = await startBrowser();
    await using pages = hlsPage(hlsScript);
    const origin = `http://127.0.0.1:${pages.addr.port}`;
    const containers = ["mpegts", "mp4", "mp3"] as const;
    await Promise.all(containers.map((each) => site.encode(each)));
    await Promise.all(
      containers.map((each) => playsOn(site, browser, origin, each)),
    );
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "a watch page plays HLS in a browser without MediaSource, and says so",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    const source = await site.broadcast("mpegts");
    await pause(7000);
    const page = await browser.open(`${site.origin}/favicon.ico`);
    await page.addInitScript(
      "delete globalThis.MediaSource; delete globalThis.ManagedMediaSource;",
    );
    await page.goto(`${site.origin}/fier/mpegts`);
    const deadline = performance.now() + 20_000;
    while (await played(page) < 4 && performance.now() < deadline) {
      await pause(250);
    }
    assertGreater(await played(page), 4);
    const details = await page.textContent("#details") ?? "";
    assertMatch(details, /Player\s*HLS\s*Transport\s*HTTP/);
    await page.close();
    await source.end();
    assertEquals(browser.complaints, []);
  },
});
