import { connect, type Socket } from "node:net";
import { concat } from "@std/bytes";
import type { Address } from "../../lib/net/address.ts";

/** Milliseconds after which a connection that does not come up fails its test. */
const CONNECT_MS = 5000;

/** What came until a connection was over, or until its deadline. */
export interface Heard {
  /** All bytes that came. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How it ended: in order, broken, or not at all in time. */
  readonly how: "closed" | "broken" | "late";
}

/**
 * A TCP peer that comes from an address of its own choice, which on loopback may be any of
 * 127.0.0.0/8. Its end may be a reset, and that of the other side never fails anything.
 */
export class AddressedPeer implements Disposable {
  readonly #socket: Socket;
  readonly #over: Promise<"closed" | "broken">;

  /**
   * Takes a connection over.
   *
   * @param socket Being connected, and owned from now on.
   */
  constructor(socket: Socket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<"closed" | "broken">();
    this.#over = promise;
    socket.once("close", (broken) => resolve(broken ? "broken" : "closed"));
    // Told by the close that follows; without anybody to hear it, it would end the process.
    socket.on("error", () => {});
  }

  /**
   * Connects.
   *
   * @param address Where to.
   * @param from The address to come from.
   * @throws {Error} When the connection does not come up.
   */
  static async connect(
    { host, port }: Address,
    from = "127.0.0.1",
  ): Promise<AddressedPeer> {
    const socket = connect({ host, port, localAddress: from });
    const peer = new AddressedPeer(socket);
    const up = new Promise<"up">((resolve) =>
      socket.once("connect", () => resolve("up"))
    );
    const became = await within<string>(CONNECT_MS, up, peer.#over);
    if (became === "up") return peer;
    peer.reset();
    throw new Error(`Cannot connect from ${from} to ${host}:${port}`);
  }

  /** Sends all of the bytes; tells whether the connection was still there. */
  async send(bytes: Uint8Array): Promise<boolean> {
    if (this.#socket.destroyed) return false;
    return await new Promise<boolean>((resolve) => {
      this.#socket.write(bytes, (error) => resolve(!error));
      this.#over.then(() => resolve(false));
    });
  }

  /**
   * Reads to the end.
   *
   * @param deadlineMs Milliseconds it may take.
   * @param enough Tells of all bytes so far whether no more are waited for. Default never.
   */
  async rest(
    deadlineMs: number,
    enough?: (bytes: Uint8Array) => boolean,
  ): Promise<Heard> {
    const parts: Uint8Array[] = [];
    const { promise, resolve } = Promise.withResolvers<"closed">();
    this.#socket.on("data", (part) => {
      parts.push(part);
      if (enough?.(concat(parts))) resolve("closed");
    });
    const how = await within(deadlineMs, this.#over, promise);
    return { bytes: concat(parts), how };
  }

  /** Waits until the other side has closed or reset it; bytes that come meanwhile stay unread. */
  async gone(deadlineMs: number): Promise<boolean> {
    return await within(deadlineMs, this.#over) !== "late";
  }

  /** Ends its own side in order. */
  end(): void {
    this.#socket.end();
  }

  /** Resets the connection. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Closes at once. */
  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** The first of some promises to settle, or what stands for lateness. */
async function within<T>(
  ms: number,
  ...promises: readonly Promise<T>[]
): Promise<T | "late"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), ms);
  });
  try {
    return await Promise.race([...promises, late]);
  } finally {
    clearTimeout(timer);
  }
}
