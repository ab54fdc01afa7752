import type { ByteReader } from "../net/byte_source.ts";
import { Change } from "./change.ts";
import { RetainedBuffer } from "./retained_buffer.ts";
import { untilAborted } from "./until_aborted.ts";

/** Bytes of a read; larger ones do not cost less. */
const MAX_READ_BYTES = 256 * 1024;

/** What an input is read with. */
export interface RetainedInputOptions {
  /** Where the stream comes from. */
  readonly reader: ByteReader;
  /** Bytes that are kept until the server has acknowledged them. */
  readonly capacity: number;
  /** Ends the input early, as if the stream had ended. */
  readonly end: AbortSignal;
}

/** An input that is read ahead as far as its bytes can be kept, whether or not there is a connection. */
export class RetainedInput {
  /** The bytes that are kept. */
  readonly buffer: RetainedBuffer;
  readonly #options: RetainedInputOptions;
  readonly #change = new Change();
  #hasEnded = false;

  /** Makes an input that nothing has been read from. */
  constructor(options: RetainedInputOptions) {
    this.#options = options;
    this.buffer = new RetainedBuffer(options.capacity);
  }

  /** Resolves at the next change of the buffer or the end. */
  get changed(): Promise<void> {
    return this.#change.next;
  }

  /** Whether no byte follows those in the buffer. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Releases the bytes before an offset, which makes space for more. */
  release(offset: number): void {
    this.buffer.release(offset);
    this.#change.notify();
  }

  /**
   * Reads to the end of the input.
   *
   * @throws What makes reading fail.
   */
  async run(): Promise<void> {
    const { end } = this.#options;
    try {
      while (await untilAborted(this.#read(), end));
    } catch (error) {
      if (!end.aborted) throw error;
    }
    this.#hasEnded = true;
    this.#change.notify();
  }

  /** @returns Whether there may be more. */
  async #read(): Promise<boolean> {
    const free = this.buffer.free().subarray(0, MAX_READ_BYTES);
    if (free.length === 0) {
      await this.changed;
      return true;
    }
    const count = await this.#options.reader.read(free);
    if (count === null || this.#options.end.aborted) return false;
    this.buffer.add(count);
    this.#change.notify();
    return true;
  }
}
