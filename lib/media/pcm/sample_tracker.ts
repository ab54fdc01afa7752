import { ScanTracker } from "../reader/scan_tracker.ts";

/** Join points in a second: 20 ms apart, as are the frames of most audio codecs. */
const JOINS_PER_SECOND = 50;

/** How samples are stored. */
export interface SampleFormat {
  /** Bytes per second, not always a whole number. */
  readonly byteRate: number;
  /** Bytes of one sample of all channels, or of a codec's block. */
  readonly blockBytes: number;
}

/**
 * A tracker of a header followed by samples. Samples have no sync, so lost bytes cannot be detected; join
 * points keep the block alignment. A subclass reads the header.
 */
export abstract class SampleTracker extends ScanTracker {
  #format: SampleFormat | undefined;
  #dataOffset: number | undefined;
  #dataEnd = Infinity;
  #inSamples = false;
  #base = 0;
  #time: number | undefined;

  /** Seconds at the end of the newest join point's samples. */
  override get time(): number | undefined {
    return this.#time;
  }

  /**
   * Bytes up to the next block, counted from the first sample: also after the samples' end, because a
   * player that knows no size takes everything for samples.
   */
  override get missingBytes(): number {
    if (this.#dataOffset === undefined || !this.#format) {
      return super.missingBytes;
    }
    const { offset, skipping, held } = this.reader;
    const { blockBytes } = this.#format;
    const over = (offset - skipping + held.length - this.#dataOffset) %
      blockBytes;
    return over === 0 ? 0 : blockBytes - over;
  }

  /** Reads part of the header at `bytes[at]`; as {@linkcode ScanTracker.visit}. */
  protected abstract visitHeader(bytes: Uint8Array, at: number): number;

  /** Reads the header, or passes the samples of one join point. */
  protected override visit(bytes: Uint8Array, at: number): number {
    return this.#inSamples ? this.#visitSamples() : this.visitHeader(bytes, at);
  }

  /** A header begins, so what follows is no longer counted from the previous samples. */
  protected beginHeader(): void {
    this.#format = undefined;
    this.#dataOffset = undefined;
  }

  /**
   * The header is complete.
   *
   * @param format How samples are stored.
   * @param headerBytes Bytes from here to the first sample.
   * @param length Bytes of the samples, infinite where they are unknown.
   * @returns The step of the visit.
   */
  protected beginSamples(
    format: SampleFormat,
    headerBytes: number,
    length = Infinity,
  ): number {
    this.#format = format;
    this.#dataOffset = this.offset + headerBytes;
    this.#dataEnd = this.#dataOffset + length;
    this.#base = this.#time ?? 0;
    this.#inSamples = true;
    this.sink.boundary?.(this.#dataOffset);
    return headerBytes;
  }

  /** Gives up on a header that cannot be used. */
  protected reject(why: string): number {
    this.giveUp(why);
    return 1;
  }

  /** Visited once per join point, as soon as its first byte is there. */
  #visitSamples(): number {
    const { offset } = this;
    const from = this.#dataOffset ?? 0;
    const { byteRate, blockBytes } = this.#format ??
      { byteRate: 1, blockBytes: 1 };
    const blocks = Math.max(
      1,
      Math.round(byteRate / blockBytes / JOINS_PER_SECOND),
    );
    const end = Math.min(offset + blocks * blockBytes, this.#dataEnd);
    const time = this.#base + (offset - from) / byteRate;
    this.sink.join({ offset, time });
    this.sink.boundary?.(end);
    this.#time = this.#base + (end - from) / byteRate;
    if (end === this.#dataEnd) this.#inSamples = false;
    return end - offset;
  }
}
