import { assert } from "@std/assert";
import { concat, equals } from "@std/bytes";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { PASSWORD, type TestServer } from "../helpers/start_server.ts";

/** Bytes of the pattern that are sent at a time. */
const STEP_BYTES = 1000;

/** A request to broadcast, with further keys. */
export function broadcastText(user: string, more = ""): string {
  return `broadcast,user=${user},user_password=${PASSWORD}${more}`;
}

/** The status frame that accepts a request. */
export const OK: Uint8Array<ArrayBuffer> = concat([
  new Uint8Array([0, 0, 0, 2, 0]),
  new TextEncoder().encode("ok"),
]);

/**
 * Starts a broadcast, and waits until the server has accepted it.
 *
 * @param count How many broadcasts have begun by then.
 */
export async function broadcasting(
  server: Pick<TestServer, "address" | "log">,
  text: string,
  count = 1,
): Promise<RawPeer> {
  const peer = await RawPeer.connect(server.address, requestBytes(text));
  await server.log.wait("broadcast-start", count);
  return peer;
}

/**
 * Starts to watch, and waits until the server has accepted the watcher.
 *
 * @param count How many have begun to watch by then.
 */
export async function watching(
  server: Pick<TestServer, "address" | "log">,
  text: string,
  count = 1,
): Promise<RawPeer> {
  const peer = await RawPeer.connect(server.address, requestBytes(text));
  await server.log.wait("watch-start", count);
  return peer;
}

/**
 * A live channel of the user `other` with one watcher, which no part of a test is about: it shows that
 * others are served whatever the test does to the server.
 */
export class Bystander implements Disposable {
  readonly #broadcaster: RawPeer;
  readonly #watcher: RawPeer;
  #sent = 0;

  /**
   * @param broadcaster Broadcasting.
   * @param watcher Watching it.
   */
  constructor(broadcaster: RawPeer, watcher: RawPeer) {
    this.#broadcaster = broadcaster;
    this.#watcher = watcher;
  }

  /** Starts it on a server without other channels. */
  static async open(
    server: Pick<TestServer, "address" | "log">,
  ): Promise<Bystander> {
    const broadcaster = await broadcasting(server, broadcastText("other"));
    const watcher = await watching(server, "watch,user=other");
    return new Bystander(broadcaster, watcher);
  }

  /** Sends something, and asserts that the watcher gets that and nothing else. */
  async assertServed(): Promise<void> {
    const bytes = pattern(this.#sent, STEP_BYTES);
    this.#sent += STEP_BYTES;
    await this.#broadcaster.send(bytes);
    assert(equals(await this.#watcher.take(STEP_BYTES), bytes));
  }

  /** Both leave. */
  [Symbol.dispose](): void {
    this.#broadcaster.close();
    this.#watcher.close();
  }
}
