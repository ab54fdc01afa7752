/**
 * MPEG-4 visual (ISO/IEC 14496-2 6.2): the grammar of its units.
 *
 * @module
 */
import { BitReader } from "../reader/bit_reader.ts";
import type { Unit, UnitGrammar, VideoInfo } from "./unit_grammar.ts";

/** Start codes (table 6-3); those of objects and their layers are ranges. */
const LAST_OBJECT = 0x1f;
const FIRST_LAYER = 0x20;
const LAST_LAYER = 0x2f;
const SEQUENCE = 0xb0;
const GROUP = 0xb3;
const VISUAL_OBJECT = 0xb5;
const PLANE = 0xb6;

/** Ranks of the headers, in the order of a stream. */
const RANK = { SEQUENCE: 0, VISUAL_OBJECT: 1, OBJECT: 2, LAYER: 3 } as const;

/** Bytes of a layer's header with both quantiser matrices, start code's last byte included. */
const LAYER_BYTES = 192;

/** Bytes of the other headers. */
const HEADER_BYTES = 16;

/** aspect_ratio_info that is followed by the ratio (table 6-12). */
const EXTENDED_ASPECT = 15;

/** Bits of vbv_parameters (6.2.3). */
const VBV_BITS = 79;

/** The grammar of MPEG-4 visual: decoding starts at an intra-coded plane once the layer is known. */
export const MPEG4_VIDEO_GRAMMAR: UnitGrammar = {
  needs: [RANK.LAYER],

  wanted(header: number): number {
    if (header >= FIRST_LAYER && header <= LAST_LAYER) return LAYER_BYTES;
    const isHeader = header === SEQUENCE || header === VISUAL_OBJECT;
    return isHeader ? HEADER_BYTES : header === PLANE ? 2 : 1;
  },

  read(head: Uint8Array): Unit {
    const [header = 0, second = 0] = head;
    if (header <= LAST_OBJECT) {
      return { kind: "parameters", rank: RANK.OBJECT, id: 0 };
    }
    if (header <= LAST_LAYER) {
      const info = readLayer(head);
      const unit = { kind: "parameters", rank: RANK.LAYER, id: 0 } as const;
      return info ? { ...unit, info } : unit;
    }
    switch (header) {
      case SEQUENCE:
        return { kind: "parameters", rank: RANK.SEQUENCE, id: 0 };
      case VISUAL_OBJECT:
        return { kind: "parameters", rank: RANK.VISUAL_OBJECT, id: 0 };
      case GROUP:
        return { kind: "prefix" };
      case PLANE: {
        // vop_coding_type: 0 is intra.
        const intra = second >> 6 === 0;
        return { kind: "picture", access: intra ? "clean" : "none", intra };
      }
      default:
        return { kind: "other" };
    }
  },
};

/** Size of the picture in a layer's header (6.2.3); nothing where the shape is not rectangular. */
function readLayer(head: Uint8Array): VideoInfo | undefined {
  const bits = new BitReader(head, 1);
  bits.skip(1 + 8); // random_accessible_vol, video_object_type_indication
  if (bits.flag()) bits.skip(4 + 3);
  if (bits.read(4) === EXTENDED_ASPECT) bits.skip(16);
  if (bits.flag()) {
    bits.skip(2 + 1); // chroma_format, low_delay
    if (bits.flag()) bits.skip(VBV_BITS);
  }
  if (bits.read(2) !== 0) return undefined;
  bits.skip(1);
  const resolution = bits.read(16);
  bits.skip(1);
  // fixed_vop_time_increment takes as many bits as the resolution needs.
  if (bits.flag()) bits.skip(Math.max(1, 32 - Math.clz32(resolution - 1)));
  bits.skip(1);
  const width = bits.read(13);
  bits.skip(1);
  const height = bits.read(13);
  if (bits.overrun || width === 0 || height === 0) return undefined;
  return { codec: "mp4v.20", width, height };
}
