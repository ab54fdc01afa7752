import type { Transfer } from "./transfer.ts";

/** Counts the bytes that pass. */
export class ByteCounterStream extends TransformStream<Uint8Array, Uint8Array> {
  /** Bytes that have passed. */
  bytes = 0;

  /** Starts at 0. */
  constructor() {
    super({
      transform: (chunk, controller): void => {
        this.bytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
  }
}

/** A transfer over one connection, as raw bytes. */
export function rawTransfer(counter: ByteCounterStream): Transfer {
  return {
    get bytes(): number {
      return counter.bytes;
    },
    reconnects: 0,
    isBroken: false,
  };
}
