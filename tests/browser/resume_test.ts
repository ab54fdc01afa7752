import {
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
} from "@std/assert";
import type { Page } from "playwright-core";
import {
  needsBrowser,
  startBrowser,
  type TestBrowser,
} from "../helpers/browser.ts";
import { CuttingProxy } from "../helpers/cutting_proxy.ts";
import { eventually } from "../helpers/eventually.ts";
import { Site, type SiteContainer } from "../helpers/site.ts";
import { joinLate, pause, SETTLE_MS } from "../helpers/viewing.ts";

/** Played by MediaSource as they are, and by way of mpegts.js. */
const CONTAINERS = ["webm", "mp4", "mpegts"] as const;

/** Connections that are cut, one after another. */
const CUTS = 2;

/** Seconds that play on after each, far beyond what was buffered. */
const PLAY_ON_S = 3;

/** Milliseconds in which they play on, also on a machine that is busy. */
const DEADLINE_MS = 15_000;

/** Notes in the page what a new decoder would change. */
const NOTE_SCRIPT = `
  globalThis.emptied = 0;
  globalThis.source = video.src;
  video.addEventListener("emptied", () => emptied++);
  undefined;
`;

/** A page's decoder: whether it is still the same, and without a hole in its media. */
const DECODER_SCRIPT = `({
  emptied,
  isSame: video.src === source && source.startsWith("blob:"),
  ranges: video.buffered.length,
  state: player.dataset.state,
})`;

/** What it says of a stream that continues. */
const GOES_ON = { emptied: 0, isSame: true, ranges: 1, state: "playing" };

/** The requests that a page sends over further WebSockets. */
function requestsOf(page: Page): Record<string, unknown>[] {
  const requests: Record<string, unknown>[] = [];
  page.on("websocket", (socket) =>
    socket.on(
      "framesent",
      ({ payload }) => requests.push(JSON.parse(String(payload))),
    ));
  return requests;
}

async function currentTime(page: Page): Promise<number> {
  return await page.evaluate("video.currentTime") as number;
}

/** Waits until a page has played up to some second. */
async function playedTo(page: Page, seconds: number): Promise<void> {
  const began = performance.now();
  while (await currentTime(page) < seconds) {
    assertLess(performance.now() - began, DEADLINE_MS, "it stands still");
    await pause(100);
  }
}

async function playsOn(
  site: Site,
  browser: TestBrowser,
  container: SiteContainer,
): Promise<void> {
  await using proxy = await CuttingProxy.start(site.server.address);
  const origin = `http://${proxy.host}`;
  const { page, shown, source } = await joinLate(
    site,
    browser,
    container,
    origin,
  );
  assertLess(shown, Infinity);
  await pause(SETTLE_MS); // Then the page no longer jumps towards live.
  await page.evaluate(NOTE_SCRIPT);
  const requests = requestsOf(page);
  for (let cuts = 1; cuts <= CUTS; cuts++) {
    await proxy.cutAfter(1000); // In mid-message.
    const at = await currentTime(page);
    await eventually(
      `${container} is asked for again`,
      () => requests.length === cuts,
    );
    await playedTo(page, at + PLAY_ON_S);
  }
  for (const { resume } of requests) {
    assertMatch(String(resume), /^[0-9a-f]{32}:[1-9]\d*$/);
  }
  assertEquals(
    await page.evaluate(DECODER_SCRIPT),
    GOES_ON,
    container,
  );
  assertGreater(site.server.log.named("watch-start").length, CUTS);
  await page.close();
  await source.end();
}

for (const container of CONTAINERS) {
  Deno.test({
    ...needsBrowser(
      `watch page: ${container} plays on in the same decoder when its connection is cut`,
    ),
    async fn(): Promise<void> {
      await using site = await Site.start();
      await using browser = await startBrowser();
      await playsOn(site, browser, container);
      assertEquals(browser.complaints, []);
    },
  });
}

Deno.test({
  ...needsBrowser(
    "watch page: an outage longer than the buffer is shown, and ends in the same decoder",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    await using proxy = await CuttingProxy.start(site.server.address);
    const origin = `http://${proxy.host}`;
    const { page } = await joinLate(site, browser, "mp4", origin);
    await pause(SETTLE_MS);
    await page.evaluate(NOTE_SCRIPT);
    proxy.isDown = true;
    await proxy.cutAfter(1000);
    await page.waitForSelector(
      "#headline:has-text('No connection to the server')",
      { timeout: DEADLINE_MS },
    );
    const at = await currentTime(page);
    proxy.isDown = false;
    await page.waitForSelector("#overlay[hidden]", {
      timeout: DEADLINE_MS,
      state: "attached",
    });
    await playedTo(page, at + PLAY_ON_S);
    assertEquals(await page.evaluate(DECODER_SCRIPT), GOES_ON);
    assertEquals(browser.complaints, []);
  },
});
