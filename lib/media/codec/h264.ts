/**
 * H.264 (ITU-T H.264): the sequence parameter set, the codec string, and the grammar of NAL units.
 *
 * @module
 */
import { BitReader } from "../reader/bit_reader.ts";
import {
  BROKEN,
  croppedSize,
  OTHER,
  ppsUnit,
  PREFIX,
  SEI_HEAD_BYTES,
  seiUnit,
  SLICE,
  spsUnit,
  unescapeNal,
} from "./nal_unit.ts";
import { MAX_HEAD_BYTES } from "./start_code_scanner.ts";
import {
  PPS_RANK,
  SPS_RANK,
  type Unit,
  type UnitGrammar,
  type VideoInfo,
} from "./unit_grammar.ts";

/** NAL unit types (table 7-1). */
export const H264_NAL = {
  SLICE: 1,
  DATA_PARTITION_A: 2,
  IDR: 5,
  SEI: 6,
  SPS: 7,
  PPS: 8,
  AUD: 9,
  PREFIX: 14,
  SUBSET_SPS: 15,
  LAST_PREFIX: 18,
} as const;

/** Profiles whose SPS tells the chroma format (7.3.2.1.1). */
const CHROMA_PROFILES: ReadonlySet<number> = new Set(
  [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135],
);

/** Reference frames in a cycle of picture order counts: 0 to 255 (7.4.2.1.1). */
const MAX_ORDER_CYCLE = 255;

/** Bytes of a slice header up to slice_type: the unit header and two codes of at most 32 bits. */
const SLICE_HEAD_BYTES = 16;

/** The grammar of H.264; access units begin as 7.4.1.2.3 says. */
export const H264_GRAMMAR: UnitGrammar = {
  needs: [SPS_RANK, PPS_RANK],

  wanted(header: number): number {
    const type = header & 0x1f;
    if (type === H264_NAL.SPS || type === H264_NAL.PPS) return MAX_HEAD_BYTES;
    if (type === H264_NAL.SEI) return SEI_HEAD_BYTES;
    return type <= H264_NAL.IDR ? SLICE_HEAD_BYTES : 1;
  },

  read(head: Uint8Array, whole: boolean): Unit {
    const header = head[0] ?? 0;
    if (header & 0x80) return BROKEN;
    const type = header & 0x1f;
    switch (type) {
      case H264_NAL.SPS:
        return spsUnit(parseH264Sps(head), h264SpsId(head), whole);
      case H264_NAL.PPS:
        return ppsUnit(new BitReader(head, 1), whole);
      case H264_NAL.SEI:
        return seiUnit(head.subarray(1));
      case H264_NAL.SLICE:
      case H264_NAL.DATA_PARTITION_A:
      case H264_NAL.IDR:
        return readSlice(head, type === H264_NAL.IDR);
      case H264_NAL.AUD:
        return PREFIX;
      default:
        return type >= H264_NAL.PREFIX && type <= H264_NAL.LAST_PREFIX
          ? PREFIX
          : OTHER;
    }
  },
};

/**
 * The codec string of H.264 (RFC 6381 3.3), for example `avc1.64001f`.
 *
 * @param profileIdc profile_idc, 0 to 255.
 * @param constraintFlags The byte of constraint_set flags.
 * @param levelIdc level_idc, 0 to 255.
 */
export function avcCodec(
  profileIdc: number,
  constraintFlags: number,
  levelIdc: number,
): string {
  const bytes = [profileIdc, constraintFlags, levelIdc].map(hexByte);
  return `avc1.${bytes.join("")}`;
}

/**
 * Reads an SPS (7.3.2.1.1).
 *
 * @param nal The NAL unit from its header on, with emulation prevention.
 * @returns Nothing when it is not an SPS, is cut off, or states an impossible size.
 */
export function parseH264Sps(nal: Uint8Array): VideoInfo | undefined {
  const [header, profile, flags, level] = nal;
  if (header === undefined || (header & 0x1f) !== H264_NAL.SPS) return;
  if (profile === undefined || flags === undefined || level === undefined) {
    return;
  }
  const bits = new BitReader(unescapeNal(nal), 4);
  bits.ue(); // seq_parameter_set_id
  const chroma = CHROMA_PROFILES.has(profile) ? skipChroma(bits) : 1;
  skipOrder(bits);
  const size = readSize(bits, chroma);
  return size && !bits.overrun
    ? { codec: avcCodec(profile, flags, level), ...size }
    : undefined;
}

/** The id of an SPS: 0 to 31. */
export function h264SpsId(nal: Uint8Array): number {
  return new BitReader(unescapeNal(nal), 4).ue();
}

function hexByte(value: number): string {
  return (value & 0xff).toString(16).padStart(2, "0");
}

/** Skips chroma_format_idc to the scaling lists; returns chroma_format_idc, 0 for separate planes. */
function skipChroma(bits: BitReader): number {
  const chroma = bits.ue();
  const separatePlanes = chroma === 3 && bits.flag();
  bits.ue(); // bit_depth_luma_minus8
  bits.ue(); // bit_depth_chroma_minus8
  bits.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (bits.flag()) {
    for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) {
      if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
    }
  }
  return separatePlanes ? 0 : chroma;
}

/** Skips a scaling list (7.3.2.1.1.1), which ends early once the next scale is 0. */
function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + bits.se() + 256) & 0xff;
    if (next !== 0) last = next;
  }
}

/** Skips log2_max_frame_num_minus4 to gaps_in_frame_num_value_allowed_flag. */
function skipOrder(bits: BitReader): void {
  bits.ue(); // log2_max_frame_num_minus4
  const type = bits.ue();
  if (type === 0) bits.ue();
  else if (type === 1) {
    bits.skip(1); // delta_pic_order_always_zero_flag
    bits.se();
    bits.se();
    const cycle = Math.min(bits.ue(), MAX_ORDER_CYCLE);
    for (let i = 0; i < cycle; i++) bits.se();
  }
  bits.ue(); // max_num_ref_frames
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
}

function readSize(
  bits: BitReader,
  chroma: number,
): Omit<VideoInfo, "codec"> | undefined {
  const width = (bits.ue() + 1) * 16;
  const rows = bits.ue() + 1;
  const framesOnly = bits.flag();
  if (!framesOnly) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  const fields = framesOnly ? 1 : 2;
  return croppedSize(
    bits,
    { width, height: rows * 16 * fields },
    chroma,
    fields,
  );
}

function readSlice(head: Uint8Array, idr: boolean): Unit {
  const bits = new BitReader(unescapeNal(head), 1);
  const firstMacroblock = bits.ue();
  const sliceType = bits.ue();
  if (bits.overrun || sliceType > 9) return BROKEN;
  if (firstMacroblock !== 0) return SLICE;
  const intra = sliceType % 5 === 2 || sliceType % 5 === 4;
  return { kind: "picture", access: idr ? "clean" : "none", intra };
}
