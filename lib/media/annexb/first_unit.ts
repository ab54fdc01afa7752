/**
 * Distinguishes H.264 and H.265 byte streams (annex B of both) by the header of the first NAL unit.
 *
 * @module
 */
import type { Verdict } from "../container.ts";

/** Zero bytes before the 1 of a start code: two, and one more before the first unit. */
const MAX_ZEROS = 3;

/** profile_idc of H.264 (annex A, G, H, I and J). */
const H264_PROFILES: readonly number[] = [
  44,
  66,
  77,
  83,
  86,
  88,
  100,
  110,
  118,
  122,
  128,
  134,
  135,
  138,
  139,
  244,
];

/**
 * nal_unit_type of H.265 (table 7-1) that a stream can begin with: TRAIL, RADL, RASL, IRAP, VPS,
 * SPS, PPS, AUD, SEI. Types 2 to 5 (TSA, STSA) are left out: their headers look like H.264's.
 */
const H265_TYPES: readonly number[] = [
  0,
  1,
  6,
  7,
  8,
  9,
  16,
  17,
  18,
  19,
  20,
  21,
  32,
  33,
  34,
  35,
  39,
  40,
];

/** Whether the first bytes are a start code and a NAL unit of H.264 (7.3.1, table 7-1). */
export function startsH264(head: Uint8Array): Verdict {
  return firstUnit(head, isH264Unit);
}

/** Whether the first bytes are a start code and a NAL unit of H.265 (7.3.1.2). */
export function startsH265(head: Uint8Array): Verdict {
  return firstUnit(head, isH265Unit);
}

/** Whether the first bytes are a start code and a unit that `isUnit` accepts by its first two bytes. */
export function firstUnit(
  head: Uint8Array,
  isUnit: (first: number, second: number) => boolean,
): Verdict {
  let at = 0;
  while (head[at] === 0) at++;
  if (at > MAX_ZEROS) return "no";
  if (at === head.length) return "more";
  if (head[at] !== 1 || at < MAX_ZEROS - 1) return "no";
  const [first, second] = [head[at + 1], head[at + 2]];
  if (first === undefined || second === undefined) return "more";
  return isUnit(first, second) ? "yes" : "no";
}

function isH264Unit(first: number, second: number): boolean {
  // forbidden_zero_bit, nal_ref_idc, nal_unit_type.
  if (first & 0x80) return false;
  const reference = first >> 5 !== 0;
  switch (first & 31) {
    case 1:
      return true;
    case 5:
    case 8:
      return reference;
    case 6:
      return !reference;
    case 7:
      return reference && H264_PROFILES.includes(second);
    case 9:
      return !reference && (second & 31) === 16;
    default:
      return false;
  }
}

function isH265Unit(first: number, second: number): boolean {
  // forbidden_zero_bit, and the highest bit of nuh_layer_id, which is 0 in the base layer.
  if (first & 0x81) return false;
  const baseLayer = second >> 3 === 0;
  // nuh_temporal_id_plus1 is never 0.
  return baseLayer && (second & 7) !== 0 && H265_TYPES.includes(first >> 1);
}
