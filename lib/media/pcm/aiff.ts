import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { fourccAt, uintAt } from "../reader/big_endian.ts";
import { cannotFollow, unlessSameInit } from "../splice_rules.ts";
import {
  ChunkedSampleTracker,
  type ChunkLayout,
} from "./chunked_sample_tracker.ts";
import type { SampleFormat } from "./sample_tracker.ts";

/** Bytes of a chunk's name and size. */
const CHUNK_HEAD_BYTES = 8;

/** A size from here on is a placeholder, as tools write it that write to a pipe. */
const ENDLESS_SIZE = 0x7f000000;

/** `SSND` of a placeholder size, with an offset and a block size of 0. */
const SAMPLES_HEAD = Uint8Array.of(
  ...[0x53, 0x53, 0x4e, 0x44],
  ...[0x7f, 0xff, 0xff, 0xd0],
  ...[0, 0, 0, 0, 0, 0, 0, 0],
);

/** compressionType of AIFF-C whose samples have a constant size (Apple AIFF-C draft 1991). */
const CONSTANT: ReadonlySet<string> = new Set([
  ...["NONE", "sowt", "twos", "raw ", "in24", "in32", "fl32", "FL32"],
  ...["fl64", "FL64", "alaw", "ALAW", "ulaw", "ULAW"],
]);

const LAYOUT: ChunkLayout = {
  info: {
    container: "aiff",
    mime: "audio/aiff",
    codecs: ["pcm"],
    video: false,
  },
  name: "AIFF",
  headBytes: 12,
  chunkHeadBytes: CHUNK_HEAD_BYTES,
  formatChunk: "COMM",
  samplesChunk: "SSND",
  samplesFields: 8,
  samplesHead: SAMPLES_HEAD,
  padded: true,
  isHead(bytes: Uint8Array, at: number): boolean {
    const type = fourccAt(bytes, at + 8);
    return fourccAt(bytes, at) === "FORM" &&
      (type === "AIFF" || type === "AIFC");
  },
  head(head: Uint8Array): Uint8Array {
    head.set([0x7f, 0xff, 0xff, 0xf0], 4);
    return head;
  },
  chunkSize(bytes: Uint8Array, at: number): number {
    const size = uintAt(bytes, at + 4, 4);
    return size >= ENDLESS_SIZE ? Infinity : size;
  },
  readFormat,
};

/** Reads a Common chunk, whose rate is a number of 80 bits (IEEE 754 extended). */
function readFormat(chunk: Uint8Array): SampleFormat | undefined {
  const channels = uintAt(chunk, 8, 2);
  const bits = uintAt(chunk, 14, 2);
  const exponent = (uintAt(chunk, 16, 2) & 0x7fff) - 16383 - 31;
  const rate = uintAt(chunk, 18, 4) * 2 ** exponent;
  const isAifc = chunk.length >= 30;
  if (isAifc && !CONSTANT.has(fourccAt(chunk, 26))) return undefined;
  const blockBytes = channels * Math.ceil(bits / 8);
  const isValid = blockBytes > 0 && blockBytes <= 65536 && rate >= 1 &&
    rate < 1e7;
  return isValid ? { byteRate: rate * blockBytes, blockBytes } : undefined;
}

/** AIFF. A header inside the stream would be played as samples. */
export const AIFF: ContainerFormat = {
  name: "aiff",
  aliases: ["aif", "aifc"],
  signature: magics("FORM????AIFF", "FORM????AIFC"),
  tracker: (sink) => new ChunkedSampleTracker(sink, LAYOUT),
  splice: unlessSameInit(cannotFollow),
};
