/**
 * Memory of a server under idle watchers, by door: HTTP, WebSocket and TCP. Reads /proc, hence Linux
 * only.
 *
 *     deno run -A tests/bench/memory_http.ts
 *
 * @module
 */
import { parseAddress } from "../../lib/net/address.ts";
import type { Address } from "../../lib/net/address.ts";
import { fstream, ServeProcess } from "../helpers/fstream_process.ts";
import { prelude, RawPeer } from "../helpers/raw_peer.ts";
import { usersFolder } from "../helpers/start_server.ts";
import { broadcastText } from "../session/live_channel.ts";

/** Watchers that stay and get nothing. */
const IDLE = 1000;

/** Milliseconds in which the server collects its garbage. */
const SETTLE_MS = 2000;

/** Bytes that each watcher takes before it rests: a picture's worth. */
const MEDIA_BYTES = 20_000;

const JSON_WISH = '{"verb":"watch","start":"oldest"}';

/** What a watcher sends at each door. */
const DOORS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  tcp: prelude("watch,user=fier,start=oldest"),
  http: ascii("GET /fier?start=oldest HTTP/1.1\r\nHost: a\r\n\r\n"),
  websocket: new Uint8Array([
    ...ascii(
      "GET /fier HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    ),
    // A text frame, final and masked with zeroes (RFC 6455 §5.2).
    ...[0x81, 0x80 | JSON_WISH.length, 0, 0, 0, 0],
    ...ascii(JSON_WISH),
  ]),
};

function ascii(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Kilobytes of memory that a process has in use, once it has come to rest. */
async function restingKilobytes(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

/** The address of a front, as the server says it. */
async function addressOf(serve: ServeProcess, front: string): Promise<Address> {
  const { address } = await serve.log.wait("listen", 1, { front });
  return parseAddress(String(address), 0);
}

/** Starts a server with both fronts for the user `fier`. */
async function start(): Promise<ServeProcess> {
  const users = await usersFolder(["fier"]);
  const command = fstream([
    ...["serve", "--users", users, "--log-format", "json"],
    ...["--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"],
    ...["--connections-per-address", "2000"],
    ...["--broadcaster-idle", "1h", "--backlog", "512K"],
  ], { stdout: "null", stderr: "piped" });
  return new ServeProcess(command.spawn(), users);
}

/** Runs the bench for one door, with a server of its own, and prints a line. */
async function measure(door: string): Promise<void> {
  await using serve = await start();
  const tcp = await addressOf(serve, "tcp");
  const address = door === "tcp" ? tcp : await addressOf(serve, "http");
  using _broadcaster = await RawPeer.connect(
    tcp,
    prelude(broadcastText("fier", ",bufsize=1000")),
    new Uint8Array(MEDIA_BYTES),
  );
  await serve.log.wait("broadcast-start");
  const before = await restingKilobytes(serve.pid);
  const peers: RawPeer[] = [];
  for (let i = 0; i < IDLE; i++) {
    const peer = await RawPeer.connect(address, DOORS[door]!);
    await peer.take(MEDIA_BYTES);
    peers.push(peer);
  }
  const each = (await restingKilobytes(serve.pid) - before) / IDLE;
  const line = `memory_http ${door}_watcher ${each.toFixed(1)} kB each\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(line));
  for (const peer of peers) peer.close();
}

/** Runs the bench, and prints a line for each door. */
export async function memoryHttp(): Promise<void> {
  for (const door of Object.keys(DOORS)) await measure(door);
}

if (import.meta.main) await memoryHttp();
