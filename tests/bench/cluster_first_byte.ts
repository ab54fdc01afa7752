/** How long the first byte takes. */
import { FramedPeer } from "../helpers/framed_peer.ts";
import { PASSWORD } from "../helpers/start_server.ts";
import type { ClusterSite } from "./cluster_site.ts";
import type { Peer } from "./peers.ts";

/** Joins where a server has the channel. */
const JOINS = 40;

/** Servers that have to ask for it first. */
const COLD_SERVERS = 7;

/** Bytes of the backlog, which a cold server asks for. */
const BACKLOG_BYTES = 4e6;

/** Milliseconds for a server to come to rest after its start. */
const SETTLE_MS = 1000;

/** Milliseconds until a watcher has its first byte, each time. */
export interface FirstBytes {
  /** Where the broadcaster is. */
  readonly origin: number[];
  /** At a server that has the channel. */
  readonly warm: number[];
  /** At one that must ask for it. */
  readonly cold: number[];
}

/** Measures all three. */
export async function firstBytes(site: ClusterSite): Promise<FirstBytes> {
  const origin = await site.node();
  const warm = await site.node();
  using peer = await FramedPeer.connect(
    addressOf(origin),
    `broadcast,user=fier,user_password=${PASSWORD},bufsize=1024`,
  );
  await peer.messageOf("ok");
  const bytes = new Uint8Array(64 * 1024);
  for (let sent = 0; sent < BACKLOG_BYTES; sent += bytes.length) {
    await peer.media(bytes);
  }
  const found: FirstBytes = { origin: [], warm: [], cold: [] };
  await firstByte(warm);
  for (let join = 0; join < JOINS; join++) {
    found.origin.push(await firstByte(origin));
    found.warm.push(await firstByte(warm));
  }
  for (let server = 0; server < COLD_SERVERS; server++) {
    const cold = await site.node();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    // A server that has served nobody yet compiles its code first.
    const none = "watch,user=fier,channel=none";
    using other = await FramedPeer.connect(addressOf(cold), none);
    await other.next();
    found.cold.push(await firstByte(cold));
    await site.end(cold);
  }
  for (const each of [origin, warm]) await site.end(each);
  return found;
}

async function firstByte(at: Peer): Promise<number> {
  const began = performance.now();
  using watcher = await FramedPeer.connect(addressOf(at), "watch,user=fier");
  await watcher.take(1);
  return performance.now() - began;
}

function addressOf({ port }: Peer): { host: string; port: number } {
  return { host: "127.0.0.1", port };
}
