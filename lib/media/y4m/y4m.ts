/**
 * YUV4MPEG2: a header line, then frames, each with a line of its own and a size that the header
 * tells.
 *
 * @module
 */
import type { Tracker, TrackerSink } from "../tracker.ts";
import { GIVE_UP_BYTES, UnitWalker } from "../reader/unit_walker.ts";
import { type Y4mHeader, y4mHeader } from "./header.ts";

/** Bytes of a header or frame line; comments make it longer than the usual 60. */
const MAX_LINE_BYTES = 1024;

/** What the two kinds of line begin with. */
const MAGIC = "YUV4MPEG2 ";
const FRAME = "FRAME";

const LINE_END = 0x0a;

/** Tracks YUV4MPEG2: init is the header line, every frame a join point. */
export class Y4mTracker implements Tracker {
  readonly #sink: TrackerSink;
  readonly #walker: UnitWalker;
  #header: Y4mHeader | undefined;
  /** Whether the next frame's place is known. */
  #locked = false;
  #damaged = false;
  /** A frame line found by searching, which the next one has to confirm. */
  #candidate: number | undefined;
  #goodOffset = 0;
  #frames = 0;
  /** Seconds of what came before the newest header. */
  #base = 0;

  /** Reports to `sink`. */
  constructor(sink: TrackerSink) {
    this.#sink = sink;
    this.#walker = new UnitWalker(
      (bytes, at) => this.#visit(bytes, at),
      FRAME.length + 1,
    );
  }

  /** Looks at the next bytes. */
  push(chunk: Uint8Array): void {
    this.#walker.push(chunk);
  }

  /** Seconds of the frames so far, where the header tells a rate. */
  get time(): number | undefined {
    const seconds = this.#header?.frameSeconds;
    return seconds === undefined
      ? undefined
      : this.#base + this.#frames * seconds;
  }

  /** Bytes held at present: a line that a chunk's end cut. */
  get heldBytes(): number {
    return this.#walker.heldBytes;
  }

  /** Bytes that the last frame lacks. */
  get missingBytes(): number {
    return this.#walker.missingBytes;
  }

  #visit(bytes: Uint8Array, at: number): number {
    const isHeader = begins(bytes, at, MAGIC);
    const isFrame = this.#header ? begins(bytes, at, FRAME) : "no";
    if (isHeader === "no" && isFrame === "no") return this.#search(bytes, at);
    if (isHeader === "more" || isFrame === "more") return 0;
    const end = bytes.subarray(at, at + MAX_LINE_BYTES).indexOf(LINE_END);
    if (end < 0) {
      const cut = at + MAX_LINE_BYTES > bytes.length;
      return cut ? 0 : this.#search(bytes, at);
    }
    return isHeader === "yes"
      ? this.#readHeader(bytes.slice(at, at + end + 1))
      : this.#frame(end + 1);
  }

  #readHeader(line: Uint8Array): number {
    const header = y4mHeader(new TextDecoder().decode(line).trimEnd());
    if (!header) {
      this.#giveUp("a header whose size or colour space is not known");
      return 1;
    }
    this.#base = this.time ?? 0;
    this.#frames = 0;
    this.#header = header;
    this.#locked = true;
    this.#sink.init(line);
    this.#sink.border?.(this.#walker.offset + line.length);
    this.#sink.info({
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
    const offset = this.#walker.offset;
    const total = lineBytes + (this.#header?.frameBytes ?? 0);
    if (!this.#locked && this.#candidate === undefined) {
      this.#candidate = offset;
      return total;
    }
    if (this.#candidate !== undefined) this.#join(this.#candidate);
    this.#candidate = undefined;
    this.#locked = true;
    this.#damaged = false;
    this.#join(offset);
    this.#sink.border?.(offset + total);
    this.#goodOffset = offset + total;
    return total;
  }

  #join(offset: number): void {
    const time = this.time;
    this.#sink.join(time === undefined ? { offset } : { offset, time });
    this.#frames++;
  }

  /** Neither line here: to the next byte that could start one. */
  #search(bytes: Uint8Array, at: number): number {
    if (!this.#damaged) this.#sink.damage("no frame line where one is due");
    this.#damaged = true;
    this.#locked = false;
    this.#candidate = undefined;
    // Two frames may be passed over in vain before a search even begins.
    const most = GIVE_UP_BYTES + 2 * (this.#header?.frameBytes ?? 0);
    const limit = this.#goodOffset + most;
    if (this.#walker.offset >= limit) {
      this.#giveUp(`no frame line in ${most} bytes`);
    }
    let next = at + 1;
    for (; next < bytes.length; next++) {
      if (bytes[next] === 0x46 || bytes[next] === 0x59) break;
    }
    return this.#walker.searchStep(bytes, at, next, limit);
  }

  #giveUp(why: string): void {
    this.#walker.stop();
    this.#sink.giveUp(why);
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

/** Makes the tracker of a YUV4MPEG2 stream. */
export function y4mTracker(sink: TrackerSink): Tracker {
  return new Y4mTracker(sink);
}
