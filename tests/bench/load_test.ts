import { assert, assertEquals, assertGreater } from "@std/assert";
import { needs } from "../helpers/installed.ts";
import { compile, type Load, runLoad } from "./load_run.ts";
import type { Protocol } from "./peers.ts";

/** Bytes of a chunk. */
const CHUNK = 4096;

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

async function loadThrough(hole: Hole): Promise<Load> {
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
    const demand = { watchers: 3, rate: 1_000_000, chunk: CHUNK, seconds: 1 };
    return await runLoad(folder, peer, demand);
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
