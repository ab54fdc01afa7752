import { assertEquals } from "@std/assert";
import type { Config } from "../../lib/config/config.ts";
import type { Address } from "../../lib/net/address.ts";
import { FramedPeer } from "../helpers/framed_peer.ts";
import {
  PASSWORD,
  startTestServer,
  type TestServer,
} from "../helpers/start_server.ts";
import type { NatsProcess } from "./nats_process.ts";

/** The request of a broadcaster. */
export const BROADCAST = `broadcast,user=fier,user_password=${PASSWORD}`;

/** Bytes of a record, at which watchers may start. */
export const RECORD_BYTES = 1000;

/** Bytes whose values tell their place. */
export function bytesAt(offset: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (offset + i) % 251);
}

/** Servers that share a NATS; `await using` ends them. */
export class Nodes implements AsyncDisposable {
  /** The servers. */
  readonly all: readonly TestServer[];

  /** @param all Owned from now on. */
  constructor(all: readonly TestServer[]) {
    this.all = all;
  }

  /**
   * Starts so many servers, and waits until they are connected.
   *
   * @param nats One for all, or one for each.
   */
  static async start(
    nats: NatsProcess | readonly NatsProcess[],
    count: number,
    config: Partial<Config> = {},
    folder = false,
  ): Promise<Nodes> {
    const servers = nats instanceof Array ? nats : [nats];
    const all = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        startTestServer({
          folder,
          config: {
            nats: [servers[index % servers.length]!.url],
            node: `n${index}`,
            ...config,
          },
        })),
    );
    await Promise.all(all.map(({ log }) => log.wait("cluster-up")));
    return new Nodes(all);
  }

  /** One of them. */
  at(index: number): TestServer {
    return this.all[index]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((node) => node[Symbol.asyncDispose]()));
  }
}

/** A broadcaster of bytes that tell their place. */
export class Broadcaster implements Disposable {
  /** Its connection. */
  readonly peer: FramedPeer;
  /** The broadcast's id. */
  readonly id: string;
  /** What continues it. */
  readonly secret: string;
  /** Bytes that the server had when it accepted. */
  readonly received: number;
  /** Offset of the next byte. */
  next: number;

  /** Not made by tests; see {@linkcode Broadcaster.start}. */
  constructor(
    peer: FramedPeer,
    values: ReadonlyMap<string, string>,
    secret?: string,
  ) {
    this.peer = peer;
    this.id = values.get("id")!;
    this.secret = values.get("resume") ?? secret!;
    this.next = this.received = Number(values.get("received"));
  }

  /** Begins a broadcast. */
  static async start(
    { address }: { address: Address },
    more = "",
  ): Promise<Broadcaster> {
    const request = `${BROADCAST},bufsize=${RECORD_BYTES}${more}`;
    const peer = await FramedPeer.connect(address, request);
    return new Broadcaster(peer, await peer.messageOf("ok"));
  }

  /** Continues a broadcast, here or at another server. */
  static async resume(
    { address }: { address: Address },
    secret: string,
  ): Promise<Broadcaster> {
    const request = `broadcast,user=fier,resume=${secret}`;
    const peer = await FramedPeer.connect(address, request);
    return new Broadcaster(peer, await peer.messageOf("ok"), secret);
  }

  /** Sends the next bytes. */
  async send(count: number): Promise<void> {
    await this.peer.media(bytesAt(this.next, count));
    this.next += count;
  }

  [Symbol.dispose](): void {
    this.peer.close();
  }
}

/** Watches, and returns the position at which it begins. */
export async function watch(
  { address }: { address: Address },
  more = ",start=oldest",
): Promise<{ peer: FramedPeer; id: string; offset: number }> {
  const peer = await FramedPeer.connect(
    address,
    `watch,user=fier,wait=9${more}`,
  );
  const ok = await peer.messageOf("ok");
  const at = ok.has("id") ? ok : await peer.messageOf("jump");
  return { peer, id: at.get("id")!, offset: Number(at.get("offset")) };
}

/** Asserts that the next bytes of a watcher are those at an offset. */
export async function assertBytes(
  peer: FramedPeer,
  offset: number,
  count: number,
): Promise<void> {
  assertEquals(await peer.take(count), bytesAt(offset, count));
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What a server says of its health. */
export async function healthOf(
  { address: { host, port } }: { address: Address },
): Promise<string> {
  const answer = await fetch(`http://${host}:${port}/healthz`);
  return (await answer.text()).trim();
}
