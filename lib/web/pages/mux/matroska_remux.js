/**
 * Remuxes Matroska with H.264 or H.265, AAC or Opus into fragmented MP4.
 *
 * Matroska has presentation times but no decoding times. A run of frames is complete when a frame is
 * presented later than all before it; the sorted presentation times of the run are then its decoding
 * times. This costs one frame of delay and yields exact durations.
 *
 * @module
 */

import {
  audioEntry,
  box,
  dops,
  esds,
  fragment,
  initSegment,
  videoEntry,
} from "./fmp4_writer.js";
import { MatroskaReader } from "./matroska_reader.js";

/** @import { Sample } from "./fmp4_writer.js" */
/** @import { Block, Track } from "./matroska_reader.js" */

/** Frames in a run at most: H.264 reorders up to 16 (ISO/IEC 14496-10, A.3.1). */
const MAX_RUN = 32;

/** @type {ReadonlyMap<string, (track: Track) => Uint8Array<ArrayBuffer>>} Sample entries by codec ID. */
const ENTRIES = new Map([
  [
    "V_MPEG4/ISO/AVC",
    (track) => videoEntry("avc1", track, box("avcC", track.setup)),
  ],
  [
    "V_MPEGH/ISO/HEVC",
    (track) => videoEntry("hvc1", track, box("hvcC", track.setup)),
  ],
  ["A_AAC", (track) => audioEntry("mp4a", track, esds(track.setup))],
  ["A_OPUS", (track) => audioEntry("Opus", track, dops(track.setup))],
]);

/** Codecs that can be remuxed, by the beginning of their RFC 6381 string. */
const SUPPORTED = ["avc", "hvc", "hev", "mp4a.40", "opus"];

/**
 * Whether a stream with all of these codecs can be remuxed.
 *
 * @param {readonly string[]} codecs RFC 6381 strings.
 */
export function canRemux(codecs) {
  return codecs.length > 0 &&
    codecs.every((codec) =>
      SUPPORTED.some((start) => codec.toLowerCase().startsWith(start))
    );
}

/** Collects the blocks of one track into fragments. */
class Run {
  #id;
  /** @type {Block[]} */
  #blocks = [];
  #latest = -Infinity;

  /** @param {number} id The track's ID in MP4. */
  constructor(id) {
    this.#id = id;
  }

  /**
   * Adds a block.
   *
   * @param {Block} block
   * @param {number} sequence Number of the next fragment.
   * @returns The fragment of the run that this block completes, if it completes one.
   */
  push(block, sequence) {
    const isNext = block.time > this.#latest;
    const done = isNext || this.#blocks.length >= MAX_RUN
      ? this.#cut(block.time, sequence)
      : undefined;
    this.#latest = Math.max(this.#latest, block.time);
    this.#blocks.push(block);
    return done;
  }

  /**
   * @param {number} end Presentation time of the block after the run.
   * @param {number} sequence
   */
  #cut(end, sequence) {
    const blocks = this.#blocks;
    if (blocks.length === 0) return undefined;
    this.#blocks = [];
    const times = blocks.map(({ time }) => time).sort((a, b) => a - b);
    /** @type {Sample[]} */
    const samples = blocks.map(({ time, isKey, data }, index) => {
      const decodingTime = times[index] ?? end;
      const duration = Math.max(1, (times[index + 1] ?? end) - decodingTime);
      return { duration, shift: time - decodingTime, isKey, data };
    });
    return fragment(sequence, this.#id, times[0] ?? end, samples);
  }
}

/** Remuxes one stream. */
export class MatroskaRemux {
  #onBytes;
  #reader;
  /** @type {Map<number, Run>} By the track's number in Matroska. */
  #runs = new Map();
  #sequence = 0;

  /** @param {(bytes: Uint8Array<ArrayBuffer>) => void} onBytes Takes the init segment, then each fragment. */
  constructor(onBytes) {
    this.#onBytes = onBytes;
    this.#reader = new MatroskaReader({
      onTracks: (tracks, timescale) => this.#begin(tracks, timescale),
      onBlock: (block) => this.#block(block),
    });
  }

  /**
   * @param {Uint8Array} bytes A chunk of any length.
   * @throws {Error} When the stream cannot be remuxed.
   */
  push(bytes) {
    this.#reader.push(bytes);
  }

  /**
   * @param {Track[]} tracks
   * @param {number} timescale Ticks per second.
   */
  #begin(tracks, timescale) {
    const mp4Tracks = tracks.map((track, index) => {
      const entry = ENTRIES.get(track.codec);
      if (!entry) {
        throw new Error(`Cannot play the stream: it contains ${track.codec}`);
      }
      if (track.setup.length === 0) {
        throw new Error("Cannot play the stream: its codec setup is missing");
      }
      this.#runs.set(track.number, new Run(index + 1));
      return { ...track, id: index + 1, entry: entry(track) };
    });
    this.#onBytes(initSegment(mp4Tracks, Math.round(timescale)));
  }

  /** @param {Block} block */
  #block(block) {
    const bytes = this.#runs.get(block.track)?.push(block, this.#sequence + 1);
    if (!bytes) return;
    this.#sequence++;
    this.#onBytes(bytes);
  }
}
