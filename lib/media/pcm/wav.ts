/**
 * WAV: RIFF, and RF64 or BW64 for files beyond 4 GiB (Microsoft RIFF MCI 1991; EBU Tech 3306). The
 * samples have no sync, so lost bytes cannot be detected; join points keep the block alignment.
 *
 * @module
 */
import { concat } from "@std/bytes";
import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { fourccAt } from "../reader/big_endian.ts";
import { cannotFollow, unlessSameInit } from "../splice_rules.ts";
import { type SampleFormat, SampleTracker } from "./sample_tracker.ts";

/** Bytes of `RIFF`, its size, and `WAVE`. */
const RIFF_BYTES = 12;

/** Bytes of a chunk's name and size. */
const CHUNK_HEADER_BYTES = 8;

/** Bytes of the format chunk: 16 to 40 for PCM, some hundred for codecs with coefficients. */
const MAX_FORMAT_BYTES = 1024;

/** Bytes of a ds64 chunk that are read: sizes of RIFF and data. */
const DS64_BYTES = 16;

/** Bytes of another chunk in the header: a cover picture is smaller, a longer one is a wrong length. */
const MAX_OTHER_BYTES = 16 * 1024 * 1024;

/** The size that means "unknown" or "see ds64". */
const UNKNOWN_SIZE = 0xffffffff;

/** Least size that is a placeholder, as tools write it that write to a pipe. */
const ENDLESS_SIZE = 0x7ffff000;

/** Format tags of codecs whose blocks hold a number of samples that the format tells. */
const MS_ADPCM = 0x02;
const IMA_ADPCM = 0x11;

/** The fields of a format chunk. */
interface WavFormat extends SampleFormat {
  /** wFormatTag: 1 is PCM. */
  readonly tag: number;
}

/** Tracks a WAV stream: init is the header up to the samples, of unknown size. */
export class WavTracker extends SampleTracker {
  #inChunks = false;
  #format: WavFormat | undefined;
  #formatChunk: Uint8Array | undefined;
  /** Size of the data as ds64 tells it. */
  #longSize: number | undefined;

  /** Bytes of the format. */
  protected override get keptBytes(): number {
    return this.#formatChunk?.length ?? 0;
  }

  /** Bytes missing from a cut header. */
  protected override missingOf(held: Uint8Array): number {
    return Math.max(0, RIFF_BYTES - held.length);
  }

  /** Reads the RIFF header or a chunk. */
  protected override visitHeader(bytes: Uint8Array, at: number): number {
    return this.#inChunks ? this.#chunk(bytes, at) : this.#riff(bytes, at);
  }

  #riff(bytes: Uint8Array, at: number): number {
    if (at + RIFF_BYTES > bytes.length) return this.needs(RIFF_BYTES);
    const name = fourccAt(bytes, at);
    const isRiff = name === "RIFF" || name === "RF64" || name === "BW64";
    if (!isRiff || fourccAt(bytes, at + 8) !== "WAVE") {
      return this.reject("no RIFF header where one is due");
    }
    this.#format = undefined;
    this.#longSize = undefined;
    this.beginHeader();
    this.#inChunks = true;
    return RIFF_BYTES;
  }

  #chunk(bytes: Uint8Array, at: number): number {
    if (at + CHUNK_HEADER_BYTES > bytes.length) {
      return this.needs(CHUNK_HEADER_BYTES);
    }
    const name = fourccAt(bytes, at);
    const size = uint32(bytes, at + 4);
    if (name === "data") return this.#beginData(size);
    if (name === "fmt ") return this.#readFormat(bytes, at, size);
    if (name === "RIFF" || name === "RF64" || name === "BW64") {
      return this.#riff(bytes, at);
    }
    if (size > MAX_OTHER_BYTES) {
      return this.reject(`a chunk of ${size} bytes before the samples`);
    }
    const total = CHUNK_HEADER_BYTES + size + size % 2;
    if (name !== "ds64" || size < DS64_BYTES) return total;
    const needed = CHUNK_HEADER_BYTES + DS64_BYTES;
    if (at + needed > bytes.length) return this.needs(needed);
    this.#longSize = uint32(bytes, at + 16) +
      uint32(bytes, at + 20) * 2 ** 32;
    return total;
  }

  #readFormat(bytes: Uint8Array, at: number, size: number): number {
    const total = CHUNK_HEADER_BYTES + size + size % 2;
    if (size < 16 || size > MAX_FORMAT_BYTES) {
      return this.reject(`a format chunk of ${size} bytes`);
    }
    if (at + total > bytes.length) return this.needs(total);
    const chunk = bytes.slice(at, at + total);
    const format = formatOf(chunk);
    if (!(format.byteRate > 0) || format.blockBytes === 0) {
      return this.reject("a format without a byte rate or block alignment");
    }
    this.#format = format;
    this.#formatChunk = chunk;
    return total;
  }

  #beginData(size: number): number {
    if (!this.#format || !this.#formatChunk) {
      return this.reject("samples without a format before them");
    }
    const known = size === UNKNOWN_SIZE ? this.#longSize ?? 0 : size;
    // Some producers write 0 while they do not know the size.
    const most = this.#longSize ? Number.MAX_SAFE_INTEGER : ENDLESS_SIZE;
    const endless = known === 0 || known >= most;
    this.sink.init(initOf(this.#formatChunk));
    this.sink.info({
      container: "wav",
      mime: "audio/wav",
      codecs: [String(this.#format.tag)],
      video: false,
    });
    const length = endless ? Infinity : known + known % 2;
    return this.beginSamples(this.#format, CHUNK_HEADER_BYTES, length);
  }
}

/** Reads a format chunk with its header (RIFF MCI, WAVEFORMATEX). */
function formatOf(chunk: Uint8Array): WavFormat {
  const tag = uint16(chunk, 8);
  const blockBytes = uint16(chunk, 20);
  // wSamplesPerBlock; with these codecs nAvgBytesPerSec is often wrong.
  const samples = tag === MS_ADPCM || tag === IMA_ADPCM ? uint16(chunk, 26) : 0;
  const byteRate = samples > 0
    ? uint32(chunk, 12) * blockBytes / samples
    : uint32(chunk, 16);
  return { tag, byteRate, blockBytes };
}

/** The header of a file of unknown length: only the format, then the samples. */
function initOf(formatChunk: Uint8Array): Uint8Array {
  const riff = Uint8Array.of(...code("RIFF"), 255, 255, 255, 255);
  const data = Uint8Array.of(...code("data"), 255, 255, 255, 255);
  return concat([riff, Uint8Array.from(code("WAVE")), formatChunk, data]);
}

function code(name: string): number[] {
  return [...name].map((letter) => letter.charCodeAt(0));
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | (bytes[at + 1] ?? 0) << 8;
}

function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) + uint16(bytes, at + 2) * 2 ** 16;
}

/** WAV. A header inside the stream would be played as samples. */
export const WAV: ContainerFormat = {
  name: "wav",
  aliases: ["wave", "rf64"],
  signature: magics("RIFF????WAVE", "RF64????WAVE", "BW64????WAVE"),
  tracker: (sink) => new WavTracker(sink),
  splice: unlessSameInit(cannotFollow),
};
