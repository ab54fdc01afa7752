/**
 * Open bitstream units of AV1 (AV1 specification 5.3).
 *
 * @module
 */

/** obu_type (6.2.2). */
export const AV1_OBU = { SEQUENCE_HEADER: 1, TEMPORAL_DELIMITER: 2 } as const;

/** Bytes of the longest OBU header: two bytes and a size of eight. */
export const MAX_OBU_HEAD_BYTES = 10;

/** Bytes that {@linkcode startsAv1Sequence} looks at: a temporal delimiter and another header byte. */
export const AV1_START_BYTES = 3;

/** The head of an OBU that states its size. */
export interface ObuHead {
  /** obu_type. */
  readonly type: number;
  /** Bytes of the whole OBU. */
  readonly bytes: number;
}

/**
 * Reads the head of an OBU at `at`.
 *
 * @returns `"more"` when it is cut, `undefined` when it is not valid or states no size.
 */
export function readObuHead(
  bytes: Uint8Array,
  at: number,
): ObuHead | "more" | undefined {
  const first = bytes[at];
  if (first === undefined) return "more";
  // obu_forbidden_bit, obu_has_size_field, obu_reserved_1bit
  if ((first & 0x83) !== 0x02) return undefined;
  let end = at + (first & 0x04 ? 2 : 1);
  let size = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[end++];
    if (byte === undefined) return "more";
    size += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { type: first >> 3, bytes: end - at + size };
  }
  return undefined;
}

/**
 * Whether a temporal unit begins with a sequence header, which encoders send with every key frame. The
 * temporal delimiter before it may be missing, as in MP4 and Matroska.
 */
export function startsAv1Sequence(bytes: Uint8Array, at: number): boolean {
  const isDelimiter = (bytes[at] ?? 0) >> 3 === AV1_OBU.TEMPORAL_DELIMITER &&
    bytes[at + 1] === 0;
  const next = bytes[isDelimiter ? at + 2 : at] ?? 0;
  return next >> 3 === AV1_OBU.SEQUENCE_HEADER;
}
