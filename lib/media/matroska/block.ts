/**
 * Blocks of Matroska (RFC 9559 10), and the cluster head that precedes a joiner's first block.
 *
 * @module
 */
import { uintAt } from "../reader/big_endian.ts";
import { EBML_ID, type ElementHead, vintLength, vintValue } from "./ebml.ts";
import type { PeekReader } from "../reader/peek_reader.ts";

/** Bytes of a block before its frames: track number (up to 8), timestamp (2), flags (1). */
const MAX_BLOCK_HEAD_BYTES = 11;

/** SimpleBlock's flag of a key frame (RFC 9559 10.2). */
const KEY_FLAG = 0x80;

/** The fields of a block before its frames. */
export interface BlockHead {
  /** The number of its track. */
  readonly track: number;
  /** Ticks after the cluster's timestamp, -32,768 to 32,767. */
  readonly ticks: number;
  /** Whether a SimpleBlock is a key frame; meaningless in a BlockGroup. */
  readonly key: boolean;
}

/**
 * Looks at the first bytes of the SimpleBlock or Block at the reader's place.
 *
 * @returns Nothing when they have not all arrived; bytes beyond a short block count as 0.
 */
export function peekBlock(
  reader: PeekReader,
  head: ElementHead,
): BlockHead | undefined {
  const length = Math.min(head.size, MAX_BLOCK_HEAD_BYTES);
  if (!reader.has(head.headLength + length)) return undefined;
  const at = reader.at + head.headLength;
  return length === MAX_BLOCK_HEAD_BYTES
    ? blockHeadAt(reader.bytes, at)
    : blockHeadAt(reader.bytes.subarray(at, at + length), 0);
}

function blockHeadAt(bytes: Uint8Array, at: number): BlockHead {
  const behind = at + vintLength(bytes[at] ?? 0);
  return {
    track: vintValue(bytes, at),
    // Shifted up and down, so that the 16th bit becomes the sign.
    ticks: uintAt(bytes, behind, 2) << 16 >> 16,
    // A track number of invalid length would lead beyond what was requested.
    key: behind + 2 < at + MAX_BLOCK_HEAD_BYTES &&
      ((bytes[behind + 2] ?? 0) & KEY_FLAG) !== 0,
  };
}

/**
 * The head of a Cluster of unknown size, with its Timestamp element.
 *
 * @param ticks The timestamp of the cluster that the block behind it was in.
 */
export function clusterHead(ticks: number): Uint8Array {
  const bytes = new Uint8Array(22);
  bytes.set([0x1f, 0x43, 0xb6, 0x75, 0x01, 0xff, 0xff, 0xff]);
  bytes.set([0xff, 0xff, 0xff, 0xff, EBML_ID.TIMESTAMP, 0x88], 8);
  new DataView(bytes.buffer).setBigUint64(14, BigInt(ticks));
  return bytes;
}
