import { assertEquals, assertNotEquals } from "@std/assert";
import type { Config } from "../../lib/config/config.ts";
import type { Address } from "../../lib/net/address.ts";
import { parseMessage } from "../../lib/wire/framed_message.ts";
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
   * Starts a number of servers, and waits until they are connected.
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

/** Milliseconds between two pieces of a broadcast that is kept busy, and their bytes: 8 Mbit/s. */
const PIECE_MS = 10;
const PIECE_BYTES = 10 * RECORD_BYTES;

/** Sends without a pause until it is told to end. */
export class Busy {
  #isOver = false;
  readonly #live: Broadcaster;
  readonly #sending: Promise<void>;

  /** @param live What sends. */
  constructor(live: Broadcaster) {
    this.#live = live;
    this.#sending = this.#send();
  }

  /** Stops sending; resolves once everything is sent. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#sending;
  }

  async #send(): Promise<void> {
    while (!this.#isOver) {
      await this.#live.send(PIECE_BYTES);
      await pause(PIECE_MS);
    }
  }
}

/** Milliseconds without a byte after which a watcher has lost its stream: longer than any of the failures. */
const FOLLOW_MS = 20_000;

/** What a watcher was sent until the end. */
export interface Followed {
  /** Offset behind its last byte. */
  readonly end: number;
  /** Milliseconds of the longest time without a byte. */
  readonly pause: number;
  /** Why it ended. */
  readonly reason: string | undefined;
}

/** Reads a watcher's stream to its end, and asserts that each byte follows the one in front of it. */
export async function follow(
  { peer, offset }: { peer: FramedPeer; offset: number },
): Promise<Followed> {
  peer.deadlineMs = FOLLOW_MS;
  let [end, longest, at] = [offset, 0, performance.now()];
  for (;;) {
    const item = await peer.next();
    if (item instanceof Uint8Array) {
      assertEquals(item, bytesAt(end, item.length));
      end += item.length;
      longest = Math.max(longest, performance.now() - at);
      at = performance.now();
    } else if (item?.type === "text") {
      const { word, values } = parseMessage(item.text);
      assertNotEquals(word, "jump", item.text);
      if (word !== "end") continue;
      peer.close();
      return { end, pause: longest, reason: values.get("reason") };
    } else throw new Error("The connection closed in the middle of the stream");
  }
}
