import { assertEquals, assertLess } from "@std/assert";
import { firstShown, needsBrowser, startBrowser } from "../helpers/browser.ts";
import { Site } from "../helpers/site.ts";
import { PASSWORD } from "../helpers/start_server.ts";
import { FIRST_PICTURE_MS, pause } from "../helpers/viewing.ts";

/** Milliseconds into the broadcast at which the page is opened. */
const JOIN_LATE_MS = 3000;

Deno.test({
  ...needsBrowser("watch page: a broadcast over RTMP shows at once"),
  async fn(): Promise<void> {
    await using site = await Site.start();
    await using browser = await startBrowser();
    const { host } = new URL(site.origin);
    const media = await site.encode("flv");
    const url = `rtmp://${host}/fier/obs?password=${PASSWORD}`;
    const source = new Deno.Command("ffmpeg", {
      args: [
        ...["-v", "error", "-re", "-stream_loop", "-1", "-i", media],
        ...["-c", "copy", "-f", "flv", url],
      ],
      stdin: "null",
    }).spawn();
    try {
      const { log } = site.server;
      const { protocol } = await log.wait("broadcast-start");
      assertEquals(protocol, "rtmp");
      await pause(JOIN_LATE_MS);
      const page = await browser.open(`${site.origin}/fier/obs`);
      assertLess(await firstShown(page, 10_000), FIRST_PICTURE_MS);
      assertEquals(browser.complaints, []);
    } finally {
      source.kill("SIGTERM");
      await source.status;
    }
  },
});
