import { connect, type Socket } from "node:net";
import type { Address } from "../../lib/net/address.ts";

/**
 * A TCP peer whose end is a reset and nothing else, as when its machine gives up on a connection. It
 * reads nothing.
 */
export class ResettingPeer implements Disposable {
  readonly #socket: Socket;

  /** @param socket Connected, and owned from now on. */
  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Connects, and sends what is given.
   *
   * @param address Where to.
   * @param first What to send.
   */
  static async connect(
    { host, port }: Address,
    first: Uint8Array,
  ): Promise<ResettingPeer> {
    const socket = connect({ host, port });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    const peer = new ResettingPeer(socket);
    await peer.send(first);
    return peer;
  }

  /** Sends all of the bytes. */
  async send(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#socket.write(bytes, () => resolve());
    });
  }

  /** Resets the connection. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Ends the connection in order. */
  end(): void {
    this.#socket.end();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
