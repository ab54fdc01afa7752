import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { uintAt } from "../reader/big_endian.ts";
import { cannotFollow, unlessSameInit } from "../splice_rules.ts";
import { SampleTracker } from "./sample_tracker.ts";

/** Bytes of the header without its annotation. */
const AU_HEADER_BYTES = 24;

/** Bytes of the header with its annotation, a text; real ones are some 30 bytes. */
const MAX_HEADER_BYTES = 4096;

/** Bytes of one sample of all channels: 8,192 channels of 64 bits. */
const MAX_BLOCK_BYTES = 65536;

/** The size that means "unknown". */
const UNKNOWN_SIZE = 0xffffffff;

/** Bytes of one sample by encoding; codecs with blocks are left out. */
const SAMPLE_BYTES: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 1],
  [3, 2],
  [4, 3],
  [5, 4],
  [6, 4],
  [7, 8],
  [27, 1],
]);

/** Tracks Sun AU: init is the header with an unknown size. */
export class AuTracker extends SampleTracker {
  /** Bytes missing from a cut header. */
  protected override missingOf(held: Uint8Array): number {
    return Math.max(0, AU_HEADER_BYTES - held.length);
  }

  /** Reads the header. */
  protected override visitHeader(bytes: Uint8Array, at: number): number {
    if (at + AU_HEADER_BYTES > bytes.length) {
      return this.needs(AU_HEADER_BYTES);
    }
    if (uintAt(bytes, at, 4) !== 0x2e736e64) {
      return this.reject("no AU header where one is due");
    }
    this.beginHeader();
    const [length, size, encoding, rate, channels] = [4, 8, 12, 16, 20]
      .map((field) => uintAt(bytes, at + field, 4)) as [
        ...[number, number, number, number, number],
      ];
    const blockBytes = (SAMPLE_BYTES.get(encoding) ?? 0) * channels;
    const isValid = length >= AU_HEADER_BYTES && length <= MAX_HEADER_BYTES &&
      blockBytes > 0 && blockBytes <= MAX_BLOCK_BYTES && rate > 0;
    if (!isValid) return this.reject("a format that is unknown in AU");
    if (at + length > bytes.length) return this.needs(length);
    const header = bytes.slice(at, at + length);
    header.fill(0xff, 8, 12);
    this.sink.init(header);
    this.sink.info({
      container: "au",
      mime: "audio/basic",
      codecs: ["pcm"],
      video: false,
    });
    const known = size === UNKNOWN_SIZE || size === 0 ? Infinity : size;
    const format = { byteRate: rate * blockBytes, blockBytes };
    return this.beginSamples(format, length, known);
  }
}

/** Sun AU. A header inside the stream would be played as samples. */
export const AU: ContainerFormat = {
  name: "au",
  aliases: ["snd"],
  signature: magics(".snd\0\0"),
  tracker: (sink) => new AuTracker(sink),
  splice: unlessSameInit(cannotFollow),
};
