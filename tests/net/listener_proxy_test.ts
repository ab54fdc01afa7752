import "../helpers/fast_ticks.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes";
import type { Connection } from "../../lib/net/connection.ts";
import { ConnectionLimits } from "../../lib/net/connection_limits.ts";
import { eventually } from "../helpers/eventually.ts";
import { assertOverrun } from "../helpers/overrun.ts";
import { pattern } from "../helpers/pattern.ts";
import { assertEchoes, echo, ListenerScene } from "./listener_scene.ts";

/** PROXY headers, and whom they name; `undefined`: the proxy itself. */
const HEADERS: readonly (readonly [string, Uint8Array, string | undefined])[] =
  [
    [
      "version 1",
      ascii("PROXY TCP4 192.0.2.7 198.51.100.1 46512 61920\r\n"),
      "192.0.2.7",
    ],
    [
      "version 1, IPv4 as IPv6 in hex",
      ascii("PROXY TCP6 ::ffff:c633:6407 ::1 46512 61920\r\n"),
      "198.51.100.7",
    ],
    ["version 1, unknown", ascii("PROXY UNKNOWN\r\n"), undefined],
    [
      "version 2",
      Uint8Array.fromHex(
        "0d0a0d0a000d0a515549540a2111000cc0000207c6336401b5b001bb",
      ),
      "192.0.2.7",
    ],
  ];

function ascii(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Serves connections, and keeps what is known of the peers. */
class Remotes {
  readonly seen: string[] = [];

  readonly serve = async (connection: Connection): Promise<void> => {
    const { remote, viaProxy } = connection;
    this.seen.push(`${remote.host} ${viaProxy}`);
    await echo(connection);
  };
}

Deno.test("Listener takes from a trusted proxy whom it brings, in any pieces", async () => {
  for (const [name, header, host = "127.0.0.1"] of HEADERS) {
    const remotes = new Remotes();
    await using scene = await ListenerScene.start({
      ...{ trusts: () => true, serve: remotes.serve },
    });
    const all = concat([header, pattern(0, 20)]);
    const cuts = [1, 2, 13, header.length - 1, header.length, all.length];
    for (const cut of cuts) {
      using peer = await scene.connect(all.subarray(0, cut));
      await peer.send(all.subarray(cut));
      assertEquals(await peer.take(20), pattern(0, 20), `${name} at ${cut}`);
    }
    using slow = await scene.connect();
    for (const byte of all) await slow.send(Uint8Array.of(byte));
    assertEquals(await slow.take(20), pattern(0, 20), name);
    assertEquals(new Set(remotes.seen), new Set([`${host} false`]), name);
  }
});

Deno.test("Listener passes on what a trusted proxy sends without a header", async () => {
  const remotes = new Remotes();
  await using scene = await ListenerScene.start({
    ...{ trusts: () => true, serve: remotes.serve },
  });
  for (const text of ["GET / HTTP/1.1\r\n\r\n", "\r\n\r\n\0\0\0\x09\0", "P"]) {
    using peer = await scene.connect();
    for (const byte of ascii(text)) await peer.send(Uint8Array.of(byte));
    await peer.finish();
    assertEquals(await peer.rest(), ascii(text));
  }
  assertEquals(remotes.seen, new Array(3).fill("127.0.0.1 true"));
});

Deno.test("Listener takes a header from anybody else for data", async () => {
  const remotes = new Remotes();
  await using scene = await ListenerScene.start({ serve: remotes.serve });
  for (const [, header] of HEADERS) {
    using peer = await scene.connect(header);
    assertEquals(await peer.take(header.length), header);
  }
  assertEquals(new Set(remotes.seen), new Set(["127.0.0.1 false"]));
});

Deno.test("Listener cuts a trusted proxy whose header is late or malformed, and serves another", async () => {
  await using scene = await ListenerScene.start({
    ...{ trusts: () => true, requestMs: 1000 },
  });
  using healthy = await scene.connect(HEADERS[0]![1]);
  await assertEchoes(healthy);
  using bad = await scene.connect(ascii("PROXY TCP5 1.2.3.4 1.2.3.4 1 1\r\n"));
  assertEquals(await bad.rest(), new Uint8Array());
  const { code, reason } = await scene.log.wait("refused");
  assertEquals(code, "bad-request");
  assertStringIncludes(String(reason), "a line of version 1");
  using silent = await scene.connect();
  using begun = await scene.connect(ascii("PROXY TCP4 192"));
  for (const peer of [silent, begun]) {
    assertEquals(await peer.rest(), new Uint8Array());
  }
  const late = scene.log.named("refused")[1];
  assertOverrun(late?.fields.reason, "sent no PROXY header", 1);
  await assertEchoes(healthy);
  assertEquals(scene.limits.total, 1);
});

Deno.test("Listener counts a proxy's connections in all at once, and by network once it is known", async () => {
  const limits = new ConnectionLimits({ total: 4, perNetwork: 2 });
  await using scene = await ListenerScene.start({
    ...{ limits, trusts: () => true },
  });
  const header = HEADERS[0]![1];
  using first = await scene.connect(header);
  using second = await scene.connect(header);
  for (const peer of [first, second]) await assertEchoes(peer);
  using third = await scene.connect(header);
  assertEquals(await third.rest(), new Uint8Array());
  const { remote } = await scene.log.wait("refused");
  assertEquals(remote, "192.0.2.7:46512");
  using other = await scene.connect(HEADERS[1]![1]);
  await assertEchoes(other);
  using _silent = await scene.connect();
  await eventually("it is counted", () => limits.total === 4);
  using fifth = await scene.connect(HEADERS[1]![1]);
  await assertRejects(() => fifth.take(1), Error);
  await second.finish();
  await second.rest();
  await eventually("it is counted no longer", () => limits.total === 3);
  using again = await scene.connect(header);
  await assertEchoes(again);
});
