import { assert, assertEquals, assertGreater } from "@std/assert";
import { needs } from "../helpers/installed.ts";
import { compile, type Load, runLoad, TLS_FLAGS } from "./load_run.ts";
import { end, floorPeers, type Peer, type Protocol } from "./peers.ts";
import { nginxTlsPeers } from "./tls_peers.ts";

/** Bytes of a chunk. */
const CHUNK = 4096;

/** What the load sends. */
const DEMAND = { watchers: 3, rate: 1_000_000, chunk: CHUNK, seconds: 1 };

/** Bytes of the broadcast that are kept from the watchers: from, and until. */
type Hole = readonly [from: number, until: number];

/** A relay that sends on what each connection sends to all others, but for a hole. */
async function relay(
  listener: Deno.TcpListener,
  [from, until]: Hole,
): Promise<void> {
  const all: Deno.TcpConn[] = [];
  const pumps: Promise<void>[] = [];
  for await (const conn of listener) {
    all.push(conn);
    pumps.push(pump(conn));
  }
  await Promise.all(pumps);

  async function pump(conn: Deno.TcpConn): Promise<void> {
    let at = 0;
    try {
      for await (const bytes of conn.readable) {
        const kept = bytes.filter((_, i) => at + i < from || at + i >= until);
        at += bytes.length;
        await Promise.all(
          all.filter((other) => other !== conn).map((other) =>
            writeAll(other, kept)
          ),
        );
      }
    } catch {
      // A watcher that has all it wants is gone without a word.
    }
  }
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

async function loadThrough(hole: Hole, channels = 1): Promise<Load> {
  const folder = await Deno.makeTempDir();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const relaying = relay(listener, hole);
  // What the load is told of the server's process is of no matter here.
  const process = new Deno.Command("true").spawn();
  await process.status;
  const { port } = listener.addr;
  const protocol: Protocol = "relay";
  const peer = { name: "relay", process, port, sourcePort: port, protocol };
  try {
    await compile(folder, "load");
    return await runLoad(folder, peer, { ...DEMAND, channels });
  } finally {
    listener.close();
    await relaying;
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  ...needs("gcc", "the load proves that all came when all came"),
  async fn(): Promise<void> {
    const load = await loadThrough([0, 0]);
    assertEquals(
      [load.unsent, load.gaps, load.torn, load.cut, load.behind],
      [0, 0, 0, 0, 0],
    );
    assertGreater(load.bytes, 3 * 100_000);
    assertEquals(load.bytes % (3 * CHUNK), 0);
  },
});

Deno.test({
  ...needs("gcc", "the load finds a chunk that is missing, at each watcher"),
  async fn(): Promise<void> {
    const load = await loadThrough([3 * CHUNK, 4 * CHUNK]);
    assertEquals([load.gaps, load.torn, load.behind], [3, 0, 0]);
  },
});

Deno.test({
  ...needs("gcc", "the load finds a byte that is missing, at each watcher"),
  async fn(): Promise<void> {
    const load = await loadThrough([3 * CHUNK + 100, 3 * CHUNK + 101]);
    assertEquals([load.gaps, load.torn], [0, 3]);
    assert(load.behind === 3, "nothing is believed behind a torn chunk");
  },
});

Deno.test({
  ...needs("gcc", "the load finds bytes of another channel, at each watcher"),
  async fn(): Promise<void> {
    const load = await loadThrough([0, 0], 2);
    assertEquals(load.torn, 3, "the relay sends every channel to all");
  },
});

/** Runs the load against a server that is started for it. */
async function loadOf(
  start: (folder: string) => Promise<Peer[]>,
  channels: number,
  flags: readonly string[],
): Promise<Load> {
  const folder = await Deno.makeTempDir();
  try {
    await Promise.all([
      compile(folder, "floor"),
      compile(folder, "load", flags),
    ]);
    const [peer] = await start(folder);
    try {
      return await runLoad(folder, peer!, { ...DEMAND, channels });
    } finally {
      await end(peer!.process);
      if (peer!.behind) await end(peer!.behind);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  ...needs("gcc", "the floor keeps channels apart"),
  async fn(): Promise<void> {
    const load = await loadOf(floorPeers, 2, []);
    assertEquals([load.gaps, load.torn, load.cut, load.behind], [0, 0, 0, 0]);
    assertGreater(load.bytes, 3 * 50_000);
  },
});

/** Whether a C program that uses OpenSSL can be compiled. */
function hasOpenSsl(): boolean {
  try {
    return Deno.statSync("/usr/include/openssl/ssl.h").isFile;
  } catch {
    return false;
  }
}

Deno.test({
  ...(hasOpenSsl()
    ? needs("nginx", "the load speaks TLS")
    : needs("openssl/ssl.h", "the load speaks TLS")),
  async fn(): Promise<void> {
    const load = await loadOf(nginxTlsPeers, 2, TLS_FLAGS);
    assertEquals([load.gaps, load.torn, load.cut, load.behind], [0, 0, 0, 0]);
    assertGreater(load.bytes, 3 * 50_000);
  },
});
