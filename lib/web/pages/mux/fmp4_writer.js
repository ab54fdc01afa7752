/**
 * Writes fragmented MP4 (ISO/IEC 14496-12): an init segment, then fragments.
 *
 * @module
 */

import { joinBytes } from "./join_bytes.js";

/** Flags of a sample that decoding can start from, and of one that depends on others (8.8.3.1). */
const KEY_FLAGS = 0x02000000;
const DELTA_FLAGS = 0x01010000;

/** `trun` states the data offset, and of each sample duration, size, flags, composition offset (8.8.8). */
const TRUN_FLAGS = 0x000f01;

/** `tfhd`: offsets count from the first byte of the `moof` (8.8.7). */
const DEFAULT_BASE_IS_MOOF = 0x020000;

/** Identity matrix of `mvhd` and `tkhd` (6.2.2). */
const MATRIX = [0x00010000, 0, 0, 0, 0x00010000, 0, 0, 0, 0x40000000];

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * @typedef {object} Mp4Track
 * @property {number} id From 1 on.
 * @property {boolean} isVideo
 * @property {number} width Pixels.
 * @property {number} height Pixels.
 * @property {Bytes} entry The sample entry.
 */

/**
 * @typedef {object} Sample
 * @property {number} duration Ticks.
 * @property {number} shift Ticks from decoding to presentation; may be negative.
 * @property {boolean} isKey
 * @property {Bytes} data
 */

/**
 * Big-endian numbers of 32 bits.
 *
 * @param {...number} numbers
 */
function u32(...numbers) {
  const bytes = new Uint8Array(numbers.length * 4);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, index) => view.setUint32(index * 4, number));
  return bytes;
}

/**
 * Big-endian numbers of 16 bits.
 *
 * @param {...number} numbers
 */
function u16(...numbers) {
  return new Uint8Array(
    numbers.flatMap((number) => [(number >> 8) & 0xff, number & 0xff]),
  );
}

/**
 * A box (4.2).
 *
 * @param {string} type Four letters.
 * @param {...Bytes} parts Its content.
 */
export function box(type, ...parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  return joinBytes([u32(size), new TextEncoder().encode(type), ...parts]);
}

/**
 * A box with version and flags (4.2).
 *
 * @param {string} type
 * @param {number} version
 * @param {number} flags
 * @param {...Bytes} parts
 */
function fullBox(type, version, flags, ...parts) {
  return box(type, u32(version * 2 ** 24 + flags), ...parts);
}

/**
 * A video sample entry (12.1.3).
 *
 * @param {string} type `avc1` or `hvc1`.
 * @param {{width: number, height: number}} size Pixels.
 * @param {Bytes} configuration The box with the decoder's configuration.
 */
export function videoEntry(type, { width, height }, configuration) {
  return box(
    type,
    u32(0, 1, 0, 0, 0, 0),
    u16(width, height),
    u32(0x00480000, 0x00480000, 0),
    u16(1),
    new Uint8Array(32),
    u16(24, 0xffff),
    configuration,
  );
}

/**
 * An audio sample entry (12.2.3).
 *
 * @param {string} type `mp4a` or `Opus`.
 * @param {{channels: number, rate: number}} audio The rate in samples per second.
 * @param {Bytes} configuration The box with the decoder's configuration.
 */
export function audioEntry(type, { channels, rate }, configuration) {
  return box(
    type,
    u32(0, 1, 0, 0),
    u16(channels, 16, 0, 0),
    u16(rate, 0),
    configuration,
  );
}

/**
 * The `esds` box with the configuration of AAC (ISO/IEC 14496-1, 7.2.6).
 *
 * @param {Bytes} setup AudioSpecificConfig, below 100 bytes.
 */
export function esds(setup) {
  const specific = joinBytes([new Uint8Array([5, setup.length]), setup]);
  const config = joinBytes([
    new Uint8Array([4, 13 + specific.length, 0x40, 0x15, 0, 0, 0]),
    u32(0, 0),
    specific,
  ]);
  const stream = new Uint8Array([3, 3 + config.length + 3, 0, 0, 0]);
  return fullBox("esds", 0, 0, stream, config, new Uint8Array([6, 1, 2]));
}

/**
 * The `dOps` box ("Encapsulation of Opus in ISO Base Media File Format", 4.3.2): the identification
 * header (RFC 7845, section 5.1) with its numbers in big-endian order.
 *
 * @param {Bytes} head From `OpusHead` on.
 */
export function dops(head) {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  return box(
    "dOps",
    new Uint8Array([0, view.getUint8(9)]),
    u16(view.getUint16(10, true)),
    u32(view.getUint32(12, true)),
    u16(view.getUint16(16, true)),
    head.subarray(18),
  );
}

/**
 * The init segment: `ftyp` and `moov`.
 *
 * @param {Mp4Track[]} tracks
 * @param {number} timescale Ticks per second of all tracks.
 */
export function initSegment(tracks, timescale) {
  const brands = new TextEncoder().encode("iso6iso6mp41");
  const header = fullBox(
    "mvhd",
    0,
    0,
    u32(
      0,
      0,
      timescale,
      0,
      0x00010000,
      0x01000000,
      0,
      0,
      ...MATRIX,
      0,
      0,
      0,
      0,
      0,
      0,
    ),
    u32(tracks.length + 1),
  );
  const defaults = tracks.map(({ id }) =>
    fullBox("trex", 0, 0, u32(id, 1, 0, 0, 0))
  );
  return joinBytes([
    box("ftyp", brands.subarray(0, 4), u32(0), brands.subarray(4)),
    box(
      "moov",
      header,
      ...tracks.map((track) => trak(track, timescale)),
      box("mvex", ...defaults),
    ),
  ]);
}

/**
 * A `trak` box (8.3.1).
 *
 * @param {Mp4Track} track
 * @param {number} timescale
 */
function trak({ id, isVideo, width, height, entry }, timescale) {
  const size = isVideo ? [width * 65536, height * 65536] : [0, 0];
  const volume = isVideo ? 0 : 0x01000000;
  const kind = new TextEncoder().encode(isVideo ? "vide" : "soun");
  const media = isVideo
    ? fullBox("vmhd", 0, 1, u32(0, 0))
    : fullBox("smhd", 0, 0, u32(0));
  const table = box(
    "stbl",
    fullBox("stsd", 0, 0, u32(1), entry),
    fullBox("stts", 0, 0, u32(0)),
    fullBox("stsc", 0, 0, u32(0)),
    fullBox("stsz", 0, 0, u32(0, 0)),
    fullBox("stco", 0, 0, u32(0)),
  );
  const reference = box(
    "dinf",
    fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1)),
  );
  return box(
    "trak",
    fullBox(
      "tkhd",
      0,
      3,
      u32(0, 0, id, 0, 0, 0, 0, 0, volume, ...MATRIX, ...size),
    ),
    box(
      "mdia",
      // 0x55c4 is "und", the undetermined language (8.4.2.3).
      fullBox("mdhd", 0, 0, u32(0, 0, timescale, 0), u16(0x55c4, 0)),
      fullBox("hdlr", 0, 0, u32(0), kind, u32(0, 0, 0), new Uint8Array(1)),
      box("minf", media, reference, table),
    ),
  );
}

/**
 * A fragment of one track: `moof` and `mdat`.
 *
 * @param {number} sequence Number of the fragment, from 1 on.
 * @param {number} id The track's ID.
 * @param {number} time Decoding time of the first sample in ticks.
 * @param {Sample[]} samples In decoding order.
 */
export function fragment(sequence, id, time, samples) {
  const rows = samples.flatMap(({ duration, data, isKey, shift }) => [
    duration,
    data.length,
    isKey ? KEY_FLAGS : DELTA_FLAGS,
    shift,
  ]);
  // Opus begins a few milliseconds before time 0, but the field is unsigned (8.8.12).
  const start = Math.max(0, time);
  /** @param {number} offset */
  const head = (offset) =>
    box(
      "moof",
      fullBox("mfhd", 0, 0, u32(sequence)),
      box(
        "traf",
        fullBox("tfhd", 0, DEFAULT_BASE_IS_MOOF, u32(id)),
        fullBox("tfdt", 1, 0, u32(Math.floor(start / 2 ** 32), start >>> 0)),
        fullBox("trun", 1, TRUN_FLAGS, u32(samples.length, offset, ...rows)),
      ),
    );
  // The first sample follows the `moof` and the header of the `mdat`.
  const offset = head(0).length + 8;
  return joinBytes([
    head(offset),
    box("mdat", ...samples.map(({ data }) => data)),
  ]);
}
