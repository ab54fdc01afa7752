/**
 * Motion JPEG as a run of images (ISO/IEC 10918-1 annex B). Marker segments are skipped by their
 * length, so that the end of a thumbnail inside one is not taken for the image's end.
 *
 * @module
 */
import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { MAX_RESYNC_BYTES } from "../limits.ts";
import { uintAt } from "../reader/big_endian.ts";
import { ScanTracker } from "../reader/scan_tracker.ts";
import { sendInit } from "../splice_rules.ts";

/** Markers (ISO/IEC 10918-1 table B.1), second byte. */
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DHT = 0xc4;
const JPG = 0xc8;
const DAC = 0xcc;
const RST0 = 0xd0;
const RST7 = 0xd7;
const TEM = 0x01;

/** Bytes of a frame header up to the width: marker, length, precision, height, width. */
const SOF_BYTES = 9;

/** Tracks Motion JPEG: every image is a join point, there is no init and no clock. */
export class MjpegTracker extends ScanTracker {
  #part: "start" | "segments" | "scan" = "start";
  /** Whether images have been whole up to here. */
  #locked = false;
  #imageOffset = 0;
  #goodOffset = 0;
  #reported = "";

  /** None: the stream has no clock. */
  override get time(): undefined {
    return undefined;
  }

  /** None: a cut marker does not tell a length, and the data of a scan has none. */
  protected override missingOf(): number {
    return 0;
  }

  /** Looks for an image, a marker segment or the end of a scan. */
  protected override visit(bytes: Uint8Array, at: number): number {
    if (this.offset >= this.#limit) {
      this.giveUp(`no whole JPEG image in ${MAX_RESYNC_BYTES} bytes`);
      return 1;
    }
    if (this.#part === "start") return this.#start(bytes, at);
    return this.#part === "scan"
      ? this.#scan(bytes, at)
      : this.#segment(bytes, at);
  }

  /** Where an image must have ended. */
  get #limit(): number {
    return this.#goodOffset + MAX_RESYNC_BYTES;
  }

  /** Between images. */
  #start(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== 0xff) return this.#search(bytes, at);
    if (at + 3 > bytes.length) return this.needs(3);
    if (bytes[at + 1] !== SOI || bytes[at + 2] !== 0xff) {
      return this.#search(bytes, at);
    }
    this.#imageOffset = this.offset;
    this.#part = "segments";
    if (this.#locked) this.sink.join({ offset: this.#imageOffset });
    return 2;
  }

  #segment(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== 0xff) return this.#search(bytes, at);
    if (at + 2 > bytes.length) return this.needs(2);
    const marker = bytes[at + 1] ?? 0;
    // Any number of 0xff may precede a marker (§B.1.1.2).
    if (marker === 0xff) return 1;
    if (marker === TEM) return 2;
    if (marker === EOI) return this.#end();
    if (!hasLength(marker)) return this.#search(bytes, at);
    if (at + SOF_BYTES > bytes.length) return this.needs(SOF_BYTES);
    const length = uintAt(bytes, at + 2, 2);
    if (length < 2) return this.#search(bytes, at);
    if (isFrameHeader(marker)) this.#size(bytes, at);
    if (marker === SOS) this.#part = "scan";
    return 2 + length;
  }

  /** Entropy-coded data: up to a marker that is neither a stuffed 0xff nor a restart (§B.1.1.5). */
  #scan(bytes: Uint8Array, at: number): number {
    let next = at;
    while ((next = bytes.indexOf(0xff, next)) >= 0) {
      if (next + 1 === bytes.length) break;
      const marker = bytes[next + 1] ?? 0;
      if (marker !== 0 && (marker < RST0 || marker > RST7)) {
        this.#part = "segments";
        break;
      }
      next += 2;
    }
    if (next !== at) {
      return this.searchStep(bytes, at, next, this.#limit);
    }
    // Here is a marker, or a 0xff that the chunk's end cuts off.
    return this.#part === "scan" ? this.needs(2) : this.#segment(bytes, at);
  }

  /** The image is whole; one that follows no other becomes a join point only now. */
  #end(): number {
    if (!this.#locked) this.sink.join({ offset: this.#imageOffset });
    this.#locked = true;
    this.recover();
    this.#part = "start";
    this.#goodOffset = this.offset + 2;
    return 2;
  }

  #size(bytes: Uint8Array, at: number): void {
    const height = uintAt(bytes, at + 5, 2);
    const width = uintAt(bytes, at + 7, 2);
    const size = `${width}x${height}`;
    if (size === this.#reported) return;
    this.#reported = size;
    this.sink.info({
      container: "mjpeg",
      mime: "video/x-motion-jpeg",
      codecs: ["mjpeg"],
      video: true,
      width,
      height,
    });
  }

  /** Not what is due here: on to the next image's start. */
  #search(bytes: Uint8Array, at: number): number {
    this.corrupt("no JPEG marker where one is due");
    this.#locked = false;
    // An image that begins where another breaks off must not be missed.
    const broken = this.#part !== "start";
    this.#part = "start";
    if (broken && bytes[at] === 0xff && bytes[at + 1] === SOI) {
      return this.#start(bytes, at);
    }
    const next = bytes.indexOf(0xff, at + 1);
    return this.searchStep(bytes, at, next, this.#limit);
  }
}

/** Whether a marker has a segment with a length: it is neither reserved nor a marker alone. */
function hasLength(marker: number): boolean {
  return marker >= 0xc0 && marker !== JPG &&
    (marker < RST0 || marker > EOI);
}

/** SOF0 to SOF15; DHT, JPG and DAC are in the same range. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker < RST0 && marker !== DHT && marker !== JPG &&
    marker !== DAC;
}

/** Motion JPEG. */
export const MJPEG: ContainerFormat = {
  name: "mjpeg",
  aliases: ["jpeg", "jpg"],
  signature: magics("\xff\xd8\xff"),
  tracker: (sink) => new MjpegTracker(sink),
  splice: sendInit,
};
