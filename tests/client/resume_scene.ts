import { concat } from "@std/bytes";
import type { BackoffOptions } from "../../lib/client/backoff.ts";
import {
  type BroadcastOptions,
  BroadcastSession,
} from "../../lib/client/broadcast_session.ts";
import type { ClientOptions } from "../../lib/client/client_options.ts";
import { Servers } from "../../lib/client/servers.ts";
import {
  type WatchOptions,
  WatchSession,
} from "../../lib/client/watch_session.ts";
import type { ByteReader } from "../../lib/net/byte_source.ts";
import type { Address } from "../../lib/net/address.ts";
import { seededRandom } from "../helpers/rng.ts";
import { PASSWORD } from "../helpers/start_server.ts";

/** Pauses that do not hold a test up. */
export const SHORT_PAUSES: BackoffOptions = { firstMs: 2, longestMs: 100 };

/** A signal that is never aborted. */
export const NEVER: AbortSignal = new AbortController().signal;

/** A field of requests to watch: every byte is sent, also those before the watcher came. */
export const FROM_OLDEST = { start: "oldest" };

/** Gathers what is delivered. */
export class Gathered {
  readonly sink: WritableStream<Uint8Array>;
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  constructor() {
    this.sink = new WritableStream({
      write: (chunk): void => {
        this.#parts.push(chunk.slice());
        this.#length += chunk.length;
      },
    });
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** All bytes so far. */
  bytes(): Uint8Array<ArrayBuffer> {
    return concat(this.#parts);
  }
}

/** An input that gives bytes in pieces of random sizes, and ends once it may. */
export function inputOf(
  bytes: Uint8Array,
  mayEnd: () => Promise<void> = () => Promise.resolve(),
): ByteReader {
  const random = seededRandom(bytes.length);
  let at = 0;
  return {
    async read(buffer: Uint8Array): Promise<number | null> {
      if (at === bytes.length) {
        await mayEnd();
        return null;
      }
      await new Promise((resolve) => setTimeout(resolve, 0));
      const part = bytes.subarray(
        at,
        at + Math.min(buffer.length, 1 + random(50_000)),
      );
      buffer.set(part);
      at += part.length;
      return part.length;
    },
  };
}

/** Servers that are reached through one address. */
export function serversAt(
  address: Address,
  client: Partial<ClientOptions> = {},
): Servers {
  return new Servers([address], { wire: 2, reply: true, ...client });
}

/** Watches the channel of `fier` from its first byte to its end. */
export async function watchAll(
  options: Partial<WatchOptions> & Pick<WatchOptions, "servers" | "sink">,
  onSession: (session: WatchSession) => void = () => {},
): Promise<WatchSession> {
  const fields = { user: "fier", wait: 20, ...options.fields };
  const session = new WatchSession({
    ...{ signal: NEVER, reconnectMs: 10_000, failOnLoss: false },
    ...{ backoff: SHORT_PAUSES, ...options, fields },
  });
  onSession(session);
  const request = { ...fields, frames: 1 };
  await session.run(await options.servers.request("watch", request, NEVER));
  return session;
}

/** Broadcasts on the channel of `fier`. */
export async function broadcastAll(
  options:
    & Partial<BroadcastOptions>
    & Pick<BroadcastOptions, "servers" | "input">,
): Promise<BroadcastSession> {
  const fields = { user: "fier", "user_password": PASSWORD, ...options.fields };
  const session = new BroadcastSession({
    ...{ signal: NEVER, inputEnd: NEVER, reconnectMs: 10_000 },
    ...{ retainBytes: 1024 * 1024, backoff: SHORT_PAUSES, ...options, fields },
  });
  const request = { ...fields, frames: 1 };
  await session.run(await options.servers.request("broadcast", request, NEVER));
  return session;
}
