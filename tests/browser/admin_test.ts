import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { needsBrowser, startBrowser } from "../helpers/browser.ts";
import { authenticateManagers } from "../helpers/managers.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import {
  PASSWORD,
  startTestServer,
  type TestServer,
} from "../helpers/start_server.ts";
import { publishOptions } from "../hub/hub_scene.ts";

/** Milliseconds in which the page notices a change, which it is told once a second. */
const NOTICE = { timeout: 15_000 };

/** A server with the users `fier`, `other` and the operator `ops`, and channels of fier's. */
async function serve(...channels: readonly string[]): Promise<TestServer> {
  const server = await startTestServer({
    authenticate: authenticateManagers(),
  });
  for (const channel of channels) live(server, channel);
  return server;
}

function live(
  { server }: TestServer,
  channel: string,
  channelPassword = "",
): void {
  server.hub.publish(publishOptions({ channel, channelPassword }))
    .append(new Uint8Array(1000));
}

/** Joins a channel, and stays. */
async function watch(
  server: TestServer,
  channel: string,
  more = "",
): Promise<RawPeer> {
  const text = `watch,user=fier,channel=${channel}${more}`;
  const before = server.log.named("watch-start").length;
  const peer = await RawPeer.connect(server.address, requestBytes(text));
  await server.log.wait("watch-start", before + 1);
  return peer;
}

function originOf({ address }: TestServer): string {
  return `http://127.0.0.1:${address.port}`;
}

async function signIn(
  page: Page,
  user: string,
  password = PASSWORD,
): Promise<void> {
  await page.fill("#user", user);
  await page.fill("#password", password);
  await page.press("#password", "Enter");
}

/** Waits until an element matches, visible or not. */
async function until(page: Page, selector: string): Promise<void> {
  await page.waitForSelector(selector, { ...NOTICE, state: "attached" });
}

/** Waits until the page says what was done. */
async function says(page: Page, text: string): Promise<void> {
  await until(page, `#message:has-text("${text}")`);
}

async function channelsOf(page: Page): Promise<string[]> {
  return await page.locator("#channels .name").allTextContents();
}

Deno.test({
  ...needsBrowser(
    "admin page: shows nothing before a user signs in, asks once in a tab, and forgets at once",
  ),
  async fn(): Promise<void> {
    await using server = await serve("hall");
    await using browser = await startBrowser();
    const url = `${originOf(server)}/admin`;
    const page = await browser.open(url);
    await signIn(page, "fier", "wrong");
    await until(page, "#problem:has-text('Wrong user name or password.')");
    assertEquals(
      await page.getAttribute("#password", "aria-invalid"),
      "true",
    );
    assertEquals(await page.isVisible("#signed-in"), false);
    assertEquals(await page.evaluate("sessionStorage.length"), 0);
    assertEquals(server.log.total("refused"), 1, "it is tried once");
    await signIn(page, "fier");
    await until(page, "#channels tr");
    await page.reload();
    await until(page, "#channels tr");
    const another = await page.context().newPage();
    await another.goto(url);
    await another.waitForSelector("#user:focus", NOTICE);
    await page.click("#sign-out");
    await page.waitForSelector("#sign-in", NOTICE);
    assertEquals(await channelsOf(page), []);
    assertEquals(await page.evaluate("sessionStorage.length"), 0);
    await page.reload();
    await page.waitForSelector("#sign-in", NOTICE);
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "admin page: shows a user's own channels only, and an operator those of all",
  ),
  async fn(): Promise<void> {
    await using server = await serve("c10", "c9");
    live(server, "secret", "456");
    server.server.hub.publish(publishOptions({ user: "other", channel: "x" }));
    await using browser = await startBrowser();
    const expected = {
      fier: ["fier/c9", "fier/c10", "fier/secret"],
      other: ["other/x"],
      ops: ["fier/c9", "fier/c10", "fier/secret", "other/x"],
    };
    for (const [user, names] of Object.entries(expected)) {
      const page = await browser.open(
        `${originOf(server)}/admin#/fier/secret`,
      );
      await signIn(page, user);
      await until(page, "#channels tr");
      assertEquals(await channelsOf(page), names);
      // The address names a channel; another user's looks like one that is not live.
      const state = user === "other" ? "off" : "live";
      await until(page, `#badge[data-state=${state}]`);
      assertEquals(await page.isDisabled("#end"), user === "other");
      await page.close();
    }
    assertEquals(server.log.total("refused"), 0, "it asks for nothing else");
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "admin page: disconnects a watcher and ends a broadcast, both after a question, by keyboard alone",
  ),
  async fn(): Promise<void> {
    await using server = await serve("hall", "yard");
    using _first = await watch(server, "yard");
    using _second = await watch(server, "yard");
    await using browser = await startBrowser();
    const page = await browser.open(`${originOf(server)}/admin`);
    await signIn(page, "ops");
    await until(page, "#detail-name:has-text('fier/hall')");
    await page.focus("#channels tr:nth-child(2) button");
    await page.keyboard.press("Enter");
    await until(page, "#watchers tr:nth-child(2)");
    assertMatch(page.url(), /#\/fier\/yard$/);
    assertEquals(
      await page.getAttribute(
        "#channels tr:nth-child(2) button",
        "aria-current",
      ),
      "true",
    );
    const kick = page.getByRole("button", {
      name: /^Disconnect watcher 1 at 127/,
    });
    await kick.press("Enter");
    await page.getByRole("dialog", { name: /^Disconnect watcher 1 / })
      .waitFor(NOTICE);
    await page.keyboard.press("Escape");
    await until(page, "#confirm:not([open])");
    assertEquals(server.log.named("watch-end").length, 0);
    await kick.press("Enter");
    await page.press("#confirm-do", "Enter");
    await says(page, "Watcher 1 at 127.");
    const { reason } = await server.log.wait("watch-end");
    assertEquals(reason, "disconnected by ops");
    await page.waitForSelector("#watchers tr:only-child", NOTICE);
    await until(page, "#channels tr:nth-child(2) td:nth-child(5):text-is('1')");
    await page.press("#end", "Enter");
    await until(page, "#confirm-text:has-text('1 watcher is sent')");
    await page.press("#confirm-do", "Enter");
    await says(page, "Ended fier/yard.");
    const end = await server.log.wait("channel-end");
    assertEquals([end.channel, end.reason], ["yard", "ended by ops"]);
    await until(page, "#badge[data-state=off]");
    assertEquals(await channelsOf(page), ["fier/hall"]);
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "admin page: copies a link that watches a protected channel, revokes it, and copies the address of an open one",
  ),
  async fn(): Promise<void> {
    await using server = await serve("open");
    live(server, "locked", "456");
    await using browser = await startBrowser();
    const page = await browser.open(`${originOf(server)}/admin`, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const copied = (): Promise<unknown> =>
      page.evaluate("navigator.clipboard.readText()");
    await signIn(page, "ops");
    await page.click("text=fier/open");
    await page.click("#make-link:has-text('Copy address')");
    await says(page, "Address copied.");
    assertEquals(await copied(), `${originOf(server)}/fier/open`);
    await page.click("text=fier/locked");
    assertEquals(await page.locator("#link-lines li").count(), 0);
    await page.selectOption("#link-expires", "7d");
    await page.click("#make-link:has-text('Copy watch link')");
    await says(page, "Link copied.");
    const [url, token] = await page.locator("#link-lines pre")
      .allTextContents();
    assertEquals(await copied(), url);
    assertEquals(url, `${originOf(server)}/fier/locked#link=${token}`);
    using _peer = await watch(server, "locked", `,channel_password=${token}`);
    await page.click("#links-title:text-is('Watch links: 1')");
    const link = page.locator("#links-list li");
    await page.waitForSelector("#links-list :has-text('used once')", NOTICE);
    assertMatch((await link.textContent())!, /^Valid for [67] d .*, used once/);
    await link.getByRole("button", { name: "Revoke" }).click();
    await page.click("#confirm-do:text-is('Revoke')");
    await says(page, "The link is revoked.");
    await page.waitForSelector("#links", { ...NOTICE, state: "hidden" });
    const answer = await fetch(
      `${originOf(server)}/fier/locked?channel_password=${token}`,
    );
    await answer.body?.cancel();
    assertEquals(answer.status, 401);
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "admin page: says that the server is gone, and continues with the next one",
  ),
  async fn(): Promise<void> {
    await using browser = await startBrowser();
    const first = await serve("hall");
    const page = await browser.open(`${originOf(first)}/admin`);
    await signIn(page, "ops");
    await until(page, ".plot-lines .rate[d*=M]");
    await first[Symbol.asyncDispose]();
    await until(page, "#lost:has-text('The server cannot be reached.')");
    await using second = await startTestServer({
      authenticate: authenticateManagers(),
      address: first.address,
    });
    live(second, "yard");
    await until(page, "#lost[hidden]");
    await until(page, "#channels:has-text('fier/yard')");
    assert(!(await channelsOf(page)).includes("fier/hall"));
    await until(page, "#detail-name:has-text('fier/hall')");
    await until(page, "#badge:has-text('Not live')");
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "admin page: does not scroll sideways on a phone, and finds channels by name",
  ),
  async fn(): Promise<void> {
    await using server = await serve(
      "a-channel-with-a-very-long-name-without-any-space",
      ...Array.from({ length: 9 }, (_, n) => `c${n}`),
    );
    using _peer = await watch(server, "c8");
    await using browser = await startBrowser();
    const page = await browser.open(`${originOf(server)}/admin`, {
      viewport: { width: 320, height: 640 },
    });
    await signIn(page, "fier");
    await until(page, "#channels tr:nth-child(10)");
    await page.fill("#search", "C8");
    await until(page, "#channels tr:only-child");
    await page.click("#channels .name");
    await until(page, "#watchers tr");
    assertEquals(await page.evaluate("document.body.scrollWidth"), 320);
    const detail = await page.locator("#detail").boundingBox();
    assert(detail && detail.y < 320, "what was chosen is in view");
    assertEquals(browser.complaints, []);
  },
});

Deno.test({
  ...needsBrowser(
    "admin page: an answer that comes too late is shown neither after a sign-out nor for another channel",
  ),
  async fn(): Promise<void> {
    await using server = await serve("hall");
    live(server, "locked", "456");
    using _peer = await watch(server, "hall");
    await using browser = await startBrowser();
    const page = await browser.open(`${originOf(server)}/admin`);
    await signIn(page, "fier");
    await until(page, "#watchers tr");
    await page.click("#channels .name:text('fier/locked')");
    await until(page, "#watchers:not(:has(tr))");
    const link = await heldBack(page, "**/api/links?*");
    await page.click("#make-link");
    await link.asked;
    await page.click("#channels .name:text('fier/hall')");
    await link.answer();
    await until(page, "#message:not(:empty)");
    assertEquals(await page.locator("#link-lines > *").count(), 0);
    await until(page, "#watchers tr");
    const detail = await heldBack(page, "**/api/channels/fier/hall?*");
    await detail.asked;
    await page.click("#sign-out");
    await detail.answer();
    await signIn(page, "other");
    await page.waitForSelector("#no-channels", NOTICE);
    assertEquals(await page.locator("#watchers tr").count(), 0);
    assertEquals(browser.complaints, []);
  },
});

/** Holds the next answer to an address back until a test wants the page to have it. */
async function heldBack(
  page: Page,
  url: string,
): Promise<{ asked: Promise<void>; answer(): Promise<void> }> {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await page.route(url, async (route) => {
    const response = await route.fetch();
    asked.resolve();
    await released.promise;
    await route.fulfill({ response });
    answered.resolve();
  }, { times: 1 });
  return {
    asked: asked.promise,
    answer: async () => {
      released.resolve();
      await answered.promise;
    },
  };
}
