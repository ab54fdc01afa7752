/**
 * MPEG-1 and MPEG-2 video (ISO/IEC 13818-2 6.2): the grammar of its units.
 *
 * @module
 */
import { SPS_RANK, type Unit, type UnitGrammar } from "./unit_grammar.ts";

const PICTURE = 0x00;
const LAST_SLICE = 0xaf;
const SEQUENCE_HEADER = 0xb3;
const EXTENSION = 0xb5;
const GROUP = 0xb8;

/** extension_start_code_identifier of the sequence extension, without which it is MPEG-1. */
const SEQUENCE_EXTENSION = 1;

/** Bytes of a sequence header with both quantiser matrices, its start code's last byte included. */
const SEQUENCE_HEADER_BYTES = 137;

/** picture_coding_type of an intra-coded picture. */
const INTRA = 1;

/** The grammar of MPEG video: decoding starts at a sequence header followed by an intra picture. */
export const MPEG_VIDEO_GRAMMAR: UnitGrammar = {
  needs: [SPS_RANK],

  wanted(header: number): number {
    if (header === SEQUENCE_HEADER) return SEQUENCE_HEADER_BYTES;
    return header === EXTENSION ? 10 : header === PICTURE ? 3 : 1;
  },

  read(head: Uint8Array): Unit {
    const [header = 0, first = 0, second = 0] = head;
    if (header === SEQUENCE_HEADER) return readSequence(head);
    if (header === GROUP) return { kind: "prefix" };
    if (header === EXTENSION && first >> 4 === SEQUENCE_EXTENSION) {
      return { kind: "parameters", rank: SPS_RANK + 1, id: 0 };
    }
    if (header === PICTURE) {
      const intra = ((second >> 3) & 7) === INTRA;
      return { kind: "picture", access: intra ? "clean" : "none", intra };
    }
    return { kind: header <= LAST_SLICE ? "slice" : "other" };
  },
};

/** horizontal_size_value and vertical_size_value, 12 bits each (6.2.2.1). */
function readSequence(head: Uint8Array): Unit {
  const [, first = 0, second = 0, third = 0] = head;
  const width = (first << 4) | (second >> 4);
  const height = ((second & 15) << 8) | third;
  if (head.length < 8 || width === 0 || height === 0) return { kind: "broken" };
  const info = { codec: "", width, height };
  return { kind: "parameters", rank: SPS_RANK, id: 0, info };
}
