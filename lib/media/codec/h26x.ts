/**
 * What the parameter sets of H.264 (ITU-T H.264) and HEVC (ITU-T H.265) tell: codec string and size
 * of the picture.
 *
 * @module
 */
import { BitReader } from "../reader/bit_reader.ts";

/** NAL unit types of H.264 (table 7-1). */
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
} as const;

/** NAL unit types of HEVC (table 7-1). */
export const HEVC_NAL = {
  BLA_W_LP: 16,
  CRA: 21,
  LAST_IRAP: 23,
  LAST_VCL: 31,
  VPS: 32,
  SPS: 33,
  PPS: 34,
  AUD: 35,
  END_OF_SEQUENCE: 36,
  PREFIX_SEI: 39,
} as const;

/** What a sequence parameter set says of the video. */
export interface SpsInfo {
  /** Codec string of RFC 6381. */
  readonly codec: string;
  /** Width of the cropped picture in pixels. */
  readonly width: number;
  /** Height of the cropped picture in pixels. */
  readonly height: number;
}

/** Profiles of H.264 whose SPS tells the chroma format (7.3.2.1.1). */
const CHROMA_PROFILES: ReadonlySet<number> = new Set(
  [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135],
);

/** Picture sides above this are not real: level 6.2 of both codecs ends at 16,888 pixels. */
const MAX_SIDE = 16_888;

/** Reference frames that set a cycle of picture order counts: 0 to 255 (H.264 7.4.2.1.1). */
const MAX_ORDER_CYCLE = 255;

/** Sub-layers of an HEVC stream: sps_max_sub_layers_minus1 is 0 to 6 (7.4.3.2.1). */
const MAX_SUB_LAYERS_MINUS1 = 6;

/**
 * Takes the emulation prevention bytes out of a NAL unit (H.264 7.4.1, H.265 7.4.2).
 *
 * @param nal The NAL unit from its header on, without a start code.
 * @returns A copy without the 03 of each 00 00 03; the header is kept.
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
 * The codec string of H.264 (RFC 6381 3.3).
 *
 * @param profileIdc profile_idc, 0 to 255.
 * @param constraintFlags The byte of constraint_set flags.
 * @param levelIdc level_idc, 0 to 255.
 * @returns For example `avc1.64001f`.
 */
export function avcCodec(
  profileIdc: number,
  constraintFlags: number,
  levelIdc: number,
): string {
  return `avc1.${hexByte(profileIdc)}${hexByte(constraintFlags)}${
    hexByte(levelIdc)
  }`;
}

/**
 * The codec string of HEVC (ISO/IEC 14496-15 E.3).
 *
 * @param profileTierLevel The 12 bytes from general_profile_space to general_level_idc.
 * @returns For example `hvc1.1.6.L93.B0`.
 */
export function hevcCodec(profileTierLevel: Uint8Array): string {
  const bits = new BitReader(profileTierLevel);
  const space = ["", "A", "B", "C"][bits.read(2)] ?? "";
  const tier = bits.flag() ? "H" : "L";
  const profile = bits.read(5);
  let compatibility = 0;
  // The first flag is the lowest bit of the hexadecimal number.
  for (let i = 0; i < 32; i++) compatibility += bits.read(1) * 2 ** i;
  const constraints: string[] = [];
  for (let i = 0; i < 6; i++) {
    constraints.push(bits.read(8).toString(16).toUpperCase());
  }
  while (constraints.at(-1) === "0") constraints.pop();
  const level = bits.read(8);
  return [
    `hvc1.${space}${profile}`,
    compatibility.toString(16).toUpperCase(),
    `${tier}${level}`,
    ...constraints,
  ].join(".");
}

/**
 * Reads an SPS of H.264 (7.3.2.1.1).
 *
 * @param nal The NAL unit from its header on, emulation prevention still in place.
 * @returns Nothing when it is not an SPS, is cut off, or states an impossible size.
 */
export function parseH264Sps(nal: Uint8Array): SpsInfo | undefined {
  const [header, profile, flags, level] = nal;
  if (header === undefined || (header & 0x1f) !== H264_NAL.SPS) return;
  if (profile === undefined || flags === undefined || level === undefined) {
    return;
  }
  const bits = new BitReader(unescapeNal(nal), 4);
  bits.ue(); // seq_parameter_set_id
  const chroma = CHROMA_PROFILES.has(profile) ? skipH264Chroma(bits) : 1;
  skipH264Order(bits);
  const size = readH264Size(bits, chroma);
  return size && !bits.overrun
    ? { codec: avcCodec(profile, flags, level), ...size }
    : undefined;
}

/**
 * Reads an SPS of HEVC (7.3.2.2.1).
 *
 * @param nal The NAL unit from its header on, emulation prevention still in place.
 * @returns Nothing when it is not an SPS, is cut off, or states an impossible size.
 */
export function parseHevcSps(nal: Uint8Array): SpsInfo | undefined {
  if (((nal[0] ?? 0) >> 1) !== HEVC_NAL.SPS) return;
  const raw = unescapeNal(nal);
  const bits = new BitReader(raw, 2);
  if (!skipHevcProfile(bits)) return;
  const codec = hevcCodec(raw.subarray(3, 15));
  bits.ue(); // sps_seq_parameter_set_id
  const size = readHevcSize(bits);
  return size && !bits.overrun ? { codec, ...size } : undefined;
}

/** The id of an SPS of H.264: 0 to 31. */
export function h264SpsId(nal: Uint8Array): number {
  return new BitReader(unescapeNal(nal), 4).ue();
}

/** The id of an SPS of HEVC: 0 to 15. */
export function hevcSpsId(nal: Uint8Array): number {
  const bits = new BitReader(unescapeNal(nal), 2);
  skipHevcProfile(bits);
  return bits.ue();
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function hexByte(value: number): string {
  return (value & 0xff).toString(16).padStart(2, "0");
}

/** Passes chroma_format_idc to the scaling lists; gives chroma_format_idc, 0 for split planes. */
function skipH264Chroma(bits: BitReader): number {
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

/** Passes a scaling list (7.3.2.1.1.1): it ends early once the next scale is 0. */
function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + bits.se() + 256) & 0xff;
    if (next !== 0) last = next;
  }
}

/** Passes log2_max_frame_num_minus4 to gaps_in_frame_num_value_allowed_flag. */
function skipH264Order(bits: BitReader): void {
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

function readH264Size(bits: BitReader, chroma: number): Size | undefined {
  const columns = bits.ue() + 1;
  const rows = bits.ue() + 1;
  const framesOnly = bits.flag();
  if (!framesOnly) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  const fields = framesOnly ? 1 : 2;
  return croppedSize(bits, columns * 16, rows * 16 * fields, chroma, fields);
}

function readHevcSize(bits: BitReader): Size | undefined {
  const chroma = bits.ue();
  const separatePlanes = chroma === 3 && bits.flag();
  const width = bits.ue();
  const height = bits.ue();
  return croppedSize(bits, width, height, separatePlanes ? 0 : chroma, 1);
}

/** Reads the cropping window, which is counted in chroma samples, and takes it off. */
function croppedSize(
  bits: BitReader,
  width: number,
  height: number,
  chroma: number,
  fields: number,
): Size | undefined {
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

/** Passes what lies before the id of an SPS: profile_tier_level (7.3.3); false if it is none. */
function skipHevcProfile(bits: BitReader): boolean {
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.read(3);
  if (subLayers > MAX_SUB_LAYERS_MINUS1) return false;
  bits.skip(1 + 96); // sps_temporal_id_nesting_flag, general profile and level
  if (subLayers === 0) return true;
  const present = bits.read(16);
  for (let i = 0; i < subLayers; i++) {
    const flags = (present >> (14 - 2 * i)) & 3;
    if (flags & 2) bits.skip(88);
    if (flags & 1) bits.skip(8);
  }
  return true;
}
