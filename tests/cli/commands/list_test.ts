import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { trackerFor } from "../../../lib/media/tracker_for.ts";
import { formatAddress } from "../../../lib/net/address.ts";
import { fstream } from "../../helpers/fstream_process.ts";
import { fromRoot } from "../../helpers/root.ts";
import {
  startTestServer,
  type TestServer,
} from "../../helpers/start_server.ts";

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(server: TestServer, ...args: string[]): Promise<Ran> {
  const command = [formatAddress(server.address), "list", ...args];
  const { code, stdout, stderr } = await fstream(command).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** A server with a film, a protected channel and one of another user. */
async function busyServer(): Promise<TestServer> {
  const server = await startTestServer({ folder: true });
  const film = await Deno.readFile(
    fromRoot("tests/vectors/media/mpegts_h264_aac.mpegts"),
  );
  for (
    const [user, channel, channelPassword] of [
      ["fier", "hall", ""],
      ["fier", "secret", "456"],
      ["other", "yard", ""],
    ] as const
  ) {
    server.server.hub.publish({
      ...{ user, channel, channelPassword, hold: 0 },
      tracker: trackerFor({ bufsize: 0, format: undefined }),
      onRevoked: () => {},
    }).append(film);
  }
  return server;
}

Deno.test("fstream list prints one line per channel, with what is public", async () => {
  await using server = await busyServer();
  const { code, stdout, stderr } = await run(server);
  const [head, ...rows] = stdout.trimEnd().split("\n");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(
    head!,
    /^CHANNEL +STATE +FORMAT +SIZE +RATE +WATCHERS +LAG +UPTIME$/,
  );
  assertMatch(
    rows[0]!,
    /^fier\/hall +live +mpegts avc1 mp4a +\d+x\d+ +\S+ \w+\/s +0 +- +0:0\d$/,
  );
  assertMatch(rows[1]!, /^fier\/secret +protected +- +- +- +- +- +-$/);
  assertMatch(rows[2]!, /^other\/yard +live/);
});

Deno.test("fstream list USER lists the channels of one user", async () => {
  await using server = await busyServer();
  const { stdout } = await run(server, "other");
  assertEquals(stdout.trimEnd().split("\n").length, 2);
  assertStringIncludes(stdout, "other/yard");
});

Deno.test("fstream list --json prints an object per line, with everything for the user who signs in", async () => {
  await using server = await busyServer();
  const sign = ["-u", "fier", "--user-password", "123"];
  const { stdout } = await run(server, "--json", ...sign);
  const rows = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(rows.map(({ channel }) => channel), ["hall", "secret"]);
  assertEquals(rows.map(({ protected: each }) => each), [false, true]);
  assertEquals(rows.map(({ lag }) => lag), [null, null]);
});

Deno.test("fstream list is refused with a wrong password, and without the token of a private list", async () => {
  await using server = await startTestServer({ config: { apiToken: "t1" } });
  const wrong = ["-u", "fier", "--user-password", "wrong"];
  for (const args of [wrong, [], ["--api-token", "t2"]]) {
    const { code, stdout, stderr } = await run(server, ...args);
    assertEquals([code, stdout], [3, ""], args.join(" "));
    assertMatch(stderr, /^fstream: error: the server refused: /);
  }
  assertEquals((await run(server, "--api-token", "t1")).code, 0);
});

Deno.test("fstream list --watch lists again, until its reader has enough", async () => {
  await using server = await busyServer();
  const address = formatAddress(server.address);
  await using child = fstream([address, "list", "--watch"], { stdout: "piped" })
    .spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader.read();
  server.server.hub.endChannel("other", "yard", "test");
  const second = await reader.read();
  await reader.cancel();
  assertStringIncludes(first.value!, "other/yard");
  assertEquals(second.value!.includes("other/yard"), false);
  assertEquals((await child.status).code, 0);
});

Deno.test("fstream list rejects a second word", async () => {
  await using server = await startTestServer();
  const { code, stderr } = await run(server, "fier", "hall");
  assertEquals(code, 2);
  assertStringIncludes(stderr, 'unexpected argument "hall"');
});
