import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fstream } from "../../helpers/fstream_process.ts";
import { ProcessLog } from "../../helpers/process_log.ts";

/** Seconds after which the demo ends by itself, should the test fail to end it. */
const MAX_SECONDS = "20";

Deno.test("fstream demo serves page and media on one port", async () => {
  const args = ["demo", "--listen", "127.0.0.1:0", "--for", MAX_SECONDS];
  const child = fstream(args, { stdout: "null", stderr: "piped" }).spawn();
  const log = new ProcessLog(child.stderr);
  try {
    const [, page = "", port = ""] = await log.wait(
      /^Open {2}(http:\/\/127\.0\.0\.1:(\d+)\/demo)$/m,
    );
    const [, run = ""] = await log.wait(/^or run {2}(.*)$/m);
    assertStringIncludes(run, ` 127.0.0.1:${port} watch --user demo`);
    const headers = { accept: "text/html" };
    const response = await fetch(page, { headers });
    assertEquals(response.status, 200);
    assertMatch(await response.text(), /^<!doctype html>/i);
    await log.wait(/^received .* [1-9][\d.]* .B/m);
  } finally {
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 0);
    await log.ended;
  }
});
