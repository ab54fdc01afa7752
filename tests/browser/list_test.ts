import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import { trackerFor } from "../../lib/media/tracker_for.ts";
import { publishOptions } from "../hub/hub_scene.ts";
import { needsBrowser, startBrowser } from "../helpers/browser.ts";
import { fromRoot } from "../helpers/root.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";

/** Milliseconds in which the page notices a change: two of its polls. */
const NOTICE = { timeout: 8000 };

/** Makes a channel live with a film or a song. */
async function live(
  { server }: TestServer,
  channel: string,
  file = "mpegts_h264_aac.mpegts",
): Promise<void> {
  const tracker = trackerFor({ bufsize: 0, format: undefined });
  server.hub.publish(publishOptions({ channel, tracker }))
    .append(await Deno.readFile(fromRoot(`tests/vectors/media/${file}`)));
}

async function names(page: Page): Promise<string[]> {
  return await page.locator(".card:visible .card-name").allTextContents();
}

async function shows(page: Page, count: number): Promise<void> {
  const last = `#channels > :nth-child(${count}):last-child`;
  await page.waitForSelector(last, NOTICE);
}

Deno.test({
  ...needsBrowser(
    "list page: sorted by name, with icons, and a search from ten channels on that keeps the focus",
  ),
  async fn(): Promise<void> {
    await using server = await startTestServer();
    await using browser = await startBrowser();
    for (const channel of ["c8", "c2", "c5"]) await live(server, channel);
    await live(server, "radio", "mpegts_mp3.mpegts");
    const page = await browser.open(
      `http://127.0.0.1:${server.address.port}/`,
    );
    await shows(page, 4);
    assertEquals(await names(page), ["c2", "c5", "c8", "radio"]);
    assertEquals(await page.isVisible("#search"), false);
    const icons = page.locator(".media-icon:visible");
    const labels = await icons.evaluateAll((all) =>
      all.map((each) => each.getAttribute("aria-label"))
    );
    assertEquals(labels, ["Video", "Video", "Video", "Audio"]);
    for (const n of [0, 1, 3, 4, 6, 7]) await live(server, `c${n}`);
    await shows(page, 10);
    const sorted = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => `c${n}`);
    assertEquals(await names(page), [...sorted, "radio"]);
    await page.fill("#search", "RAD fier");
    await shows(page, 1);
    assertEquals(await names(page), ["radio"]);
    assertStringIncludes((await page.textContent("#summary"))!, "1 of 10");
    server.server.hub.endChannel("fier", "radio", "test");
    await page.waitForSelector("#none-found:not([hidden])", NOTICE);
    assertEquals(await page.isVisible("#search"), true);
    assertEquals(
      await page.evaluate("document.activeElement.id"),
      "search",
    );
    await page.fill("#search", "");
    await shows(page, 9);
    assertEquals(browser.complaints, []);
  },
});
