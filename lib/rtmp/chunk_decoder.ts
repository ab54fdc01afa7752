import { concat } from "@std/bytes";
import { type ChunkHeader, EXTENDED, readChunkHeader } from "./chunk_header.ts";
import { ChunkStream } from "./chunk_stream.ts";
import type { RtmpMessage } from "./message.ts";
import { RtmpError } from "./rtmp_error.ts";

/** Bytes of a chunk's payload until the peer says otherwise (§5.4.1). */
export const FIRST_CHUNK_BYTES = 128;

/**
 * The largest chunk size that means anything: no message is longer (§5.4.1). Chunks are not held, so a larger one
 * costs nothing.
 */
export const MAX_CHUNK_BYTES = 0xffffff;

/** Chunk streams of a peer; encoders use up to eight. */
export const MAX_CHUNK_STREAMS = 64;

/**
 * Bytes of memory that are kept from one message to the next: a key frame of 20 Mbit/s. New memory for each message
 * would be half of what it costs to take a broadcast in.
 */
export const MAX_SPARE_BYTES = 512 * 1024;

const EMPTY = new Uint8Array();

/** The chunk in progress, from its header to its last byte. */
interface Chunk {
  readonly stream: ChunkStream;
  /** Bytes that are still to come. */
  left: number;
}

/** Decodes chunks into messages, in any cutting of the bytes. */
export class ChunkDecoder {
  readonly #maxMessageBytes: number;
  readonly #maxHeldBytes: number;
  readonly #streams: Map<number, ChunkStream> = new Map();
  #chunkBytes = FIRST_CHUNK_BYTES;
  #input: Uint8Array = EMPTY;
  #at = 0;
  #chunk: Chunk | undefined;
  /** The memory of the message before, until the next one takes it. */
  #spare: Uint8Array<ArrayBuffer> | undefined;

  /**
   * Starts behind the handshake.
   *
   * @param maxMessageBytes Bytes that a message may have.
   * @param maxHeldBytes Bytes that all messages in progress may take.
   */
  constructor(maxMessageBytes: number, maxHeldBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** Whether the bytes so far end between two messages. */
  get isBetweenMessages(): boolean {
    return this.#at === this.#input.length &&
      this.#streams.values().every(({ payload }) => !payload);
  }

  /** Bytes of memory that messages in progress take, and what is kept for the next one. */
  get heldBytes(): number {
    let bytes = this.#spare?.length ?? 0;
    for (const { payload } of this.#streams.values()) {
      bytes += payload?.heldBytes ?? 0;
    }
    return bytes;
  }

  /**
   * Takes the next bytes, which must stay as they are until {@linkcode ChunkDecoder.next} has read them to the end.
   */
  push(bytes: Uint8Array): void {
    const rest = this.#input.subarray(this.#at);
    this.#input = rest.length > 0 ? concat([rest, bytes]) : bytes;
    this.#at = 0;
  }

  /**
   * Reads the next message of at least one byte; its payload is valid until the next call.
   *
   * @returns `undefined` when more bytes are needed.
   * @throws {RtmpError} After which it must not be used.
   */
  next(): RtmpMessage | undefined {
    for (;;) {
      this.#chunk ??= this.#readHeader();
      if (!this.#chunk) break;
      const message = this.#readPayload(this.#chunk);
      if (message) return message;
      if (this.#chunk) break;
    }
    // What is left is a part of a header, and kept.
    const isRead = this.#at === this.#input.length;
    this.#input = isRead ? EMPTY : this.#input.slice(this.#at);
    this.#at = 0;
    return undefined;
  }

  /**
   * Sets the size of the chunks that follow.
   *
   * @throws {RtmpError} For none at all, or a number with the reserved bit.
   */
  setChunkBytes(bytes: number): void {
    if (bytes < 1 || bytes > 0x7fffffff) {
      throw new RtmpError("the chunk size is not possible");
    }
    this.#chunkBytes = Math.min(bytes, MAX_CHUNK_BYTES);
  }

  /** Drops the message in progress of a chunk stream. */
  abort(id: number): void {
    const stream = this.#streams.get(id);
    if (stream) stream.payload = undefined;
  }

  #readHeader(): Chunk | undefined {
    const header = readChunkHeader(this.#input, this.#at);
    if (!header) return undefined;
    const known = this.#streams.get(header.id);
    if (known?.payload && header.format !== 3) {
      throw new RtmpError("a message began within another");
    }
    const field = this.#readExtended(header, known);
    if (!field) return undefined;
    const stream = known ?? this.#open(header.id);
    if (!stream.payload) {
      const spare = this.#spare;
      const max = this.#maxMessageBytes;
      const payload = stream.begin(header, field.timestamp, max, spare);
      if (payload.buffer === spare) this.#spare = undefined;
      if (this.heldBytes > this.#maxHeldBytes) throw this.#tooMuch();
    }
    this.#at += header.length + field.length;
    const left = Math.min(this.#chunkBytes, stream.payload!.missing);
    return { stream, left };
  }

  /**
   * Reads the timestamp behind a header (§5.3.1.3).
   *
   * @returns Its value, and the bytes that it takes; `undefined` when more bytes are needed.
   */
  #readExtended(
    { format, timestamp, length }: ChunkHeader,
    stream: ChunkStream | undefined,
  ): { timestamp: number; length: number } | undefined {
    const isExtended = format === 3
      ? stream?.isExtended ?? false
      : timestamp === EXTENDED;
    if (!isExtended) return { timestamp, length: 0 };
    const at = this.#at + length;
    // Some encoders do not repeat it within a message: then these bytes are payload.
    if (stream?.payload && !this.#repeats(at, stream.extended)) {
      return { timestamp: 0, length: 0 };
    }
    if (this.#input.length < at + 4) return undefined;
    const { buffer, byteOffset } = this.#input;
    const extended = new DataView(buffer, byteOffset + at, 4).getUint32(0);
    return { timestamp: extended, length: 4 };
  }

  /** Whether the next four bytes, as far as they are there, are a number. */
  #repeats(at: number, number: number): boolean {
    const bytes = this.#input.subarray(at, at + 4);
    return bytes.every((byte, i) => byte === (number >>> (24 - 8 * i) & 0xff));
  }

  #open(id: number): ChunkStream {
    if (this.#streams.size >= MAX_CHUNK_STREAMS) {
      throw new RtmpError(`more than ${MAX_CHUNK_STREAMS} chunk streams`);
    }
    const stream = new ChunkStream();
    this.#streams.set(id, stream);
    return stream;
  }

  #readPayload(chunk: Chunk): RtmpMessage | undefined {
    const { stream } = chunk;
    const part = this.#input.subarray(this.#at, this.#at + chunk.left);
    const held = stream.payload!.heldBytes;
    stream.payload!.append(part);
    if (
      stream.payload!.heldBytes > held && this.heldBytes > this.#maxHeldBytes
    ) {
      throw this.#tooMuch();
    }
    this.#at += part.length;
    chunk.left -= part.length;
    if (chunk.left > 0) return undefined;
    this.#chunk = undefined;
    if (stream.payload!.missing > 0) return undefined;
    this.#spare = this.#kept(stream.payload!.buffer);
    const message = stream.end();
    return message.payload.length > 0 ? message : undefined;
  }

  /** Of two buffers the larger one that may be kept. */
  #kept(
    buffer: Uint8Array<ArrayBuffer>,
  ): Uint8Array<ArrayBuffer> | undefined {
    const before = this.#spare?.length ?? 0;
    const isBetter = buffer.length > before && buffer.length <= MAX_SPARE_BYTES;
    return isBetter ? buffer : this.#spare;
  }

  #tooMuch(): RtmpError {
    return new RtmpError(
      `messages in progress exceed ${this.#maxHeldBytes} bytes`,
    );
  }
}
