const encoder = new TextEncoder();

/** Follows the data of each chunk. */
export const CHUNK_END: Uint8Array<ArrayBuffer> = encoder.encode("\r\n");

/** Ends a chunked body, without trailers. */
export const LAST_CHUNK: Uint8Array<ArrayBuffer> = encoder.encode(
  "0\r\n\r\n",
);

/**
 * Returns what precedes a chunk's data (RFC 9112 §7.1); {@linkcode CHUNK_END} follows it.
 *
 * @param length Bytes of data.
 * @throws {RangeError} When it is not a positive integer: a chunk of 0 bytes would end the body.
 */
export function chunkHeader(length: number): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new RangeError(`Cannot encode a chunk of ${length} bytes`);
  }
  return encoder.encode(`${length.toString(16)}\r\n`);
}

/**
 * Encodes a body in the chunked transfer coding, each chunk in one buffer so that it takes one write. Meant
 * for short bodies: it copies them.
 */
export class ChunkedEncoderStream
  extends TransformStream<Uint8Array, Uint8Array> {
  /** Makes the stream. */
  constructor() {
    super({
      transform(data, controller): void {
        if (data.length > 0) controller.enqueue(encodeChunk(data));
      },
      flush(controller): void {
        controller.enqueue(LAST_CHUNK.slice());
      },
    });
  }
}

function encodeChunk(data: Uint8Array): Uint8Array {
  const header = chunkHeader(data.length);
  const end = header.length + data.length;
  const chunk = new Uint8Array(end + CHUNK_END.length);
  chunk.set(header);
  chunk.set(data, header.length);
  chunk.set(CHUNK_END, end);
  return chunk;
}
