import { assertEquals, assertGreater, assertLess } from "@std/assert";
import type { ChannelDetailJson } from "../../lib/web/managed_json.ts";
import { formatAddress } from "../../lib/net/address.ts";
import { fstream } from "../helpers/fstream_process.ts";
import { pattern } from "../helpers/pattern.ts";
import { requestBytes } from "../helpers/raw_peer.ts";
import {
  PASSWORD,
  startTestServer,
  type TestServer,
} from "../helpers/start_server.ts";
import { broadcasting, broadcastText } from "../session/live_channel.ts";

/** Watchers that read, and that do not. */
const HEALTHY = 50;
const SLOW = 10;

/** Bytes sent at a time, and how often at most until the slow ones' buffers are full. */
const STEP = 256 * 1024;
const MOST_STEPS = 200;

async function connect({ address, log }: TestServer): Promise<Deno.TcpConn> {
  const before = log.named("watch-start").length;
  const conn = await Deno.connect({
    hostname: "127.0.0.1",
    port: address.port,
  });
  await conn.write(requestBytes("watch,user=fier"));
  await log.wait("watch-start", before + 1);
  return conn;
}

async function drain(conn: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  while (await conn.read(buffer).catch(() => null) !== null);
}

function portOf(conn: Deno.TcpConn): string {
  return `127.0.0.1:${(conn.localAddr as Deno.NetAddr).port}`;
}

async function detailOf({ address }: TestServer): Promise<ChannelDetailJson> {
  const url = `http://${formatAddress(address)}/api/channels/fier/default`;
  const headers = { authorization: `Basic ${btoa(`fier:${PASSWORD}`)}` };
  return await (await fetch(url, { headers })).json();
}

Deno.test("the API and fstream top name exactly the slow watchers among many", async () => {
  await using server = await startTestServer({ folder: true });
  using broadcaster = await broadcasting(
    server,
    broadcastText("fier", ",bufsize=1000"),
  );
  using open = new DisposableStack();
  const slow: Deno.TcpConn[] = [];
  const drained: Promise<void>[] = [];
  for (let i = 0; i < HEALTHY + SLOW; i++) {
    const conn = await connect(server);
    open.defer(() => conn.close());
    // Here and there among the others.
    if (i % 6 === 5) slow.push(conn);
    else drained.push(drain(conn));
  }
  assertEquals(slow.length, SLOW);
  const isSlow = (lag: number | null): boolean => (lag ?? 0) > 0.5;
  let detail = await detailOf(server);
  for (let step = 0; step < MOST_STEPS; step++) {
    await broadcaster.send(pattern(step * STEP, STEP));
    if (step % 8 === 7) {
      // Time to catch up for those who can.
      await new Promise((resolve) => setTimeout(resolve, 700));
      detail = await detailOf(server);
      const { audience } = detail;
      // On a busy machine healthy ones lag too, for a moment.
      if (audience.filter(({ lag }) => isSlow(lag)).length === SLOW) break;
    }
  }
  const named = detail.audience.filter(({ lag }) => isSlow(lag));
  const expected = slow.map(portOf).sort();
  assertEquals(named.map(({ address }) => address).sort(), expected);
  const first = detail.audience.slice(0, SLOW).map(({ address }) => address);
  assertEquals(first.sort(), expected, "the slowest come first");
  assertGreater(detail.lag!.max, 0.5);
  assertLess(detail.lag!.median, 0.5);
  const args = ["top", "-u", "fier", "--user-password", PASSWORD];
  const { stdout } = await fstream([formatAddress(server.address), ...args])
    .output();
  const rows = new TextDecoder().decode(stdout).split("WATCHER ")[1]!
    .split("\n").slice(1, SLOW + 1);
  const shown = rows.map((row) => row.trim().split(/ +/)[1]!);
  assertEquals(shown.sort(), expected);
  open.dispose();
  await Promise.all(drained);
});
