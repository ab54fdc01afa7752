import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { fourccAt, uintAt } from "../reader/big_endian.ts";
import { cannotFollow, unlessSameInit } from "../splice_rules.ts";
import {
  ChunkedSampleTracker,
  type ChunkLayout,
} from "./chunked_sample_tracker.ts";
import type { SampleFormat } from "./sample_tracker.ts";

/** Bytes of a chunk's name and its size of 64 bits. */
const CHUNK_HEAD_BYTES = 12;

/** `data` with the size -1, "to the end of the file", and the edit count. */
const SAMPLES_HEAD = Uint8Array.of(
  ...[0x64, 0x61, 0x74, 0x61],
  ...[255, 255, 255, 255, 255, 255, 255, 255],
  ...[0, 0, 0, 0],
);

const LAYOUT: ChunkLayout = {
  info: {
    container: "caf",
    mime: "audio/x-caf",
    codecs: ["pcm"],
    video: false,
  },
  name: "CAF",
  headBytes: 8,
  chunkHeadBytes: CHUNK_HEAD_BYTES,
  formatChunk: "desc",
  samplesChunk: "data",
  samplesFields: 4,
  samplesHead: SAMPLES_HEAD,
  padded: false,
  isHead: (bytes, at) =>
    fourccAt(bytes, at) === "caff" && uintAt(bytes, at + 4, 2) === 1,
  head: (head) => head,
  chunkSize(bytes: Uint8Array, at: number): number {
    const isUnknown = (bytes[at + 4] ?? 0) >= 0x80;
    return isUnknown ? Infinity : uintAt(bytes, at + 4, 8);
  },
  readFormat,
};

/** Reads an Audio Description chunk: samples are at a constant rate where packets have one size. */
function readFormat(chunk: Uint8Array): SampleFormat | undefined {
  if (chunk.length < CHUNK_HEAD_BYTES + 32) return undefined;
  const view = new DataView(chunk.buffer, chunk.byteOffset + CHUNK_HEAD_BYTES);
  const rate = view.getFloat64(0);
  const blockBytes = view.getUint32(16);
  const frames = view.getUint32(20);
  const isConstant = rate >= 1 && rate < 1e7 && blockBytes > 0 && frames > 0 &&
    blockBytes <= 65536;
  return isConstant
    ? { byteRate: rate / frames * blockBytes, blockBytes }
    : undefined;
}

/** Core Audio Format. A header inside the stream would be played as samples. */
export const CAF: ContainerFormat = {
  name: "caf",
  aliases: [],
  signature: magics("caff\0\x01"),
  tracker: (sink) => new ChunkedSampleTracker(sink, LAYOUT),
  splice: unlessSameInit(cannotFollow),
};
