/**
 * Peers that mean harm, each next to a healthy watcher that loses nothing. Limits are short, so that the
 * server has to enforce each of them while the test looks on.
 *
 * @module
 */

import { assert, assertEquals, assertLess } from "@std/assert";
import type { Address } from "../../lib/net/address.ts";
import { AddressedPeer } from "../helpers/addressed_peer.ts";
import { assertOverrun } from "../helpers/overrun.ts";
import { fromRoot } from "../helpers/root.ts";
import { bytesOf } from "../helpers/wire_bytes.ts";
import { HostileScene } from "./hostile_scene.ts";

/** Seconds of the limits in these tests. */
const LIMIT_S = 1;

/** Milliseconds after which a peer that is still connected fails its test. */
const GONE_MS = 15_000;

/** Flags that let all attackers connect from one address. */
const MANY = ["--connections-per-network", "5000"];

const REQUEST_TIME = ["--request-time", `${LIMIT_S}s`, ...MANY];

/** MiB by which a process may grow: its heap, and what comes between two looks. */
const GROWTH_MIB = 150;

/** Connections that are being opened at the same time. */
const AT_ONCE = 100;

/** Attackers that have connected; `using` closes them. */
class Attackers implements Disposable {
  readonly peers: AddressedPeer[] = [];

  /** Connects many peers, each of which sends something. */
  static async connect(
    address: Address,
    count: number,
    bytes: Uint8Array = new Uint8Array(),
  ): Promise<Attackers> {
    const all = new Attackers();
    while (all.peers.length < count) {
      const next = Math.min(AT_ONCE, count - all.peers.length);
      const peers = await Promise.all(
        Array.from({ length: next }, () => AddressedPeer.connect(address)),
      );
      if (bytes.length > 0) {
        await Promise.all(peers.map((peer) => peer.send(bytes)));
      }
      all.peers.push(...peers);
    }
    return all;
  }

  /** Reads each to its end; returns what each was sent. */
  async ends(): Promise<string[]> {
    const heard = await Promise.all(
      this.peers.map((peer) => peer.rest(GONE_MS)),
    );
    assertEquals(heard.filter(({ how }) => how === "late").length, 0);
    return heard.map(({ bytes }) => new TextDecoder().decode(bytes));
  }

  [Symbol.dispose](): void {
    for (const peer of this.peers) peer[Symbol.dispose]();
  }
}

const LATE = `the request took more than ${LIMIT_S} s`;

/** Runs on Linux alone, whose /proc tells about memory and descriptors. */
function hostile(name: string, fn: () => Promise<void>): void {
  const ignore = Deno.build.os !== "linux";
  Deno.test({ name: `serve withstands ${name}`, ignore, fn });
}

hostile("2,000 silent connections", async () => {
  await using scene = await HostileScene.start(REQUEST_TIME);
  const before = scene.peakMiB;
  using all = await scene.during(Attackers.connect(scene.address, 2000));
  const said = await scene.during(all.ends());
  assertEquals([...new Set(said)], [""]);
  await scene.rid();
  assertEquals(scene.reasons, [LATE]);
  assertLess(scene.peakMiB - before, GROWTH_MIB);
});

hostile("400 unfinished heads of 60 KB", async () => {
  const flags = [...REQUEST_TIME, "--header-block", "64K"];
  await using scene = await HostileScene.start(flags);
  const before = scene.peakMiB;
  const head = bytesOf("GET / HTTP/1.1\r\nX: ", "x".repeat(60_000));
  const { address } = scene;
  using all = await scene.during(Attackers.connect(address, 400, head));
  await scene.during(all.ends());
  await scene.rid();
  assertEquals(scene.reasons, [LATE]);
  assertLess(scene.peakMiB - before, GROWTH_MIB);
});

hostile("400 heads above the limit, which are answered at once", async () => {
  await using scene = await HostileScene.start(MANY);
  const head = bytesOf("GET / HTTP/1.1\r\nX: ", "x".repeat(9000));
  const { address } = scene;
  using all = await scene.during(Attackers.connect(address, 400, head));
  const said = await scene.during(all.ends());
  for (const text of said) assertEquals(text.slice(0, 12), "HTTP/1.1 400");
  await scene.rid();
});

/** Milliseconds between two bytes of a head: a tenth of the time for all of it. */
const DRIP_MS = LIMIT_S * 100;

/** Sends a head byte by byte; returns the milliseconds until it was cut. */
async function drip(address: Address): Promise<number> {
  using peer = await AddressedPeer.connect(address);
  const began = performance.now();
  const gone = peer.rest(GONE_MS);
  let isGone = false;
  const over = gone.then(() => isGone = true);
  for (const byte of bytesOf("GET /fier HTTP/1.1\r\nHost: a\r\nX-Filler: ")) {
    if (isGone || !await peer.send(new Uint8Array([byte]))) break;
    await new Promise((resolve) => setTimeout(resolve, DRIP_MS));
  }
  await over;
  return performance.now() - began;
}

hostile("requests of one byte now and then", async () => {
  await using scene = await HostileScene.start(REQUEST_TIME);
  const all = Array.from({ length: 50 }, () => drip(scene.address));
  for (const ms of await scene.during(Promise.all(all))) {
    // Every byte would take four seconds.
    assertLess(ms, LIMIT_S * 1000 + 1500);
  }
  await scene.rid();
  assertEquals(scene.reasons, [LATE]);
});

hostile("connections that are kept alive for nothing", async () => {
  const flags = ["--keep-alive", `${LIMIT_S}s`, ...MANY];
  await using scene = await HostileScene.start(flags);
  const request = bytesOf("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  const { address } = scene;
  using all = await scene.during(Attackers.connect(address, 300, request));
  for (const text of await scene.during(all.ends())) {
    assertEquals(text.slice(0, 15), "HTTP/1.1 200 OK");
    assert(text.endsWith("ok\n"), text);
  }
  await scene.rid();
  assertEquals(scene.serve.log.named("refused"), []);
});

const PAGE = "GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n";

hostile("a flood of requests in a row", async () => {
  const flags = ["--watcher-stall", `${LIMIT_S}s`, ...MANY];
  await using scene = await HostileScene.start(flags);
  const before = scene.peakMiB;
  const flood = bytesOf(PAGE.repeat(5000));
  const { address } = scene;
  using all = await scene.during(Attackers.connect(address, 50, flood));
  await scene.during(scene.rid());
  assertEquals(all.peers.length, 50);
  assert(scene.reasons.length > 0);
  for (const reason of scene.reasons) {
    assertOverrun(reason, "took no byte", LIMIT_S);
  }
  assertLess(scene.peakMiB - before, GROWTH_MIB);
});

/** Requests of the largest asset, whose replies exceed what the system buffers: 16 MB. */
const ASSETS = 60;

hostile("readers of pages and assets that never read", async () => {
  const flags = ["--watcher-stall", `${LIMIT_S}s`, ...MANY];
  await using scene = await HostileScene.start(flags);
  const before = scene.peakMiB;
  const asset = "GET /assets/mpegts.js HTTP/1.1\r\nHost: a\r\n\r\n";
  const requests = bytesOf(PAGE, asset.repeat(ASSETS));
  const { address } = scene;
  using all = await scene.during(Attackers.connect(address, 50, requests));
  await scene.during(scene.rid());
  assertEquals(all.peers.length, 50);
  for (const reason of scene.reasons) {
    assertOverrun(reason, "took no byte", LIMIT_S);
  }
  assert(scene.reasons.length > 0);
  assertLess(scene.peakMiB - before, GROWTH_MIB);
});

const TLS = [
  ...["--tls-listen", "127.0.0.1:0"],
  ...["--tls-cert", fromRoot("tests/vectors/tls/server_one.pem")],
  ...["--tls-key", fromRoot("tests/vectors/tls/server_one.key")],
];

/** Descriptors that may come and go by themselves: a file being read, a connection being closed. */
const FILES_SLACK = 8;

hostile("500 unfinished TLS handshakes", async () => {
  await using scene = await HostileScene.start([...REQUEST_TIME, ...TLS]);
  const address = await scene.serve.tlsAddress();
  const before = scene.files;
  // The first bytes of a ClientHello: handshake, version, length 512.
  const hello = new Uint8Array([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);
  using all = await scene.during(Attackers.connect(address, 500, hello));
  await scene.during(all.ends());
  await scene.rid();
  assertLess(scene.files, before + FILES_SLACK);
});

/** Descriptors of a server that has few, and silent connections that take them all. */
const [FEW_FILES, SILENT] = [256, 300];

hostile("silent connections that take every file descriptor", async () => {
  await using scene = await HostileScene.start(REQUEST_TIME, FEW_FILES);
  const { address } = scene;
  using all = await scene.during(Attackers.connect(address, SILENT));
  const { reason } = await scene.serve.log.wait("accept-error");
  assert(/too many open files/i.test(String(reason)), String(reason));
  // Those that wait to be accepted are served once others have been cut.
  assertEquals((await scene.during(scene.get("/healthz"))).trim(), "ok");
  await scene.during(all.ends());
  await scene.rid();
  assertLess(scene.files, FEW_FILES / 2);
});
