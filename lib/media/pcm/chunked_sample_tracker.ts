import { concat } from "@std/bytes";
import { fourccAt } from "../reader/big_endian.ts";
import type { MediaInfo, TrackerSink } from "../tracker.ts";
import { type SampleFormat, SampleTracker } from "./sample_tracker.ts";

/** Bytes of a chunk that describes the format; more is a wrong length. */
const MAX_FORMAT_BYTES = 4096;

/** Bytes of another chunk before the samples: a cover picture is smaller. */
const MAX_OTHER_BYTES = 16 * 1024 * 1024;

/** What a format is, and how its chunks are laid out. */
export interface ChunkLayout {
  /** Reported once the format of the samples is known. */
  readonly info: MediaInfo;
  /** Named in messages. */
  readonly name: string;
  /** Bytes before the first chunk. */
  readonly headBytes: number;
  /** Bytes of a chunk's name and size. */
  readonly chunkHeadBytes: number;
  /** Name of the chunk that describes the format. */
  readonly formatChunk: string;
  /** Name of the chunk that contains the samples. */
  readonly samplesChunk: string;
  /** Bytes of the fields before the samples. */
  readonly samplesFields: number;
  /** Whether a file begins so, of which {@linkcode headBytes} are there. */
  isHead(bytes: Uint8Array, at: number): boolean;
  /** The head of a file of unknown size. */
  head(head: Uint8Array): Uint8Array;
  /** Bytes of a chunk's content; infinite where unknown. */
  chunkSize(bytes: Uint8Array, at: number): number;
  /** Reads a whole format chunk; `undefined` when samples are not stored at a constant rate. */
  readFormat(chunk: Uint8Array): SampleFormat | undefined;
  /** The head and fields of a samples chunk of unknown size. */
  readonly samplesHead: Uint8Array;
  /** Whether chunks have an even number of bytes. */
  readonly padded: boolean;
}

/** Tracks a file of chunks, one of which contains samples; init is the format, of unknown size. */
export class ChunkedSampleTracker extends SampleTracker {
  readonly #layout: ChunkLayout;
  #head: Uint8Array | undefined;
  #format: SampleFormat | undefined;
  #formatChunk: Uint8Array = new Uint8Array();

  /** Tracks one format. */
  constructor(sink: TrackerSink, layout: ChunkLayout) {
    super(sink);
    this.#layout = layout;
  }

  /** Bytes of the head and the format. */
  protected override get keptBytes(): number {
    return (this.#head?.length ?? 0) + this.#formatChunk.length;
  }

  /** Bytes missing from a cut header. */
  protected override missingOf(held: Uint8Array): number {
    return Math.max(0, this.#layout.chunkHeadBytes - held.length);
  }

  /** Reads the head or a chunk. */
  protected override visitHeader(bytes: Uint8Array, at: number): number {
    const { headBytes, chunkHeadBytes } = this.#layout;
    if (at + headBytes > bytes.length) return this.needs(headBytes);
    if (this.#layout.isHead(bytes, at)) return this.#readHead(bytes, at);
    if (!this.#head) {
      return this.reject(`no ${this.#layout.name} header where one is due`);
    }
    if (at + chunkHeadBytes > bytes.length) return this.needs(chunkHeadBytes);
    return this.#readChunk(bytes, at, fourccAt(bytes, at));
  }

  #readHead(bytes: Uint8Array, at: number): number {
    const { headBytes } = this.#layout;
    this.beginHeader();
    this.#format = undefined;
    this.#head = this.#layout.head(bytes.slice(at, at + headBytes));
    return headBytes;
  }

  #readChunk(bytes: Uint8Array, at: number, name: string): number {
    const { chunkHeadBytes, padded } = this.#layout;
    const size = this.#layout.chunkSize(bytes, at);
    const padding = padded && size % 2 === 1 ? 1 : 0;
    if (name === this.#layout.samplesChunk) return this.#readSamples(size);
    const isFormat = name === this.#layout.formatChunk;
    if (size > (isFormat ? MAX_FORMAT_BYTES : MAX_OTHER_BYTES)) {
      return this.reject(`a chunk of ${size} bytes before the samples`);
    }
    const total = chunkHeadBytes + size + padding;
    if (!isFormat) return total;
    if (at + total > bytes.length) return this.needs(total);
    this.#formatChunk = bytes.slice(at, at + total);
    this.#format = this.#layout.readFormat(this.#formatChunk);
    return total;
  }

  #readSamples(size: number): number {
    const { chunkHeadBytes, samplesFields, samplesHead, name } = this.#layout;
    if (!this.#format || !this.#head) {
      return this.reject(`samples of ${name} without a constant rate`);
    }
    this.sink.init(concat([this.#head, this.#formatChunk, samplesHead]));
    this.sink.info(this.#layout.info);
    const length = size > samplesFields ? size - samplesFields : Infinity;
    const headerBytes = chunkHeadBytes + samplesFields;
    return this.beginSamples(this.#format, headerBytes, length);
  }
}
