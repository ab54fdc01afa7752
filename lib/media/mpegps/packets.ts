/**
 * Packs and packets of MPEG program streams (ISO/IEC 13818-1 2.5.3, ISO/IEC 11172-1 2.4.3).
 *
 * @module
 */
import { uintAt } from "../reader/big_endian.ts";

/** stream_id and start codes (ISO/IEC 13818-1 table 2-22). */
export const STREAM_ID = {
  END: 0xb9,
  PACK: 0xba,
  SYSTEM_HEADER: 0xbb,
  MAP: 0xbc,
  FIRST_AUDIO: 0xc0,
  FIRST_VIDEO: 0xe0,
  LAST_VIDEO: 0xef,
} as const;

/** Bytes of start code and length of a packet. */
export const PACKET_HEAD_BYTES = 6;

/** Bytes of a pack header: MPEG-1, and MPEG-2 without stuffing. */
const PACK_BYTES = { MPEG1: 12, MPEG2: 14 } as const;

/** Stuffing bytes of an MPEG-1 packet header (ISO/IEC 11172-1 2.4.3.3). */
const MAX_STUFFING = 16;

/** The header of a PES packet. */
export interface PesHead {
  /** Index of the payload. */
  readonly payload: number;
  /** Index of the PTS, where there is one. */
  readonly pts: number | undefined;
}

/**
 * Bytes of the pack header at `at`.
 *
 * @returns `undefined` when no pack begins here; more than there are when it is cut.
 */
export function packBytes(bytes: Uint8Array, at: number): number | undefined {
  const first = bytes[at + 4] ?? 0;
  if (first >> 4 === 2) return PACK_BYTES.MPEG1;
  if (first >> 6 !== 1) return undefined;
  return PACK_BYTES.MPEG2 + ((bytes[at + PACK_BYTES.MPEG2 - 1] ?? 0) & 7);
}

/** Reads the header of a whole PES packet; `undefined` when it is malformed. */
export function readPesHead(packet: Uint8Array): PesHead | undefined {
  const first = packet[PACKET_HEAD_BYTES] ?? 0;
  if (first >> 6 === 2) {
    const hasPts = ((packet[7] ?? 0) & 0x80) !== 0;
    const payload = 9 + (packet[8] ?? 0);
    return { payload, pts: hasPts ? 9 : undefined };
  }
  return readMpeg1Head(packet);
}

function readMpeg1Head(packet: Uint8Array): PesHead | undefined {
  let at = PACKET_HEAD_BYTES;
  while (packet[at] === 0xff && at < PACKET_HEAD_BYTES + MAX_STUFFING) at++;
  // STD_buffer_scale and size.
  if ((packet[at] ?? 0) >> 6 === 1) at += 2;
  switch ((packet[at] ?? 0) >> 4) {
    case 2:
      return { payload: at + 5, pts: at };
    case 3:
      return { payload: at + 10, pts: at };
    case 0:
      return { payload: at + 1, pts: undefined };
    default:
      return undefined;
  }
}

/** stream_type of each stream_id in a whole program stream map (2.5.4). */
export function readStreamMap(map: Uint8Array): Map<number, number> {
  const types = new Map<number, number>();
  const from = 10 + uintAt(map, 8, 2);
  const end = Math.min(map.length, from + 2 + uintAt(map, from, 2));
  for (let at = from + 2; at + 4 <= end;) {
    types.set(map[at + 1]!, map[at]!);
    at += 4 + uintAt(map, at + 2, 2);
  }
  return types;
}
