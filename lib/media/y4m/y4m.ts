/**
 * YUV4MPEG2: a header line, then frames, each with a line of its own and a size that the header tells.
 *
 * @module
 */
import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { MAX_SCAN_BYTES } from "../limits.ts";
import { ScanTracker } from "../reader/scan_tracker.ts";
import { cannotFollow, unlessSameInit } from "../splice_rules.ts";
import { type Y4mHeader, y4mHeader } from "./header.ts";

/** Bytes of a header or frame line; comments make it longer than the usual 60. */
const MAX_LINE_BYTES = 1024;

/** How the two kinds of line begin. */
const MAGIC = "YUV4MPEG2 ";
const FRAME = "FRAME";

const LINE_END = 0x0a;

/** Tracks YUV4MPEG2: init is the header line, every frame a join point. */
export class Y4mTracker extends ScanTracker {
  #header: Y4mHeader | undefined;
  /** Whether the next frame's place is known. */
  #locked = false;
  /** A frame line found by a search, which the next one has to confirm. */
  #candidate: number | undefined;
  #goodOffset = 0;
  #frames = 0;
  /** Seconds of what came before the newest header. */
  #base = 0;

  /** Seconds of the frames so far, where the header tells a rate. */
  override get time(): number | undefined {
    const seconds = this.#header?.frameSeconds;
    return seconds === undefined
      ? undefined
      : this.#base + this.#frames * seconds;
  }

  /** Bytes missing from a cut frame line. */
  protected override missingOf(held: Uint8Array): number {
    return Math.max(0, FRAME.length + 1 - held.length);
  }

  /** Looks for a header or frame line. */
  protected override visit(bytes: Uint8Array, at: number): number {
    const isHeader = begins(bytes, at, MAGIC);
    const isFrame = this.#header ? begins(bytes, at, FRAME) : "no";
    if (isHeader === "no" && isFrame === "no") return this.#search(bytes, at);
    if (isHeader === "more" || isFrame === "more") {
      return this.needs(bytes.length - at + 1);
    }
    const end = bytes.subarray(at, at + MAX_LINE_BYTES).indexOf(LINE_END);
    if (end < 0) {
      return at + MAX_LINE_BYTES > bytes.length
        ? this.needs(bytes.length - at + 1)
        : this.#search(bytes, at);
    }
    return isHeader === "yes"
      ? this.#readHeader(bytes.slice(at, at + end + 1))
      : this.#frame(end + 1);
  }

  #readHeader(line: Uint8Array): number {
    const header = y4mHeader(new TextDecoder().decode(line).trimEnd());
    if (!header) {
      this.giveUp("a header whose size or colour space is not known");
      return 1;
    }
    this.#base = this.time ?? 0;
    this.#frames = 0;
    this.#header = header;
    this.#locked = true;
    this.sink.init(line);
    this.sink.boundary?.(this.offset + line.length);
    this.sink.info({
      container: "y4m",
      mime: "video/x-yuv4mpeg",
      codecs: ["rawvideo"],
      video: true,
      width: header.width,
      height: header.height,
    });
    return line.length;
  }

  #frame(lineBytes: number): number {
    const { offset } = this;
    const total = lineBytes + (this.#header?.frameBytes ?? 0);
    if (!this.#locked && this.#candidate === undefined) {
      this.#candidate = offset;
      return total;
    }
    if (this.#candidate !== undefined) this.#join(this.#candidate);
    this.#candidate = undefined;
    this.#locked = true;
    this.recover();
    this.#join(offset);
    this.sink.boundary?.(offset + total);
    this.#goodOffset = offset + total;
    return total;
  }

  #join(offset: number): void {
    const time = this.time;
    this.sink.join(time === undefined ? { offset } : { offset, time });
    this.#frames++;
  }

  /** Neither line here: on to the next byte that could start one. */
  #search(bytes: Uint8Array, at: number): number {
    this.corrupt("no frame line where one is due");
    this.#locked = false;
    this.#candidate = undefined;
    // Two frames may be skipped in vain before a search even begins.
    const most = MAX_SCAN_BYTES + 2 * (this.#header?.frameBytes ?? 0);
    const limit = this.#goodOffset + most;
    if (this.offset >= limit) this.giveUp(`no frame line in ${most} bytes`);
    let next = at + 1;
    for (; next < bytes.length; next++) {
      if (bytes[next] === 0x46 || bytes[next] === 0x59) break;
    }
    return this.searchStep(bytes, at, next, limit);
  }
}

/** Whether the bytes at `at` begin with `word`, as far as they are there. */
function begins(
  bytes: Uint8Array,
  at: number,
  word: string,
): "yes" | "no" | "more" {
  for (let i = 0; i < word.length; i++) {
    if (at + i === bytes.length) return "more";
    if (bytes[at + i] !== word.charCodeAt(i)) return "no";
  }
  return "yes";
}

/** YUV4MPEG2. A header line inside the stream would be taken for the end of it. */
export const Y4M: ContainerFormat = {
  name: "y4m",
  aliases: ["yuv4mpeg", "yuv4mpegpipe"],
  signature: magics(MAGIC),
  tracker: (sink) => new Y4mTracker(sink),
  splice: unlessSameInit(cannotFollow),
};
