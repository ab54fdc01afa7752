/**
 * Turns Matroska with H.264 or H.265, AAC or Opus into fragmented MP4, which MediaSource takes.
 *
 * Matroska tells when a picture is shown but not when it is decoded. A run of pictures is complete when
 * one comes that is shown later than all before; then the run's times in order are its decoding times.
 * That costs one picture of delay, and gives exact durations.
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

/** Pictures in a run: H.264 reorders 16 at most (ISO/IEC 14496-10, A.3.1). */
const MAX_RUN = 32;

/** Sample entries by Matroska's codec ID. */
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

/** Codecs, by the beginning of their RFC 6381 string, that can be carried over. */
const CARRIED = ["avc", "hvc", "hev", "mp4a.40", "opus"];

/**
 * Whether such a stream can be turned into MP4.
 *
 * @param {readonly string[]} codecs RFC 6381 strings.
 * @returns {boolean} True when all of them are carried over.
 */
export function canRemux(codecs) {
  return codecs.length > 0 &&
    codecs.every((codec) =>
      CARRIED.some((start) => codec.toLowerCase().startsWith(start))
    );
}

/** The samples of one track on their way from blocks to fragments. */
class Run {
  #id;
  #blocks = [];
  #latest = -Infinity;

  /** @param {number} id The track's id in MP4. */
  constructor(id) {
    this.#id = id;
  }

  /**
   * Takes a block.
   *
   * @param {import("./matroska_reader.js").Block} block The next one.
   * @param {number} sequence The fragment's number, should it become one.
   * @returns {Uint8Array | undefined} A fragment of the run that this block completes.
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

  #cut(end, sequence) {
    const blocks = this.#blocks;
    if (blocks.length === 0) return undefined;
    this.#blocks = [];
    const times = blocks.map(({ time }) => time).sort((a, b) => a - b);
    const samples = blocks.map(({ time, isKey, data }, index) => ({
      duration: Math.max(1, (times[index + 1] ?? end) - times[index]),
      shift: time - times[index],
      isKey,
      data,
    }));
    return fragment(sequence, this.#id, times[0], samples);
  }
}

/** Turns one stream. */
export class MatroskaRemux {
  #onBytes;
  #reader;
  #runs = new Map();
  #sequence = 0;

  /** @param {(bytes: Uint8Array) => void} onBytes Told of the init segment, then of each fragment. */
  constructor(onBytes) {
    this.#onBytes = onBytes;
    this.#reader = new MatroskaReader({
      onTracks: (tracks, timescale) => this.#begin(tracks, timescale),
      onBlock: (block) => this.#block(block),
    });
  }

  /**
   * Takes the next bytes.
   *
   * @param {Uint8Array} bytes Bytes of the stream.
   * @throws {Error} When they cannot be turned.
   */
  push(bytes) {
    this.#reader.push(bytes);
  }

  #begin(tracks, timescale) {
    const mp4Tracks = tracks.map((track, index) => {
      const entry = ENTRIES.get(track.codec);
      if (!entry) {
        throw new Error(`Cannot play the stream: it holds ${track.codec}`);
      }
      if (track.setup.length === 0) {
        throw new Error("Cannot play the stream: no codec setup in it");
      }
      this.#runs.set(track.number, new Run(index + 1));
      return { ...track, id: index + 1, entry: entry(track) };
    });
    this.#onBytes(initSegment(mp4Tracks, Math.round(timescale)));
  }

  #block(block) {
    const bytes = this.#runs.get(block.track)?.push(block, this.#sequence + 1);
    if (!bytes) return;
    this.#sequence++;
    this.#onBytes(bytes);
  }
}
