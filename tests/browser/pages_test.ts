import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import type { Page } from "playwright-core";
import { request } from "../../lib/client/request.ts";
import {
  firstShown,
  needsBrowser,
  PLAIN_HOST,
  startBrowser,
} from "../helpers/browser.ts";
import { decode } from "../helpers/ffmpeg.ts";
import { Site, SITE_CONTAINERS } from "../helpers/site.ts";
import { PASSWORD } from "../helpers/start_server.ts";
import {
  age,
  FIRST_PICTURE_MS,
  joinLate,
  MAX_BEHIND_S,
  pause,
  saidBehind,
  SETTLE_MS,
} from "../helpers/viewing.ts";

/** Milliseconds in which a page notices a change on the server: two of its polls and a retry. */
const NOTICE = { timeout: 15_000 };

/** Matches an element of the watch page while it plays. */
const PLAYING = "#overlay[hidden]";

/** Reads a value four times a second. */
async function sample(
  seconds: number,
  read: () => Promise<number>,
): Promise<number[]> {
  const values: number[] = [];
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    values.push(await read());
    await pause(250);
  }
  return values;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Waits until an element matches, visible or not. */
async function until(page: Page, selector: string): Promise<void> {
  await page.waitForSelector(selector, { ...NOTICE, state: "attached" });
}

Deno.test({
  ...needsBrowser(
    "watch pages: 7 viewers in one browser play, and the page knows how late it is",
  ),
  async fn(t): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    await Promise.all(SITE_CONTAINERS.map((each) => site.encode(each)));
    const viewings = await Promise.all(
      SITE_CONTAINERS.map((each) => joinLate(site, browser, each)),
    );
    for (const viewing of viewings) assertLess(viewing.shown, Infinity);
    const viewing = viewings.find(({ container }) => container === "mpegts")!;
    const { page } = viewing;
    await t.step("the server answers a request meanwhile", async () => {
      const script =
        `fetch("/api/channels").then((r) => r.json()).then((j) => j.channels.length)`;
      assertEquals(await page.evaluate(script), SITE_CONTAINERS.length);
    });
    await t.step("the page itself knows how late it is", async () => {
      await pause(SETTLE_MS);
      const errors = await sample(
        3,
        async () => Math.abs(await saidBehind(page) - await age(viewing)),
      );
      assertLess(median(errors), 0.6, `wrong by ${errors} s`);
    });
    await t.step(
      "Unmute turns the sound on, and a key turns it off",
      async () => {
        await page.hover("#player"); // The controls may have faded.
        await page.click("#start");
        assertEquals(await page.evaluate(`video.muted`), false);
        await page.keyboard.press("m");
        assertEquals(await page.evaluate(`video.muted`), true);
      },
    );
    await t.step("a paused page does not claim to be live", async () => {
      await page.keyboard.press("k");
      await until(page, "#badge[data-state=off]:has-text('Paused')");
      await until(page, "#behind:text-is('')");
      assertEquals(await page.isVisible("#start"), false);
      await page.keyboard.press("k");
      await until(page, "#badge[data-state=live]");
    });
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "broadcast page: the camera arrives at a watch page and at a TCP watcher",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    const studio = await browser.open(`${site.origin}/broadcast`);
    await studio.selectOption("#size", "640x360");
    await studio.fill("#user", "fier");
    await studio.fill("#channel", "camera 1");
    const { host } = new URL(site.origin);
    assertEquals(await studio.locator("#obs-lines pre").allTextContents(), [
      `rtmp://${host}/fier`,
      "camera%201?password=PASSWORD",
      `${site.origin}/fier/camera%201`,
    ]);
    await studio.fill("#user-password", "wrong");
    await studio.click("#go");
    await until(
      studio,
      "#message[data-kind=error]:has-text('Wrong user name or password')",
    );
    assertEquals(
      await studio.getAttribute("#user-password", "aria-invalid"),
      "true",
    );
    await studio.fill("#user-password", PASSWORD);
    await studio.click("#go");
    await until(studio, "#badge[data-state=live]");
    assertEquals(await studio.isVisible("#message"), false);
    await pause(1500);
    const viewer = await browser.open(`${site.origin}/fier/camera%201`);
    assertLess(await firstShown(viewer, 10_000), FIRST_PICTURE_MS);
    const media = await watched(site, "camera 1", 2);
    const { frames, errors, keyFirst } = await decode(media);
    // Where it was cut off is no error of the stream's.
    const isError = (line: string): boolean =>
      !line.includes("ended prematurely");
    assertEquals(errors.filter(isError), []);
    assert(keyFirst);
    assertGreater(frames, 20);
    const behind = await sample(2, () => saidBehind(viewer));
    assertLess(median(behind), MAX_BEHIND_S);
    assertEquals(await studio.textContent("#watchers"), "1");
    await studio.click("#go"); // Now it says Stop.
    await until(viewer, "#badge:has-text('Offline')");
    assertEquals(browser.complaints, []);
  },
});

/** What a TCP watcher gets of a channel in some seconds. */
async function watched(
  { server }: Site,
  channel: string,
  seconds: number,
): Promise<Uint8Array> {
  const options = { address: server.address, wire: 2, reply: true } as const;
  const fields = { user: "fier", channel };
  const { conn, media } = await request("watch", fields, options);
  const timer = setTimeout(() => conn.close(), seconds * 1000);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  try {
    for await (const piece of media) pieces.push(piece.slice());
  } catch {
    // Closed by the timer, in the midst of it.
  }
  clearTimeout(timer);
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

Deno.test({
  ...needsBrowser(
    "watch page: waits for a channel that is not live, and starts again by itself",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    const page = await browser.open(`${site.origin}/fier/flv`);
    await until(page, "#headline:has-text('Offline')");
    const first = await site.broadcast("flv");
    await until(page, PLAYING);
    await first.end();
    await until(page, "#headline:has-text('Offline')");
    await site.broadcast("mp4", "flv");
    await until(page, PLAYING);
    await until(page, "#facts:has-text('MP4: H.264, AAC')");
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "pages: a hostile name stays text",
  ),
  async fn(): Promise<void> {
    const hostile = "<img src=x onerror=alert(1)>";
    await using site = await Site.start();
    await using browser = await startBrowser();
    const list = await browser.open(`${site.origin}/`);
    await until(list, "#empty:not([hidden])");
    await site.broadcast("mp3", hostile);
    const link = list.locator(".card-name a", { hasText: hostile });
    await link.waitFor(NOTICE);
    assertEquals(await list.locator("main img[src]").count(), 0);
    const admin = await browser.open(`${site.origin}/admin`);
    await admin.fill("#user", "fier");
    await admin.fill("#password", PASSWORD);
    await admin.click("#submit");
    await until(admin, "#detail-name:has-text('onerror')");
    assertEquals(await admin.textContent("#detail-name"), `fier/${hostile}`);
    await admin.click("#end");
    await until(admin, "#confirm-title:has-text('onerror')");
    assertEquals(await admin.locator("main img").count(), 0);
    await admin.close();
    await link.click();
    await until(list, PLAYING);
    assertEquals(await list.textContent("h1"), hostile);
    assertEquals(await list.locator("main img").count(), 0);
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "watch page: a wrong channel password is an error, and a right one survives a reload",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    await site.broadcast("mp4", "locked", "?channel_password=open%20up");
    const page = await browser.open(`${site.origin}/fier/locked`);
    await until(page, "#headline:has-text('This channel needs a password')");
    assertEquals(await page.isVisible("#password-error"), false);
    await page.fill("#password", "guess");
    await page.press("#password", "Enter");
    await until(page, "#password-error:has-text('Wrong password.')");
    assertEquals(await page.getAttribute("#password", "aria-invalid"), "true");
    await page.reload();
    await until(page, "#sign-in:not([hidden])");
    assertEquals(await page.isVisible("#password-error"), false);
    await page.fill("#password", "open up");
    await page.press("#password", "Enter");
    await until(page, PLAYING);
    await page.reload();
    await until(page, PLAYING);
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "watch page: a video that the browser cannot decode is named, without a delay",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    await site.broadcast("theora");
    const page = await browser.open(`${site.origin}/fier/theora`);
    await until(page, "#player[data-state=unplayable]");
    await until(page, "#why:has-text('This browser cannot decode Theora.')");
    await pause(1000); // Two updates of the numbers.
    assertEquals(await page.textContent("#behind"), "");
    assertEquals(await page.isVisible("#start"), false);
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "broadcast page: on plain http it says that TLS is needed, and what else works",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    const { port } = new URL(site.origin);
    const page = await browser.open(`http://${PLAIN_HOST}:${port}/broadcast`);
    await until(page, "#insecure:not([hidden])");
    const text = await page.textContent("#insecure") ?? "";
    assertStringIncludes(text, "need TLS");
    const tunnel = `ssh -N -L ${port}:localhost:${port} ${PLAIN_HOST}`;
    assertStringIncludes(text, tunnel);
    assertEquals(await page.isVisible("#studio"), false);
    const server = await page.locator("#obs-lines pre").first().textContent();
    assertEquals(server, `rtmp://${PLAIN_HOST}:${port}/USER`);
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "pages: a private list of channels is named, and does not disturb a watch page",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    await site.broadcast("mp4");
    const list = await browser.open(`${site.origin}/`);
    const page = await browser.open(`${site.origin}/fier/mp4`);
    await until(page, PLAYING);
    await until(page, "#facts:has-text('1 watching')");
    for (const each of [list, page]) {
      await each.route(
        "**/api/channels",
        (route) => route.fulfill({ status: 401 }),
      );
    }
    await until(list, "#no-list:has-text('list of channels is private')");
    for (let polls = 0; polls < 2; polls++) {
      await page.waitForResponse("**/api/channels");
      const facts = await page.textContent("#facts") ?? "";
      assertStringIncludes(facts, "1 watching");
    }
    assertEquals(browser.complaints, []);
  },
});
