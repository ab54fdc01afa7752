import { assertEquals } from "@std/assert";
import { needsBrowser, startBrowser } from "../helpers/browser.ts";
import { Site } from "../helpers/site.ts";
import { PASSWORD } from "../helpers/start_server.ts";

/** Milliseconds in which a page plays or says why it does not. */
const NOTICE = { timeout: 15_000 };

Deno.test({
  ...needsBrowser(
    "watch page: a link plays without a password, is taken out of the address, and survives a reload",
  ),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    await site.broadcast("mp4", "locked", "?channel_password=456");
    const headers = { authorization: `Basic ${btoa(`fier:${PASSWORD}`)}` };
    const url = `${site.origin}/api/links?channel=locked`;
    const answer = await fetch(url, { method: "POST", headers });
    const { token, id } = await answer.json();
    const page = await browser.open(
      `${site.origin}/fier/locked#link=${token}`,
    );
    const plays = (): Promise<unknown> =>
      page.waitForSelector("#overlay[hidden]", {
        ...NOTICE,
        state: "attached",
      });
    await plays();
    assertEquals(page.url(), `${site.origin}/fier/locked`);
    await page.reload();
    await plays();
    const revoke = `${site.origin}/api/links/${id}/revoke`;
    const revoked = await fetch(revoke, { method: "POST", headers });
    assertEquals((await revoked.json()).revoked, true);
    await page.reload();
    await page.waitForSelector("#sign-in:not([hidden])", NOTICE);
  },
});
