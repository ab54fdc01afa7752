/**
 * Writes fragmented MP4 (ISO/IEC 14496-12): one init segment, then fragments.
 *
 * @module
 */

import { join } from "./append_queue.js";

/** Flags of a sample that decoding can start from, and of one that needs others (8.8.3.1). */
const KEY_FLAGS = 0x02000000;
const DELTA_FLAGS = 0x01010000;

/** What a `trun` tells of each sample: offset, duration, size, flags, composition time (8.8.8). */
const TRUN_FLAGS = 0x000f01;

/** `tfhd`: offsets count from the fragment's first byte (8.8.7). */
const DEFAULT_BASE_IS_MOOF = 0x020000;

/** Identity matrix of `mvhd` and `tkhd` (6.2.2). */
const MATRIX = [0x00010000, 0, 0, 0, 0x00010000, 0, 0, 0, 0x40000000];

/**
 * @typedef {object} Mp4Track
 * @property {number} id From 1 on.
 * @property {boolean} isVideo
 * @property {number} width Pixels.
 * @property {number} height Pixels.
 * @property {Uint8Array} entry The sample entry.
 */

/**
 * @typedef {object} Sample
 * @property {number} duration Ticks.
 * @property {number} shift Ticks from decoding to showing; may be negative.
 * @property {boolean} isKey
 * @property {Uint8Array} data
 */

/** Big-endian numbers of 32 bits. */
function u32(...numbers) {
  const bytes = new Uint8Array(numbers.length * 4);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, index) => view.setUint32(index * 4, number));
  return bytes;
}

/** Big-endian numbers of 16 bits. */
function u16(...numbers) {
  return new Uint8Array(
    numbers.flatMap((number) => [(number >> 8) & 0xff, number & 0xff]),
  );
}

/**
 * A box (4.2).
 *
 * @param {string} type Four letters.
 * @param {...Uint8Array} parts What it holds.
 * @returns {Uint8Array} The box.
 */
export function box(type, ...parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  return join([u32(size), new TextEncoder().encode(type), ...parts]);
}

/** A box with version and flags. */
function fullBox(type, version, flags, ...parts) {
  return box(type, u32(version * 2 ** 24 + flags), ...parts);
}

/**
 * A picture's sample entry (12.1.3).
 *
 * @param {string} type `avc1` or `hvc1`.
 * @param {{width: number, height: number}} size Pixels.
 * @param {Uint8Array} configuration The box with the decoder's configuration.
 * @returns {Uint8Array} The entry.
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
 * A sound's sample entry (12.2.3).
 *
 * @param {string} type `mp4a` or `Opus`.
 * @param {{channels: number, rate: number}} sound Its channels and samples per second.
 * @param {Uint8Array} configuration The box with the decoder's configuration.
 * @returns {Uint8Array} The entry.
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
 * AAC's configuration (ISO/IEC 14496-1, 7.2.6).
 *
 * @param {Uint8Array} setup AudioSpecificConfig, below 100 bytes.
 * @returns {Uint8Array} An `esds` box.
 */
export function esds(setup) {
  const specific = join([new Uint8Array([5, setup.length]), setup]);
  const config = join([
    new Uint8Array([4, 13 + specific.length, 0x40, 0x15, 0, 0, 0]),
    u32(0, 0),
    specific,
  ]);
  const stream = new Uint8Array([3, 3 + config.length + 3, 0, 0, 0]);
  return fullBox("esds", 0, 0, stream, config, new Uint8Array([6, 1, 2]));
}

/**
 * Opus' configuration ("Encapsulation of Opus in ISO Base Media File Format", 4.3.2), which is its
 * identification header (RFC 7845, section 5.1) with its numbers turned round.
 *
 * @param {Uint8Array} head `OpusHead` and what follows.
 * @returns {Uint8Array} A `dOps` box.
 */
export function dops(head) {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  return box(
    "dOps",
    new Uint8Array([0, head[9]]),
    u16(view.getUint16(10, true)),
    u32(view.getUint32(12, true)),
    u16(view.getUint16(16, true)),
    head.subarray(18),
  );
}

/**
 * The init segment.
 *
 * @param {Mp4Track[]} tracks The tracks.
 * @param {number} timescale Ticks per second, of all of them.
 * @returns {Uint8Array} `ftyp` and `moov`.
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
  return join([
    box("ftyp", brands.subarray(0, 4), u32(0), brands.subarray(4)),
    box(
      "moov",
      header,
      ...tracks.map((track) => trak(track, timescale)),
      box("mvex", ...defaults),
    ),
  ]);
}

function trak({ id, isVideo, width, height, entry }, timescale) {
  const size = isVideo ? [width * 65536, height * 65536] : [0, 0];
  const volume = isVideo ? 0 : 0x01000000;
  const kind = new TextEncoder().encode(isVideo ? "vide" : "soun");
  const media = isVideo
    ? fullBox("vmhd", 0, 1, u32(0, 0))
    : fullBox("smhd", 0, 0, u32(0));
  const none = (type) => fullBox(type, 0, 0, u32(0));
  const table = box(
    "stbl",
    fullBox("stsd", 0, 0, u32(1), entry),
    none("stts"),
    none("stsc"),
    fullBox("stsz", 0, 0, u32(0, 0)),
    none("stco"),
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
 * A fragment of one track.
 *
 * @param {number} sequence Counts fragments, from 1 on.
 * @param {number} id The track's.
 * @param {number} time Ticks at which its first sample is decoded.
 * @param {Sample[]} samples In decoding order.
 * @returns {Uint8Array} `moof` and `mdat`.
 */
export function fragment(sequence, id, time, samples) {
  const rows = samples.flatMap(({ duration, data, isKey, shift }) => [
    duration,
    data.length,
    isKey ? KEY_FLAGS : DELTA_FLAGS,
    shift,
  ]);
  // Opus begins a few milliseconds before time 0, which this field cannot tell (8.8.12).
  const start = Math.max(0, time);
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
  // The offset is that of the first sample, which lies behind the head and the `mdat`'s own.
  const offset = head(0).length + 8;
  return join([head(offset), box("mdat", ...samples.map(({ data }) => data))]);
}
