/**
 * What the units of a start-code stream mean to somebody who looks for a place to start decoding.
 *
 * @module
 */
import { BitReader } from "../reader/bit_reader.ts";
import { MAX_HEAD_BYTES } from "./start_code_scanner.ts";
import {
  H264_NAL,
  h264SpsId,
  HEVC_NAL,
  hevcSpsId,
  parseH264Sps,
  parseHevcSps,
  type SpsInfo,
  unescapeNal,
} from "./h26x.ts";

/**
 * How good a picture is for a start: `clean` (IDR, IRAP), `open` (pictures that follow may refer to
 * ones before it: a recovery point), or not at all.
 */
export type Access = "clean" | "open" | "none";

/** One unit, understood. */
export type Unit =
  /** A parameter set; `rank` orders them (VPS 0, SPS 1, PPS 2), `id` tells those of a rank apart. */
  | { kind: "parameters"; rank: number; id: number; info?: SpsInfo }
  /** A unit with which a new access unit begins, if a picture has gone by since the last. */
  | { kind: "prefix"; recovery?: boolean }
  /**
   * The first slice of a picture. `cut` is what must end the access unit before it when a decoder that
   * has been running goes on with it.
   */
  | { kind: "picture"; access: Access; intra: boolean; cut?: Uint8Array }
  /** A further slice of the picture. */
  | { kind: "slice" }
  /** The rest: units that end an access unit, filler. */
  | { kind: "other" }
  /** Not a unit of this codec. */
  | { kind: "broken" };

/** The grammar of one codec. */
export interface NalGrammar {
  /** Bytes wanted of a unit with this header byte; see {@linkcode UnitSink.wanted}. */
  wanted(header: number): number;
  /** Reads a unit's head; `whole` says that nothing of it is missing. */
  read(head: Uint8Array, whole: boolean): Unit;
  /** Ranks of parameter sets without which nothing decodes. */
  readonly needs: readonly number[];
}

/** Bytes of a slice header up to slice_type: a header of 1 or 2, and three codes of at most 32 bits. */
const SLICE_HEAD_BYTES = 16;

/** Bytes of an SEI unit in which a recovery point is looked for: encoders give it a unit of its own. */
const SEI_HEAD_BYTES = 256;

/** payloadType of the recovery point SEI message (H.264 D.1.8, H.265 D.2.8). */
const RECOVERY_POINT = 6;

/** Largest id of an SPS (H.264 7.4.2.1.1); HEVC has 0 to 15. */
const MAX_SPS_ID = 31;

/** The rank of sequence parameter sets. */
export const SPS_RANK = 1;

/** The rank of picture parameter sets. */
export const PPS_RANK = 2;

/**
 * An end of sequence unit (H.265 7.3.2.6) with its start code. A decoder that meets a CRA picture behind
 * this drops the leading pictures, which refer to what it has not seen (8.1.3); one that starts there does
 * so by itself. It must end an access unit: ffmpeg's frame threads make an error of one with no picture.
 */
const SEQUENCE_END = new Uint8Array([
  0,
  0,
  0,
  1,
  HEVC_NAL.END_OF_SEQUENCE << 1,
  1,
]);

const OTHER: Unit = { kind: "other" };
const SLICE: Unit = { kind: "slice" };
const BROKEN: Unit = { kind: "broken" };
const PREFIX: Unit = { kind: "prefix" };

/** H.264: access units begin as 7.4.1.2.3 says. */
export const H264_GRAMMAR: NalGrammar = {
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
    if (type === H264_NAL.SPS) {
      return readSps(parseH264Sps(head), h264SpsId(head), whole);
    }
    if (type === H264_NAL.PPS) return readPps(new BitReader(head, 1), whole);
    if (type === H264_NAL.SEI) return readSei(head.subarray(1));
    if (
      type === H264_NAL.SLICE || type === H264_NAL.DATA_PARTITION_A ||
      type === H264_NAL.IDR
    ) return readH264Slice(head, type === H264_NAL.IDR);
    const begins = type === H264_NAL.AUD ||
      (type >= H264_NAL.PREFIX && type <= 18);
    return begins ? PREFIX : OTHER;
  },
};

/** HEVC: access units begin as 7.4.2.4.4 says. */
export const HEVC_GRAMMAR: NalGrammar = {
  needs: [0, SPS_RANK, PPS_RANK],

  wanted(header: number): number {
    const type = (header >> 1) & 0x3f;
    if (type >= HEVC_NAL.VPS && type <= HEVC_NAL.PPS) return MAX_HEAD_BYTES;
    return type <= HEVC_NAL.LAST_VCL ? 3 : 2;
  },

  read(head: Uint8Array, whole: boolean): Unit {
    const [header = 0, second = 0] = head;
    if (header & 0x80 || head.length < 2 || (second & 7) === 0) return BROKEN;
    const type = header >> 1;
    // Layers above the base are not looked at: each of their pictures follows one of the base.
    if ((header & 1) !== 0 || second >> 3 !== 0) return OTHER;
    if (type <= HEVC_NAL.LAST_VCL) return readHevcSlice(head, type);
    if (type === HEVC_NAL.VPS) return readVps(head, whole);
    if (type === HEVC_NAL.SPS) {
      return readSps(parseHevcSps(head), hevcSpsId(head), whole);
    }
    if (type === HEVC_NAL.PPS) return readPps(new BitReader(head, 2), whole);
    const begins = type === HEVC_NAL.AUD || type === HEVC_NAL.PREFIX_SEI ||
      (type >= 41 && type <= 44) || (type >= 48 && type <= 55);
    return begins ? PREFIX : OTHER;
  },
};

function readVps(head: Uint8Array, whole: boolean): Unit {
  const id = new BitReader(head, 2).read(4);
  return whole && head.length > 2
    ? { kind: "parameters", rank: 0, id }
    : BROKEN;
}

function readSps(info: SpsInfo | undefined, id: number, whole: boolean): Unit {
  return info && whole && id <= MAX_SPS_ID
    ? { kind: "parameters", rank: SPS_RANK, id, info }
    : BROKEN;
}

function readPps(bits: BitReader, whole: boolean): Unit {
  const id = bits.ue();
  if (bits.overrun || id > 255 || !whole) return BROKEN;
  return { kind: "parameters", rank: PPS_RANK, id };
}

/** Walks the messages of an SEI unit (H.264 7.3.2.3.1) in search of a recovery point. */
function readSei(messages: Uint8Array): Unit {
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

function readH264Slice(head: Uint8Array, idr: boolean): Unit {
  const bits = new BitReader(unescapeNal(head), 1);
  const firstMacroblock = bits.ue();
  const sliceType = bits.ue();
  if (bits.overrun || sliceType > 9) return BROKEN;
  if (firstMacroblock !== 0) return SLICE;
  const intra = sliceType % 5 === 2 || sliceType % 5 === 4;
  return { kind: "picture", access: idr ? "clean" : "none", intra };
}

function readHevcSlice(head: Uint8Array, type: number): Unit {
  // first_slice_segment_in_pic_flag is the first bit behind the header.
  if (head.length < 3) return BROKEN;
  if (((head[2] ?? 0) & 0x80) === 0) return SLICE;
  const irap = type >= HEVC_NAL.BLA_W_LP && type <= HEVC_NAL.LAST_IRAP;
  if (!irap) return { kind: "picture", access: "none", intra: false };
  const picture: Unit = { kind: "picture", access: "clean", intra: true };
  return type === HEVC_NAL.CRA ? { ...picture, cut: SEQUENCE_END } : picture;
}
