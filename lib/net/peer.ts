import type { Address } from "./address.ts";

/**
 * One connection as the sessions see it, so that TCP, TLS and tests look the same. Media goes out by
 * `write`, slice by slice, since a stream a watcher costs a third more of the processor.
 */
export interface Peer {
  /** Who it is. */
  readonly remote: Address;
  /** What it sends. Cancelling it leaves the connection open and throws away what still comes. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Settles once reading has found that the peer closed its side, or that the connection broke. */
  readonly gone: Promise<"closed" | "reset">;
  /** Writes some of the bytes. @returns How many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Closes in order: all written bytes arrive, then the end. */
  finish(): Promise<void>;
  /** Closes at once. */
  close(): void;
}

/** Writes all of the bytes. */
export async function writeAll(peer: Peer, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await peer.write(bytes.subarray(at));
  }
}
