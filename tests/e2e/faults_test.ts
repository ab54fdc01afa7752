/**
 * Faults of machines, networks and clocks. Beside this file: resets and takeovers are in
 * `tests/session/fstream_test.ts` and `reconnect_test.ts`, requests byte by byte, stalled and silent
 * peers in `tests/session/`, hostile ones in `hostile_test.ts`, a server that was stopped for a while in
 * `paused_server_test.ts`.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertStringIncludes,
} from "@std/assert";
import { buildConfig } from "../../lib/config/config.ts";
import { type Server, startServer } from "../../lib/server/server.ts";
import { formatAddress } from "../../lib/net/address.ts";
import { AddressedPeer } from "../helpers/addressed_peer.ts";
import { eventually } from "../helpers/eventually.ts";
import { fstream } from "../helpers/fstream_process.ts";
import { pattern } from "../helpers/pattern.ts";
import { makeProgram, type Ran } from "../helpers/program.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import {
  EventLog,
  startTestServer,
  type TestServer,
  usersFolder,
} from "../helpers/start_server.ts";
import {
  broadcasting,
  broadcastText,
  Bystander,
  watching,
} from "../session/live_channel.ts";

/** Half-open peers at a time. */
const HALF_OPEN = 100;

Deno.test("unfinished requests are cut in time, and another channel continues", async () => {
  await using server = await startTestServer({ config: { requestTime: 0.5 } });
  using bystander = await Bystander.open(server);
  const whole = requestBytes("watch,user=other");
  const peers = await Promise.all(
    Array.from({ length: HALF_OPEN }, async (_, i) => {
      const peer = await AddressedPeer.connect(server.address);
      await peer.send(whole.subarray(0, i % whole.length));
      return peer;
    }),
  );
  await bystander.assertServed();
  const gone = await Promise.all(peers.map((peer) => peer.gone(5000)));
  assertEquals(gone, new Array<boolean>(HALF_OPEN).fill(true));
  await bystander.assertServed();
  assertEquals(server.server.hub.channels().length, 1);
});

Deno.test("a watcher's reset in mid-stream affects no other", async () => {
  await using server = await startTestServer();
  using bystander = await Bystander.open(server);
  for (let count = 1; count <= 5; count++) {
    using peer = await AddressedPeer.connect(server.address);
    await peer.send(requestBytes("watch,user=other"));
    await server.log.wait("watch-start", 1 + count);
    await bystander.assertServed();
    peer.reset();
    await server.log.wait("watch-end", count);
    await bystander.assertServed();
  }
});

Deno.test("a clock that jumps cuts no peer and ends no hold", async () => {
  await using server = await startTestServer({
    config: { broadcasterIdle: 5, watcherStall: 5, grace: 5, requestTime: 5 },
  });
  using bystander = await Bystander.open(server);
  using held = await broadcasting(server, broadcastText("fier", ",hold=5"), 2);
  using watcher = await watching(server, "watch,user=fier", 2);
  await held.finish();
  await server.log.wait("channel-hold");
  const real = Date.now;
  try {
    for (const jump of [86_400_000, -86_400_000]) {
      Date.now = (): number => real() + jump;
      // Limits are looked at while the clock is wrong, and one that runs out does so in its time.
      await holdBriefly(server);
      await bystander.assertServed();
    }
  } finally {
    Date.now = real;
  }
  using back = await broadcasting(server, broadcastText("fier"), 5);
  await back.send(pattern(0, 1000));
  assertEquals(await watcher.take(1000), pattern(0, 1000));
  for (const event of ["watch-end", "refused"]) {
    assertEquals(server.log.named(event), []);
  }
  const ended = server.log.named("channel-end").map(({ fields }) => fields);
  assertEquals(ended.map(({ channel }) => channel), ["brief", "brief"]);
});

/** Seconds that a channel is held while the clock is wrong: above that of a tick, a quarter. */
const BRIEF_S = 0.5;

/** Has a channel held for a moment; resolves when that is over, as it must not be too early. */
async function holdBriefly(server: TestServer): Promise<void> {
  const text = `,channel=brief,hold=${BRIEF_S}`;
  const count = server.log.named("broadcast-start").length + 1;
  const ended = server.log.named("channel-end").length + 1;
  using peer = await broadcasting(server, broadcastText("fier", text), count);
  const began = performance.now();
  await peer.finish();
  await server.log.wait("channel-end", ended);
  assertGreaterOrEqual(performance.now() - began, BRIEF_S * 1000);
}

/** Files that may read the wall clock: they say when something was or will be, to people, files or other machines. */
const WALL_CLOCKS = [
  ...["lib/auth/users/users_folder.ts", "lib/cli/check/check_tls.ts"],
  ...["lib/http/http_date.ts", "lib/http/reply_head.ts", "lib/logger.ts"],
  ...["lib/package/build.ts", "lib/package/provenance.ts"],
  ...[
    "lib/server/event_hook.ts",
    "lib/web/audience_json.ts",
    "lib/web/channels_json.ts",
  ],
  ...["lib/cli/commands/events.ts", "lib/cli/view/channels.ts"],
  ...["lib/web/event_feed.ts", "lib/web/event_stream.ts"],
  "lib/web/links.ts",
  ...["lib/hls/media_playlist.ts", "lib/hls/segmenter.ts"],
  // These compare dates that other machines were told: of links, of signed addresses, of broadcasts elsewhere.
  ...["lib/auth/link_store.ts", "lib/cluster/ownership.ts"],
  ...["lib/hls/url_signer.ts", "lib/session/hls_address.ts"],
];

Deno.test("no limit is measured by the wall clock", async () => {
  const found: string[] = [];
  for await (const path of sourcesBelow("lib")) {
    const text = await Deno.readTextFile(
      new URL(`../../${path}`, import.meta.url),
    );
    const code = text.replaceAll(/^\s*(\*|\/\/|\/\*).*$/gm, "");
    if (/\bDate\b/.test(code)) found.push(path);
  }
  assertEquals(found.sort(), WALL_CLOCKS.toSorted());
});

async function* sourcesBelow(folder: string): AsyncGenerator<string> {
  const url = new URL(`../../${folder}/`, import.meta.url);
  for await (const { name, isDirectory } of Deno.readDir(url)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sourcesBelow(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

Deno.test("when the users folder goes, sign-ins are answered `server` and channels continue", async () => {
  const users = await usersFolder(["fier", "other"]);
  const log = new EventLog();
  const config = { ...buildConfig(), users };
  const listen = [{ host: "127.0.0.1", port: 0 }];
  const server = await startServer({ ...config, listen }, log);
  try {
    const scene = { server, log, address: server.addresses[0]! };
    using bystander = await Bystander.open(withDispose(scene));
    await Deno.rename(users, `${users}.gone`);
    await server.reload();
    await tryBroadcast(server);
    const { code } = await log.wait("refused");
    assertEquals(code, "server");
    const { reason } = await log.wait("permission-error", 1, { user: "other" });
    assertStringIncludes(String(reason), "Cannot use users folder");
    await bystander.assertServed();
    await Deno.rename(`${users}.gone`, users);
    await server.reload();
    await bystander.assertServed();
    await tryBroadcast(server);
    await log.wait("broadcast-start", 2);
  } finally {
    await server.close();
    for (const path of [users, `${users}.gone`]) {
      await Deno.remove(path, { recursive: true }).catch(() => {});
    }
  }
});

/** What is disposed of elsewhere. */
function withDispose<T>(scene: T): T & AsyncDisposable {
  return { ...scene, [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function tryBroadcast({ addresses }: Server): Promise<void> {
  using peer = await AddressedPeer.connect(addresses[0]!);
  await peer.send(requestBytes(broadcastText("fier")));
  peer.end();
  await peer.gone(5000);
}

/** Runs shell text with the program in it. */
async function shell(text: string): Promise<Ran> {
  await using program = await makeProgram();
  return await program.run(text, Deno.cwd());
}

Deno.test({
  name: "a full disk ends the client with an error",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using server = await startTestServer();
    using broadcaster = await broadcasting(server, broadcastText("fier"));
    const address = formatAddress(server.address);
    const ran = shell(`fstream ${address} watch -u fier > /dev/full`);
    await server.log.wait("watch-start");
    await broadcaster.send(pattern(0, 100_000));
    const { status, stderr } = await ran;
    assertEquals(status, 1, stderr);
    assertStringIncludes(stderr, "fstream: error: ");
    assertStringIncludes(stderr, "No space left");
  },
});

Deno.test({
  name: "a server's name that cannot be found ends the client with an error",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const ran = await shell("fstream no-such-host.invalid watch -u fier");
    assertEquals([ran.status, ran.stdout], [1, ""], ran.stderr);
    assertStringIncludes(ran.stderr, "fstream: error: ");
    assertStringIncludes(ran.stderr, "no-such-host.invalid");
  },
});

/** Bytes that are sent while the watcher is stopped: within what the system buffers and the log keeps. */
const STOPPED_BYTES = 4 * 1024 * 1024;

Deno.test({
  name: "a watcher's process that was stopped continues without a gap",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using server = await startTestServer();
    using broadcaster = await broadcasting(server, broadcastText("fier"));
    const address = formatAddress(server.address);
    const child = fstream([address, "watch", "-u", "fier"], {
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    await server.log.wait("watch-start");
    child.kill("SIGSTOP");
    await broadcaster.send(pattern(0, STOPPED_BYTES));
    const [channel] = server.server.hub.channels();
    await eventually(
      "the server has it all",
      () => channel!.log.last === STOPPED_BYTES,
    );
    child.kill("SIGCONT");
    await broadcaster.finish();
    const { stdout, code } = await child.output();
    assertEquals(code, 0);
    assertEquals(stdout.length, STOPPED_BYTES);
    assert(stdout.every((byte, i) => byte === WHOLE[i]));
  },
});

/** What the watcher that was stopped must be sent. */
const WHOLE = pattern(0, STOPPED_BYTES);

Deno.test("a sign-in that breaks off at each byte leaves nothing behind", async () => {
  await using server = await startTestServer();
  using bystander = await Bystander.open(server);
  const whole = requestBytes(broadcastText("fier"));
  for (let length = 0; length < whole.length; length++) {
    using peer = await AddressedPeer.connect(server.address);
    await peer.send(whole.subarray(0, length));
    if (length % 2) peer.reset();
    else peer.end();
    await peer.gone(5000);
  }
  await eventually(
    "every attempt is logged",
    () => server.log.total("refused") >= whole.length,
  );
  const codes = server.log.named("refused").map(({ fields }) => fields.code);
  assertEquals([...new Set(codes)], ["bad-request"]);
  await bystander.assertServed();
  assertEquals(server.log.named("broadcast-start").length, 1);
  using _whole = await RawPeer.connect(server.address, whole);
  await server.log.wait("broadcast-start", 2);
});
