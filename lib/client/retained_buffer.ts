import {
  FRAME_TYPE,
  FRAMED_HEADER_BYTES,
  framedHeader,
} from "../wire/framed.ts";

/**
 * Bytes of a slice that is sent as one frame: enough to need few system calls, and little enough that the first bytes
 * of a full buffer are released while the rest is being sent.
 */
const MAX_SLICE_BYTES = 256 * 1024;

/** A slice of the buffer that is sent as one frame. */
export interface FramedSlice {
  /** The frame: header and media, both within the buffer. */
  readonly frame: Uint8Array;
  /** Bytes of media in it. */
  readonly length: number;
  /** Restores what the header covers; to be called once the frame is written. */
  readonly restore: () => void;
}

/**
 * A ring that keeps the newest bytes of a stream until they are acknowledged. Input is read straight into it and sent
 * straight out of it: the header of a frame covers the bytes before the slice while it is being written.
 *
 * All offsets count from the first byte of the stream.
 */
export class RetainedBuffer {
  /** Before the first byte of the ring there is space for a header. */
  readonly #buffer: Uint8Array<ArrayBuffer>;
  readonly #capacity: number;
  #start = 0;
  #end = 0;

  /** Makes an empty buffer that keeps up to `capacity` bytes. */
  constructor(capacity: number) {
    this.#capacity = capacity + FRAMED_HEADER_BYTES;
    this.#buffer = new Uint8Array(this.#capacity + FRAMED_HEADER_BYTES);
  }

  /** Offset of the first byte that is kept: the first one that is not acknowledged. */
  get start(): number {
    return this.#start;
  }

  /** Offset behind the last byte. */
  get end(): number {
    return this.#end;
  }

  /** Bytes that are kept. */
  get length(): number {
    return this.#end - this.#start;
  }

  /**
   * Space behind the last byte, as much as is contiguous; empty when the buffer is full. What is written there is
   * added with {@linkcode RetainedBuffer.add}.
   */
  free(): Uint8Array<ArrayBuffer> {
    // A header may cover the bytes before the first one.
    const left = this.#capacity - FRAMED_HEADER_BYTES - this.length;
    const at = this.#end % this.#capacity;
    const count = Math.min(left, this.#capacity - at);
    return this.#view(at, count);
  }

  /** Adds bytes that were written to the start of {@linkcode RetainedBuffer.free}. */
  add(count: number): void {
    this.#end += count;
  }

  /**
   * Releases the bytes before an offset.
   *
   * @throws {RangeError} For an offset that was released before, or is not in the stream yet.
   */
  release(offset: number): void {
    this.#require(offset);
    this.#start = offset;
  }

  /**
   * Frames bytes at an offset, as many as are contiguous. Only one slice may be out at a time.
   *
   * @throws {RangeError} When they are not kept.
   */
  slice(offset: number): FramedSlice {
    this.#require(offset);
    const at = offset % this.#capacity;
    const length = Math.min(
      ...[this.#end - offset, this.#capacity - at, MAX_SLICE_BYTES],
    );
    const frame = this.#view(
      at - FRAMED_HEADER_BYTES,
      FRAMED_HEADER_BYTES + length,
    );
    const covered = frame.slice(0, FRAMED_HEADER_BYTES);
    frame.set(framedHeader(FRAME_TYPE.media, length));
    // Bytes that were released meanwhile may have been replaced by newer ones.
    const restore = (): void => {
      if (this.#start < offset) frame.set(covered);
    };
    return { frame, length, restore };
  }

  #view(at: number, length: number): Uint8Array<ArrayBuffer> {
    const from = FRAMED_HEADER_BYTES + at;
    return this.#buffer.subarray(from, from + length);
  }

  #require(offset: number): void {
    if (offset >= this.#start && offset <= this.#end) return;
    throw new RangeError(
      `Cannot find byte ${offset}: only ${this.#start} to ${this.#end} are kept`,
    );
  }
}
