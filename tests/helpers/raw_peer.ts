import { concat } from "@std/bytes";
import { encodeFrame } from "../../lib/wire/frame.ts";
import type { Address } from "../../lib/net/address.ts";
import type { Transport } from "../../lib/net/socket_connection.ts";

/** Milliseconds after which bytes that do not come fail their test. */
const READ_DEADLINE_MS = 5000;

/** The wire's versions. */
export const WIRES = [1, 2] as const;

/** A version of the wire. */
export type Wire = typeof WIRES[number];

/**
 * Writes what a client sends before the media.
 *
 * @param text The request with its keys in version 2's spelling.
 * @param wire The version to write it in.
 */
export function requestBytes(
  text: string,
  wire: Wire = 2,
): Uint8Array<ArrayBuffer> {
  if (wire === 2) return concat([new Uint8Array([10, 10]), encodeFrame(text)]);
  const keys = text.replaceAll(/,(\w+)=/g, (pair) => pair.replaceAll("_", "-"));
  return encodeFrame(keys);
}

/** A peer over TCP, TLS or memory that sends what a test wants, and reads only when it is asked to. */
export class RawPeer implements Disposable {
  readonly #conn: Transport;
  #open = true;

  /** @param conn The connection, which is owned from now on. */
  constructor(conn: Transport) {
    this.#conn = conn;
  }

  /**
   * Connects, and sends what is given at once, in one packet where it fits.
   *
   * @param address Where to.
   * @param first What to send.
   */
  static async connect(
    { host, port }: Address,
    ...first: readonly Uint8Array[]
  ): Promise<RawPeer> {
    const conn = await Deno.connect({ hostname: host, port });
    conn.setNoDelay(true);
    const peer = new RawPeer(conn);
    if (first.length > 0) await peer.send(concat(first));
    return peer;
  }

  /** Sends all of the bytes. */
  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.#conn.write(bytes.subarray(at));
    }
  }

  /** Ends its own side; it can still read. */
  async finish(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /**
   * Reads exactly `count` bytes.
   *
   * @throws {Error} when the connection ends or breaks before, or they do not come in time.
   */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count);
    await this.#inTime(async () => {
      for (let at = 0; at < count;) {
        const read = await this.#conn.read(bytes.subarray(at));
        if (read === null) {
          throw new Error(`Cannot read ${count} bytes: it ended after ${at}`);
        }
        at += read;
      }
    });
    return bytes;
  }

  /**
   * Reads to the end.
   *
   * @param deadlineMs Milliseconds it may take.
   * @throws {Error} when the connection breaks, or the end does not come in time.
   */
  async rest(deadlineMs = READ_DEADLINE_MS): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [];
    await this.#inTime(async () => {
      const buffer = new Uint8Array(64 * 1024);
      for (;;) {
        const read = await this.#conn.read(buffer);
        if (read === null) return;
        parts.push(buffer.slice(0, read));
      }
    }, deadlineMs);
    return concat(parts);
  }

  /** Closes at once; what has come and was not read is thrown away. */
  close(): void {
    if (this.#open) this.#conn.close();
    this.#open = false;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #inTime(
    read: () => Promise<void>,
    deadlineMs = READ_DEADLINE_MS,
  ): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.close();
    }, deadlineMs);
    try {
      await read();
    } catch (error) {
      throw late
        ? new Error(`Cannot read on: late by ${deadlineMs} ms`)
        : error;
    } finally {
      clearTimeout(timer);
    }
  }
}
