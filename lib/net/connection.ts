import type { Address } from "./address.ts";

/** What a peer sends, read piece by piece. */
export interface Incoming {
  /**
   * Reads some bytes, as many as have arrived and fit. One read at a time.
   *
   * @returns At least one byte, valid until the next read; `undefined` at the end, and once the rest is discarded.
   * @throws {Error} When the connection breaks.
   */
  read(): Promise<Uint8Array | undefined>;
}

/**
 * One accepted connection, over TCP or TLS. It is not a stream: one for each watcher costs a third more processor time
 * than `write`, and a chain of them for each broadcaster half as much again to twice as much as `read`.
 */
export interface Connection extends Incoming {
  /** The peer, or the client that the PROXY header of a trusted proxy names. */
  readonly remote: Address;
  /** Whether the peer is a trusted proxy that sent no PROXY header, so that its `X-Forwarded-*` count. */
  readonly viaProxy: boolean;
  /** Whether it is encrypted. */
  readonly secure: boolean;
  /** The port that the peer connected to. */
  readonly localPort: number;
  /**
   * Settles once reading has found that the peer closed its side ("closed") or that the connection broke
   * ("reset"), and at the latest when it is closed here ("reset").
   */
  readonly gone: Promise<"closed" | "reset">;
  /** Why the server cut it; `undefined` while it has not. */
  readonly cutReason: string | undefined;
  /** Milliseconds that the write in progress has taken; 0 when there is none. */
  readonly stalledMs: number;
  /**
   * Discards what the peer still sends; {@linkcode Connection.gone} still settles. A read in progress finds the end.
   */
  discard(): void;
  /**
   * Writes some of the bytes, at least one, and resolves to how many. The bytes are not modified, and not
   * kept once it has settled. One write at a time.
   *
   * @throws {Error} With the reason when the connection is cut, also while the write is in progress.
   */
  write(bytes: Uint8Array): Promise<number>;
  /**
   * Closes in order: all written bytes arrive, then the end. Resolves when it is closed.
   *
   * @param lingerMs Milliseconds that the peer has to close its side. A peer that sends something later may
   *     lose what it has not read yet. Default a second.
   */
  finish(lingerMs?: number): Promise<void>;
  /** Closes at once. May be called again. */
  close(): void;
  /** Closes at once and records why; a write in progress rejects with the reason. */
  cut(reason: string): void;
}

/** Writes all of the bytes. */
export async function writeAll(
  connection: Pick<Connection, "write">,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await connection.write(bytes.subarray(at));
  }
}

/** A stream of what a peer sends, as copies, which may be kept. */
export function streamOf(
  incoming: Incoming,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller): Promise<void> {
      const bytes = await incoming.read();
      if (bytes) controller.enqueue(bytes.slice());
      else controller.close();
    },
  }, { highWaterMark: 0 });
}
