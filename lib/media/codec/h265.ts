/**
 * H.265 (ITU-T H.265): the sequence parameter set, the codec string, and the grammar of NAL units.
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
export const H265_NAL = {
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
  FIRST_RESERVED_PREFIX: 41,
  LAST_RESERVED_PREFIX: 44,
  FIRST_UNSPECIFIED_PREFIX: 48,
  LAST_UNSPECIFIED_PREFIX: 55,
} as const;

/** The rank of video parameter sets. */
const VPS_RANK = 0;

/** Sub-layers of a stream: sps_max_sub_layers_minus1 is 0 to 6 (7.4.3.2.1). */
const MAX_SUB_LAYERS_MINUS1 = 6;

/**
 * An end of sequence unit (7.3.2.6) with its start code. A decoder that meets a CRA picture behind it
 * drops the leading pictures, which refer to pictures it has not seen (8.1.3); one that starts there
 * does so by itself. It must end an access unit: ffmpeg's frame threads report an error otherwise.
 */
const SEQUENCE_END = new Uint8Array([
  0,
  0,
  0,
  1,
  H265_NAL.END_OF_SEQUENCE << 1,
  1,
]);

/** The grammar of H.265; access units begin as 7.4.2.4.4 says. */
export const H265_GRAMMAR: UnitGrammar = {
  needs: [VPS_RANK, SPS_RANK, PPS_RANK],

  wanted(header: number): number {
    const type = (header >> 1) & 0x3f;
    if (type >= H265_NAL.VPS && type <= H265_NAL.PPS) return MAX_HEAD_BYTES;
    return type <= H265_NAL.LAST_VCL ? 3 : 2;
  },

  read(head: Uint8Array, whole: boolean): Unit {
    const [header = 0, second = 0] = head;
    if (header & 0x80 || head.length < 2 || (second & 7) === 0) return BROKEN;
    const type = header >> 1;
    // Layers above the base are skipped: each of their pictures follows one of the base layer.
    if ((header & 1) !== 0 || second >> 3 !== 0) return OTHER;
    if (type <= H265_NAL.LAST_VCL) return readSlice(head, type);
    if (type === H265_NAL.VPS) return readVps(head, whole);
    if (type === H265_NAL.SPS) {
      return spsUnit(parseH265Sps(head), h265SpsId(head), whole);
    }
    if (type === H265_NAL.PPS) return ppsUnit(new BitReader(head, 2), whole);
    return beginsAccessUnit(type) ? PREFIX : OTHER;
  },
};

/**
 * The codec string of H.265 (ISO/IEC 14496-15 E.3), for example `hvc1.1.6.L93.B0`.
 *
 * @param profileTierLevel The 12 bytes from general_profile_space to general_level_idc.
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
 * Reads an SPS (7.3.2.2.1).
 *
 * @param nal The NAL unit from its header on, with emulation prevention.
 * @returns Nothing when it is not an SPS, is cut off, or states an impossible size.
 */
export function parseH265Sps(nal: Uint8Array): VideoInfo | undefined {
  if (((nal[0] ?? 0) >> 1) !== H265_NAL.SPS) return;
  const raw = unescapeNal(nal);
  const bits = new BitReader(raw, 2);
  if (!skipProfile(bits)) return;
  const codec = hevcCodec(raw.subarray(3, 15));
  bits.ue(); // sps_seq_parameter_set_id
  const size = readSize(bits);
  return size && !bits.overrun ? { codec, ...size } : undefined;
}

/** The id of an SPS: 0 to 15. */
export function h265SpsId(nal: Uint8Array): number {
  const bits = new BitReader(unescapeNal(nal), 2);
  skipProfile(bits);
  return bits.ue();
}

/** Whether a unit that is neither a slice nor a parameter set can begin an access unit. */
function beginsAccessUnit(type: number): boolean {
  return type === H265_NAL.AUD || type === H265_NAL.PREFIX_SEI ||
    (type >= H265_NAL.FIRST_RESERVED_PREFIX &&
      type <= H265_NAL.LAST_RESERVED_PREFIX) ||
    (type >= H265_NAL.FIRST_UNSPECIFIED_PREFIX &&
      type <= H265_NAL.LAST_UNSPECIFIED_PREFIX);
}

function readVps(head: Uint8Array, whole: boolean): Unit {
  const id = new BitReader(head, 2).read(4);
  return whole && head.length > 2
    ? { kind: "parameters", rank: VPS_RANK, id }
    : BROKEN;
}

function readSize(bits: BitReader): Omit<VideoInfo, "codec"> | undefined {
  const chroma = bits.ue();
  const separatePlanes = chroma === 3 && bits.flag();
  const coded = { width: bits.ue(), height: bits.ue() };
  return croppedSize(bits, coded, separatePlanes ? 0 : chroma, 1);
}

function readSlice(head: Uint8Array, type: number): Unit {
  // first_slice_segment_in_pic_flag is the first bit behind the header.
  if (head.length < 3) return BROKEN;
  if (((head[2] ?? 0) & 0x80) === 0) return SLICE;
  const irap = type >= H265_NAL.BLA_W_LP && type <= H265_NAL.LAST_IRAP;
  if (!irap) return { kind: "picture", access: "none", intra: false };
  const picture: Unit = { kind: "picture", access: "clean", intra: true };
  return type === H265_NAL.CRA ? { ...picture, cut: SEQUENCE_END } : picture;
}

/** Skips profile_tier_level (7.3.3) and what precedes it in an SPS; false when it is malformed. */
function skipProfile(bits: BitReader): boolean {
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
