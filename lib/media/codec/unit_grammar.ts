/**
 * What the units of a start-code stream mean when searching for a random access point.
 *
 * @module
 */

/** What a sequence header or parameter set says of the video. */
export interface VideoInfo {
  /** Codec string of RFC 6381; empty where the header does not tell. */
  readonly codec: string;
  /** Width of the cropped picture in pixels. */
  readonly width: number;
  /** Height of the cropped picture in pixels. */
  readonly height: number;
}

/**
 * How well decoding can start at a picture: `clean` (IDR, IRAP), `open` (a recovery point: pictures
 * that follow may refer to earlier ones), or `none`.
 */
export type RandomAccess = "clean" | "open" | "none";

/** The meaning of one unit. */
export type Unit =
  /** A parameter set; `rank` orders them (VPS 0, SPS 1, PPS 2), `id` tells sets of one rank apart. */
  | { kind: "parameters"; rank: number; id: number; info?: VideoInfo }
  /** A unit that begins a new access unit if a picture came after the previous one. */
  | { kind: "prefix"; recovery?: boolean }
  /**
   * The first slice of a picture. `cut` must end the access unit before it when a running decoder
   * continues here after a gap.
   */
  | { kind: "picture"; access: RandomAccess; intra: boolean; cut?: Uint8Array }
  /** A further slice of the picture. */
  | { kind: "slice" }
  /** The rest: units that end an access unit, filler. */
  | { kind: "other" }
  /** Not a unit of this codec. */
  | { kind: "broken" };

/** The grammar of one codec. */
export interface UnitGrammar {
  /** Bytes wanted of a unit with this first byte, 1 to `MAX_HEAD_BYTES` of the scanner. */
  wanted(header: number): number;
  /** Reads the first bytes of a unit; `whole` tells that they are all of it. */
  read(head: Uint8Array, whole: boolean): Unit;
  /** Ranks of the parameter sets without which nothing decodes. */
  readonly needs: readonly number[];
}

/** The rank of sequence parameter sets. */
export const SPS_RANK = 1;

/** The rank of picture parameter sets. */
export const PPS_RANK = 2;
