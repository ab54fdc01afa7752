/**
 * What NAL units of H.264 and H.265 have in common: emulation prevention, the cropping window of an
 * SPS, and SEI messages.
 *
 * @module
 */
import type { BitReader } from "../reader/bit_reader.ts";
import {
  PPS_RANK,
  SPS_RANK,
  type Unit,
  type VideoInfo,
} from "./unit_grammar.ts";

/** Bytes of an SEI unit searched for a recovery point, which encoders put into a unit of its own. */
export const SEI_HEAD_BYTES = 256;

/** payloadType of the recovery point SEI message (H.264 D.1.8, H.265 D.2.8). */
const RECOVERY_POINT = 6;

/** Largest id of an SPS (H.264 7.4.2.1.1); H.265 has 0 to 15. */
const MAX_SPS_ID = 31;

/** Largest id of a PPS (H.264 7.4.2.2); H.265 has 0 to 63. */
const MAX_PPS_ID = 255;

/** Pixels of a side: level 6.2 of both codecs ends at 16,888, so larger sides are not real. */
const MAX_SIDE = 16_888;

/** A unit that the codec does not define, or that contradicts itself. */
export const BROKEN: Unit = { kind: "broken" };

/** A unit that is of no interest here. */
export const OTHER: Unit = { kind: "other" };

/** A unit that can begin an access unit. */
export const PREFIX: Unit = { kind: "prefix" };

/** A slice that is not the first of its picture. */
export const SLICE: Unit = { kind: "slice" };

/**
 * Removes the emulation prevention bytes from a NAL unit (H.264 7.4.1, H.265 7.4.2).
 *
 * @param nal The NAL unit from its header on, without a start code.
 * @returns A copy without the 03 of each 00 00 03.
 */
export function unescapeNal(nal: Uint8Array): Uint8Array {
  const raw = new Uint8Array(nal.length);
  let length = 0;
  let zeros = 0;
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    raw[length++] = byte;
  }
  return raw.subarray(0, length);
}

/**
 * Reads the cropping window of an SPS and subtracts it (H.264 7.4.2.1.1, H.265 7.4.3.2.1).
 *
 * @param bits At the flag that tells whether there is a window.
 * @param coded Size of the coded picture in pixels.
 * @param chroma chroma_format_idc, 0 for separate planes: the window counts chroma samples.
 * @param fields Fields of a frame: 2 where the picture may be interlaced, else 1.
 * @returns Nothing when the size is impossible.
 */
export function croppedSize(
  bits: BitReader,
  coded: Omit<VideoInfo, "codec">,
  chroma: number,
  fields: 1 | 2,
): Omit<VideoInfo, "codec"> | undefined {
  let { width, height } = coded;
  if (bits.flag()) {
    const [left, right] = [bits.ue(), bits.ue()];
    const [top, bottom] = [bits.ue(), bits.ue()];
    width -= (left + right) * (chroma === 1 || chroma === 2 ? 2 : 1);
    height -= (top + bottom) * (chroma === 1 ? 2 : 1) * fields;
  }
  const possible = width > 0 && height > 0 && width <= MAX_SIDE &&
    height <= MAX_SIDE;
  return possible ? { width, height } : undefined;
}

/** The unit of a sequence parameter set; broken when it could not be parsed. */
export function spsUnit(
  info: VideoInfo | undefined,
  id: number,
  whole: boolean,
): Unit {
  return info && whole && id <= MAX_SPS_ID
    ? { kind: "parameters", rank: SPS_RANK, id, info }
    : BROKEN;
}

/** The unit of a picture parameter set; `bits` begins behind the NAL unit header. */
export function ppsUnit(bits: BitReader, whole: boolean): Unit {
  const id = bits.ue();
  if (bits.overrun || id > MAX_PPS_ID || !whole) return BROKEN;
  return { kind: "parameters", rank: PPS_RANK, id };
}

/** Searches the messages of an SEI unit for a recovery point (H.264 7.3.2.3.1, H.265 7.3.5). */
export function seiUnit(messages: Uint8Array): Unit {
  const raw = unescapeNal(messages);
  // The last byte is the trailing bit.
  for (let at = 0; at + 2 < raw.length;) {
    let type = 0;
    let size = 0;
    while (raw[at] === 0xff) type += raw[at++]!;
    type += raw[at++] ?? 0;
    while (raw[at] === 0xff) size += raw[at++]!;
    size += raw[at++] ?? 0;
    if (type === RECOVERY_POINT) return { kind: "prefix", recovery: true };
    at += size;
  }
  return PREFIX;
}
