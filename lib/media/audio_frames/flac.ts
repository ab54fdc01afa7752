/**
 * Native FLAC (RFC 9639). Frames have no length, so every byte is searched for the next frame's
 * header, which has a CRC-8, must agree with STREAMINFO, and must carry the number that is due.
 *
 * @module
 */
import { concat } from "@std/bytes";
import {
  FLAC_HEADER_BYTES,
  type FlacFrame,
  readFlacFrame,
  readStreamInfo,
  type StreamInfo,
  STREAMINFO_BYTES,
} from "./flac_frame.ts";
import type { Tracker, TrackerSink } from "../tracker.ts";
import { GIVE_UP_BYTES, UnitWalker } from "../reader/unit_walker.ts";

/** Bytes of a metadata block's header: last flag and type, then a length of 24 bits. */
const BLOCK_HEADER_BYTES = 4;

/** Types of metadata blocks (RFC 9639 §8.1). */
const STREAMINFO = 0;
const VORBIS_COMMENT = 4;
const INVALID_BLOCK = 127;

/** Bytes of comments that are kept for init; real ones are some hundred bytes of names. */
const MAX_COMMENT_BYTES = 64 * 1024;

/** `fLaC`. */
const MAGIC = Uint8Array.of(0x66, 0x4c, 0x61, 0x43);

/**
 * Bytes that tell a new stream in the midst of another: the magic, and the header of a STREAMINFO
 * block, of which four bytes are always the same.
 */
const START_BYTES = 8;

/** Tracks a FLAC stream; init is `fLaC`, STREAMINFO and the comments, every frame a join point. */
export class FlacTracker implements Tracker {
  readonly #sink: TrackerSink;
  readonly #walker: UnitWalker;
  #part: "magic" | "blocks" | "frames" = "magic";
  #blocks: Uint8Array[] = [];
  #info: StreamInfo | undefined;
  /** The sample that the next frame must start with; none when any frame may come. */
  #due: number | undefined;
  #candidate: (FlacFrame & { offset: number }) | undefined;
  #damaged = false;
  #goodOffset = 0;
  #time: number | undefined;
  /** Seconds of the streams before this one, where one follows another. */
  #base = 0;

  /** Reports to `sink`. */
  constructor(sink: TrackerSink) {
    this.#sink = sink;
    this.#walker = new UnitWalker((bytes, at) => this.#visit(bytes, at), 0);
  }

  /** Looks at the next bytes. */
  push(chunk: Uint8Array): void {
    this.#walker.push(chunk);
  }

  /** Seconds at the end of the newest frame. */
  get time(): number | undefined {
    return this.#time;
  }

  /** Bytes held at present: metadata blocks, and a header that a chunk's end cut. */
  get heldBytes(): number {
    return this.#blocks.reduce(
      (sum, block) => sum + block.length,
      this.#walker.heldBytes,
    );
  }

  /** Bytes that the last metadata block lacks; frames have no length. */
  get missingBytes(): number {
    return this.#part === "frames" ? 0 : this.#walker.missingBytes;
  }

  #visit(bytes: Uint8Array, at: number): number {
    if (this.#part === "blocks") return this.#block(bytes, at);
    if (bytes[at] === MAGIC[0]) return this.#magic(bytes, at);
    if (this.#part === "frames" && bytes[at] === 0xff) {
      return this.#frame(bytes, at);
    }
    return this.#search(bytes, at);
  }

  #magic(bytes: Uint8Array, at: number): number {
    if (at + START_BYTES > bytes.length) return 0;
    if (!isStart(bytes, at)) return this.#search(bytes, at);
    this.#blocks = [];
    this.#base = this.#time ?? 0;
    this.#part = "blocks";
    return MAGIC.length;
  }

  #block(bytes: Uint8Array, at: number): number {
    if (at + BLOCK_HEADER_BYTES > bytes.length) return 0;
    const type = (bytes[at] ?? 0) & 0x7f;
    const length = uint24(bytes, at + 1);
    if (type === INVALID_BLOCK) return this.#lose("an invalid metadata block");
    const total = BLOCK_HEADER_BYTES + length;
    const kept = type === STREAMINFO && length === STREAMINFO_BYTES ||
      type === VORBIS_COMMENT && length <= MAX_COMMENT_BYTES;
    if (kept) {
      if (at + total > bytes.length) return 0;
      // Only the first of a type counts, so what is held stays small.
      if (!this.#blocks.some((block) => block[0] === type)) {
        this.#blocks.push(copyBlock(bytes.subarray(at, at + total)));
      }
    }
    this.#goodOffset = this.#walker.offset + total;
    if ((bytes[at] ?? 0) & 0x80) this.#finishBlocks();
    return total;
  }

  /** The metadata is complete: it becomes init. */
  #finishBlocks(): void {
    const first = this.#blocks[0];
    this.#info = first && readStreamInfo(first, BLOCK_HEADER_BYTES);
    if (!first || !this.#info) {
      this.#lose("no STREAMINFO");
      return;
    }
    this.#sink.init(initOf(this.#blocks));
    this.#blocks = [];
    this.#sink.info({
      container: "flac",
      mime: "audio/flac",
      codecs: ["flac"],
      video: false,
    });
    this.#part = "frames";
    this.#due = undefined;
    this.#candidate = undefined;
  }

  /** Metadata that cannot be: on to the next stream's start. */
  #lose(what: string): number {
    this.#sink.damage(what);
    this.#part = "magic";
    this.#damaged = true;
    return 1;
  }

  #frame(bytes: Uint8Array, at: number): number {
    if (at + FLAC_HEADER_BYTES > bytes.length) return 0;
    const frame = this.#info && readFlacFrame(bytes, at, this.#info);
    if (!frame) return this.#search(bytes, at);
    const candidate = this.#candidate;
    if (frame.firstSample === this.#due || this.#isFirst()) this.#join(frame);
    else if (candidate?.nextSample === frame.firstSample) {
      // Two headers in sequence: frames were lost before them.
      this.#damage("FLAC frames are missing");
      this.#join(candidate, candidate.offset);
      this.#join(frame);
    } else this.#candidate = { ...frame, offset: this.#walker.offset };
    return 1;
  }

  /** Whether the visited place is that of the first frame, right after the metadata. */
  #isFirst(): boolean {
    return this.#due === undefined && this.#walker.offset === this.#goodOffset;
  }

  #join(frame: FlacFrame, offset: number = this.#walker.offset): void {
    const rate = this.#info?.sampleRate ?? 1;
    const time = this.#base + frame.firstSample / rate;
    this.#sink.join({ offset, time });
    this.#time = this.#base + frame.nextSample / rate;
    this.#due = frame.nextSample;
    this.#candidate = undefined;
    this.#damaged = false;
    this.#goodOffset = offset;
  }

  /** To the next byte that could start a frame or a stream. */
  #search(bytes: Uint8Array, at: number): number {
    const limit = this.#goodOffset + GIVE_UP_BYTES;
    if (this.#part === "magic") this.#damage("no fLaC where it is due");
    if (this.#walker.offset >= limit) {
      this.#walker.stop();
      this.#sink.giveUp(`no FLAC frame in ${GIVE_UP_BYTES} bytes`);
    }
    let next = at + 1;
    for (; next < bytes.length; next++) {
      const byte = bytes[next];
      if (byte === 0xff || byte === MAGIC[0]) break;
    }
    return this.#walker.searchStep(bytes, at, next, limit);
  }

  #damage(what: string): void {
    if (!this.#damaged) this.#sink.damage(what);
    this.#damaged = true;
  }
}

/** Whether `fLaC` and the header of STREAMINFO stand at `at`. */
function isStart(bytes: Uint8Array, at: number): boolean {
  return MAGIC.every((byte, i) => bytes[at + i] === byte) &&
    ((bytes[at + 4] ?? 1) & 0x7f) === STREAMINFO &&
    uint24(bytes, at + 5) === STREAMINFO_BYTES;
}

function uint24(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) << 16 | (bytes[at + 1] ?? 0) << 8 |
    (bytes[at + 2] ?? 0);
}

/**
 * A metadata block of its own, without the last flag. Of STREAMINFO, the number of samples and the
 * MD5 (RFC 9639 §8.2) become 0, "unknown": they do not hold for who joins late.
 */
function copyBlock(bytes: Uint8Array): Uint8Array {
  const block = bytes.slice();
  block[0] = (block[0] ?? 0) & 0x7f;
  if (block[0] !== STREAMINFO) return block;
  block[17] = (block[17] ?? 0) & 0xf0;
  return block.fill(0, 18);
}

/** `fLaC` and the blocks, STREAMINFO first, the last one marked as the last. */
function initOf(blocks: readonly Uint8Array[]): Uint8Array {
  const init = concat([MAGIC, ...blocks]);
  const last = init.length - (blocks.at(-1)?.length ?? 0);
  init[last] = (init[last] ?? 0) | 0x80;
  return init;
}

/** Makes the tracker of a FLAC stream. */
export function flacTracker(sink: TrackerSink): Tracker {
  return new FlacTracker(sink);
}
