import { assert, assertEquals, assertLess } from "@std/assert";
import type { Page } from "playwright-core";
import { needsBrowser, startBrowser } from "../helpers/browser.ts";
import { Site } from "../helpers/site.ts";
import { PASSWORD } from "../helpers/start_server.ts";

/** Milliseconds in which a page notices a change on the server: two of its polls and a retry. */
const NOTICE = { timeout: 15_000 };

/** Matches the player while it plays. */
const PLAYING = "#player[data-state=playing]";

/** A phone with a small screen. */
const PHONE = { viewport: { width: 320, height: 640 } };

/** The test video's shape. */
const RATIO = 324 / 180;

/** Waits until an element matches, visible or not. */
async function until(page: Page, selector: string): Promise<void> {
  await page.waitForSelector(selector, { ...NOTICE, state: "attached" });
}

/** Waits until an element is faded completely or not at all. */
async function untilOpacity(
  page: Page,
  id: string,
  opacity: string,
): Promise<void> {
  const deadline = performance.now() + NOTICE.timeout;
  const script = `getComputedStyle(document.getElementById("${id}")).opacity`;
  while (await page.evaluate(script) !== opacity) {
    assert(performance.now() < deadline, `#${id} never has opacity ${opacity}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The box of an element, in pixels of the viewport. */
async function boxOf(
  page: Page,
  selector: string,
): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await page.locator(selector).boundingBox();
  assert(box, `${selector} is not visible`);
  return box;
}

Deno.test({
  ...needsBrowser("pages: none scrolls sideways at 320 px"),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    const name = "a-channel-with-a-very-long-name-without-any-space";
    await site.broadcast("mpegts", name);
    await site.broadcast("mp4", "locked", "?channel_password=secret");
    const pages = [
      ["/", ".card"],
      [`/fier/${name}`, PLAYING],
      ["/fier/locked", "#sign-in:not([hidden])"],
      ["/fier/offline", "#player[data-state=offline]"],
      ["/broadcast", "#studio:not([hidden])"],
      ["/no/such/page", "h1"],
    ] as const;
    for (const [path, ready] of pages) {
      const page = await browser.open(site.origin + path, PHONE);
      await until(page, ready);
      const width = await page.evaluate("document.body.scrollWidth");
      assertEquals(width, PHONE.viewport.width, path);
      await page.close();
    }
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "watch page: the stage has the video's shape and uses wide screens",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    await site.broadcast("mp4");
    const minWidths = [[1280, 800, 1100], [1920, 1080, 1600]] as const;
    for (const [width, height, minWidth] of minWidths) {
      const page = await browser.open(`${site.origin}/fier/mp4`, {
        viewport: { width, height },
      });
      await until(page, PLAYING);
      const stage = await boxOf(page, ".stage");
      assertLess(Math.abs(stage.width / stage.height - RATIO), 0.01);
      assert(stage.width >= minWidth, `${stage.width} px of ${width} px`);
      assert(stage.y + stage.height < height, `below the ${width} px screen`);
      await page.close();
    }
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "watch page: badge and Unmute fade with the controls, and come back",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    await site.broadcast("mp4");
    const page = await browser.open(`${site.origin}/fier/mp4`);
    await until(page, PLAYING);
    await page.locator("#start").waitFor(NOTICE);
    for (const id of ["badge", "start"]) await untilOpacity(page, id, "0");
    await page.hover("#player");
    for (const id of ["badge", "start"]) await untilOpacity(page, id, "1");
    await untilOpacity(page, "badge", "0");
    await page.focus("#mute"); // As the keyboard does: a hidden control shows itself.
    await untilOpacity(page, "badge", "1");
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "watch page: after the end no control, number or badge pretends to be live",
  ),
  async fn(): Promise<void> {
    await using browser = await startBrowser();
    await using site = await Site.start();
    const source = await site.broadcast("mp4");
    const page = await browser.open(`${site.origin}/fier/mp4`);
    const list = await browser.open(site.origin);
    await until(page, PLAYING);
    await until(page, "#facts:has-text('1 watching')");
    await source.end();
    await until(page, "#player[data-state=offline]");
    await isQuiet(page);
    await site.broadcast("mp4");
    await until(page, PLAYING);
    await until(list, ".badge:has-text('Live')");
    // Before the server closes: a list that it sends last may no longer have the channel.
    await list.route("**/api/channels", (route) => route.abort());
    await until(list, ".badge:has-text('No connection')");
    await until(list, "#no-list:has-text('The server cannot be reached')");
    assertEquals(await list.textContent("#summary"), "");
    await site.server.server.close();
    await until(page, "#player[data-state=lost]");
    await isQuiet(page);
    assertEquals(await page.textContent("#badge"), "No connection");
    assertEquals(await list.locator(".badge[data-state=live]").count(), 0);
    assertEquals(browser.complaints, []);
  },
});

/** Asserts that a watch page shows nothing that only makes sense during playback. */
async function isQuiet(page: Page): Promise<void> {
  for (const selector of ["#start", "#play", "#mute", "#go-live", "#stream"]) {
    assertEquals(await page.isVisible(selector), false, selector);
  }
  await until(page, "#facts:text-is('')");
}

Deno.test({
  ...needsBrowser("broadcast page: Stop is on a phone's screen while live"),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    const page = await browser.open(`${site.origin}/broadcast`, PHONE);
    await page.selectOption("#size", "640x360");
    await page.fill("#user", "fier");
    await page.fill("#user-password", PASSWORD);
    await page.click("#go");
    await until(page, "#badge[data-state=live]");
    await page.evaluate("scrollTo(0, 0)");
    const { y, height } = await boxOf(page, "#go:has-text('Stop')");
    assert(y >= 0 && y + height <= PHONE.viewport.height, `at ${y} px`);
    await page.click("#go");
    await until(page, "#badge:has-text('Offline')");
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser("pages: an unknown address is a page that leads back"),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    const page = await browser.open(`${site.origin}/no/such/page`);
    assertEquals(await page.textContent("h1"), "Page not found");
    await page.click("main a");
    await until(page, "h1:has-text('Channels')");
    assertEquals(browser.complaints, []);
  },
});
