/**
 * Native FLAC (RFC 9639). Frames have no length, so every byte is searched for the next frame's
 * header, which has a CRC-8, must agree with STREAMINFO, and must carry the expected number.
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
import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { MAX_SCAN_BYTES } from "../limits.ts";
import { uintAt } from "../reader/big_endian.ts";
import { ScanTracker } from "../reader/scan_tracker.ts";
import type { Spliced } from "../splice_rules.ts";

/** Bytes of a metadata block's header: last flag and type, then a length of 24 bits. */
const BLOCK_HEADER_BYTES = 4;

/** Types of metadata blocks (RFC 9639 §8.1). */
const STREAMINFO = 0;
const VORBIS_COMMENT = 4;
const INVALID_BLOCK = 127;

/** Bytes of comments that init may contain; real ones are some hundred bytes of names. */
const MAX_COMMENT_BYTES = 64 * 1024;

/** `fLaC`. */
const MAGIC = Uint8Array.of(0x66, 0x4c, 0x61, 0x43);

/** Bytes that tell a new stream inside another: the magic and the header of a STREAMINFO block. */
const START_BYTES = 8;

/** Tracks a FLAC stream; init is `fLaC`, STREAMINFO and the comments, every frame a join point. */
export class FlacTracker extends ScanTracker {
  #part: "magic" | "blocks" | "frames" = "magic";
  #blocks: Uint8Array[] = [];
  #info: StreamInfo | undefined;
  /** The sample that the next frame must start with; none when any frame may come. */
  #due: number | undefined;
  #candidate: (FlacFrame & { offset: number }) | undefined;
  #goodOffset = 0;
  #time: number | undefined;
  /** Seconds of the streams before this one, where one follows another. */
  #base = 0;

  /** Seconds at the end of the newest frame. */
  override get time(): number | undefined {
    return this.#time;
  }

  /** Bytes missing from the last metadata block; frames have no length. */
  override get missingBytes(): number {
    return this.#part === "frames" ? 0 : super.missingBytes;
  }

  /** Bytes of the metadata blocks that are arriving. */
  protected override get keptBytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.length, 0);
  }

  /** None: a cut header of a metadata block does not tell its length. */
  protected override missingOf(): number {
    return 0;
  }

  /** Looks for a magic, a metadata block or a frame header. */
  protected override visit(bytes: Uint8Array, at: number): number {
    if (this.#part === "blocks") return this.#block(bytes, at);
    if (bytes[at] === MAGIC[0]) return this.#magic(bytes, at);
    if (this.#part === "frames" && bytes[at] === 0xff) {
      return this.#frame(bytes, at);
    }
    return this.#search(bytes, at);
  }

  #magic(bytes: Uint8Array, at: number): number {
    if (at + START_BYTES > bytes.length) return this.needs(START_BYTES);
    if (!isStart(bytes, at)) return this.#search(bytes, at);
    this.#blocks = [];
    this.#base = this.#time ?? 0;
    this.#part = "blocks";
    return MAGIC.length;
  }

  #block(bytes: Uint8Array, at: number): number {
    if (at + BLOCK_HEADER_BYTES > bytes.length) {
      return this.needs(BLOCK_HEADER_BYTES);
    }
    const type = (bytes[at] ?? 0) & 0x7f;
    const length = uintAt(bytes, at + 1, 3);
    if (type === INVALID_BLOCK) return this.#lose("an invalid metadata block");
    const total = BLOCK_HEADER_BYTES + length;
    const kept = type === STREAMINFO && length === STREAMINFO_BYTES ||
      type === VORBIS_COMMENT && length <= MAX_COMMENT_BYTES;
    if (kept) {
      if (at + total > bytes.length) return this.needs(total);
      // Only the first of a type counts, so what is held stays small.
      if (!this.#blocks.some((block) => block[0] === type)) {
        this.#blocks.push(copyBlock(bytes.subarray(at, at + total)));
      }
    }
    this.#goodOffset = this.offset + total;
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
    this.sink.init(initOf(this.#blocks));
    this.#blocks = [];
    this.sink.info({
      container: "flac",
      mime: "audio/flac",
      codecs: ["flac"],
      video: false,
    });
    this.#part = "frames";
    this.#due = undefined;
    this.#candidate = undefined;
  }

  /** Impossible metadata: on to the next stream's start. */
  #lose(what: string): number {
    this.recover();
    this.corrupt(what);
    this.#part = "magic";
    return 1;
  }

  #frame(bytes: Uint8Array, at: number): number {
    if (at + FLAC_HEADER_BYTES > bytes.length) {
      return this.needs(FLAC_HEADER_BYTES);
    }
    const frame = this.#info && readFlacFrame(bytes, at, this.#info);
    if (!frame) return this.#search(bytes, at);
    const candidate = this.#candidate;
    if (frame.firstSample === this.#due || this.#isFirst()) this.#join(frame);
    else if (candidate?.nextSample === frame.firstSample) {
      // Two headers in sequence: frames were lost before them.
      this.corrupt("FLAC frames are missing");
      this.#join(candidate, candidate.offset);
      this.#join(frame);
    } else this.#candidate = { ...frame, offset: this.offset };
    return 1;
  }

  /** Whether the visited place is that of the first frame, right after the metadata. */
  #isFirst(): boolean {
    return this.#due === undefined && this.offset === this.#goodOffset;
  }

  #join(frame: FlacFrame, offset: number = this.offset): void {
    const rate = this.#info?.sampleRate ?? 1;
    const time = this.#base + frame.firstSample / rate;
    this.sink.join({ offset, time });
    this.#time = this.#base + frame.nextSample / rate;
    this.#due = frame.nextSample;
    this.#candidate = undefined;
    this.recover();
    this.#goodOffset = offset;
  }

  /** On to the next byte that could start a frame or a stream. */
  #search(bytes: Uint8Array, at: number): number {
    const limit = this.#goodOffset + MAX_SCAN_BYTES;
    if (this.#part === "magic") this.corrupt("no fLaC where it is due");
    if (this.offset >= limit) {
      this.giveUp(`no FLAC frame in ${MAX_SCAN_BYTES} bytes`);
    }
    let next = at + 1;
    for (; next < bytes.length; next++) {
      const byte = bytes[next];
      if (byte === 0xff || byte === MAGIC[0]) break;
    }
    return this.searchStep(bytes, at, next, limit);
  }
}

/** Whether `fLaC` and the header of STREAMINFO stand at `at`. */
function isStart(bytes: Uint8Array, at: number): boolean {
  return MAGIC.every((byte, i) => bytes[at + i] === byte) &&
    ((bytes[at + 4] ?? 1) & 0x7f) === STREAMINFO &&
    uintAt(bytes, at + 5, 3) === STREAMINFO_BYTES;
}

/**
 * A copy of a metadata block without the last flag. Of STREAMINFO, the number of samples and the MD5
 * (RFC 9639 §8.2) become 0, "unknown", because they do not hold for a watcher who joins late.
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

/** Decoders keep the sample size and the buffer for the largest block of the first STREAMINFO. */
function followBlocks(before: Spliced, after: Spliced): Uint8Array | undefined {
  const [old, now] = [before.init, after.init].map((init) =>
    init.length >= START_BYTES + STREAMINFO_BYTES
      ? readStreamInfo(init, START_BYTES)
      : undefined
  );
  const fits = !old || !now ||
    now.maxBlock <= old.maxBlock && now.bits === old.bits;
  return fits ? after.init : undefined;
}

/** Native FLAC. */
export const FLAC: ContainerFormat = {
  name: "flac",
  aliases: [],
  signature: magics("fLaC?\0\0\x22"),
  tracker: (sink) => new FlacTracker(sink),
  splice: followBlocks,
};
