import { assert } from "@std/assert";
import { concat, equals } from "@std/bytes";
import { pattern } from "../helpers/pattern.ts";
import { prelude, RawPeer } from "../helpers/raw_peer.ts";
import { PASSWORD, type TestServer } from "../helpers/start_server.ts";

/** Bytes of the pattern that are sent at a time. */
const STEP_BYTES = 1000;

/** A request to broadcast, with what else it says. */
export function broadcastText(user: string, more = ""): string {
  return `broadcast,user=${user},user_password=${PASSWORD}${more}`;
}

/** The frame that says that all is well. */
export const OK: Uint8Array<ArrayBuffer> = concat([
  new Uint8Array([0, 0, 0, 2, 0]),
  new TextEncoder().encode("ok"),
]);

/**
 * Waits until the server has put a broadcaster's channel on the air.
 *
 * @param count How many broadcasts have begun by then.
 */
export async function onTheAir(
  server: Pick<TestServer, "address" | "log">,
  text: string,
  count = 1,
): Promise<RawPeer> {
  const peer = await RawPeer.connect(server.address, prelude(text));
  await server.log.wait("broadcast-start", count);
  return peer;
}

/**
 * Waits until the server has taken a watcher in.
 *
 * @param count How many have begun to watch by then.
 */
export async function watching(
  server: Pick<TestServer, "address" | "log">,
  text: string,
  count = 1,
): Promise<RawPeer> {
  const peer = await RawPeer.connect(server.address, prelude(text));
  await server.log.wait("watch-start", count);
  return peer;
}

/**
 * A live channel of the user `other` with one watcher, beside whatever a test does to the server:
 * whoever tests shows that its watcher gets every byte all the same.
 */
export class ChannelBeside implements Disposable {
  readonly #broadcaster: RawPeer;
  readonly #watcher: RawPeer;
  #sent = 0;

  /**
   * @param broadcaster On the air.
   * @param watcher Watching it.
   */
  constructor(broadcaster: RawPeer, watcher: RawPeer) {
    this.#broadcaster = broadcaster;
    this.#watcher = watcher;
  }

  /** Puts it on the air of a server that has none yet. */
  static async open(
    server: Pick<TestServer, "address" | "log">,
  ): Promise<ChannelBeside> {
    const broadcaster = await onTheAir(server, broadcastText("other"));
    const watcher = await watching(server, "watch,user=other");
    return new ChannelBeside(broadcaster, watcher);
  }

  /** Sends something, and asserts that the watcher gets that and nothing else. */
  async goesOn(): Promise<void> {
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
