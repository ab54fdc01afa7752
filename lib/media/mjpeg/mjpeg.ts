/**
 * Motion JPEG as a run of images (ISO/IEC 10918-1 annex B). Marker segments are passed over by their
 * length, so that the end of a thumbnail inside one is not taken for the image's end.
 *
 * @module
 */
import type { Tracker, TrackerSink } from "../tracker.ts";
import { UnitWalker } from "../reader/unit_walker.ts";

/** Bytes within which an image must end: ten times a 4K image of good quality. */
const MAX_IMAGE_BYTES = 16 * 1024 * 1024;

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
export class MjpegTracker implements Tracker {
  readonly #sink: TrackerSink;
  readonly #walker: UnitWalker;
  #part: "start" | "segments" | "scan" = "start";
  /** Whether images have been whole up to here. */
  #locked = false;
  #damaged = false;
  #imageOffset = 0;
  #goodOffset = 0;
  #width = 0;
  #height = 0;
  #told = "";

  /** Reports to `sink`. */
  constructor(sink: TrackerSink) {
    this.#sink = sink;
    this.#walker = new UnitWalker((bytes, at) => this.#visit(bytes, at), 0);
  }

  /** Looks at the next bytes. */
  push(chunk: Uint8Array): void {
    this.#walker.push(chunk);
  }

  /** None: the stream has no clock. */
  get time(): undefined {
    return undefined;
  }

  /** Bytes held at present: a marker that a chunk's end cut. */
  get heldBytes(): number {
    return this.#walker.heldBytes;
  }

  /** Bytes that the last marker segment lacks; the data of a scan have no length. */
  get missingBytes(): number {
    return this.#walker.missingBytes;
  }

  #visit(bytes: Uint8Array, at: number): number {
    if (this.#walker.offset >= this.#limit) {
      this.#walker.stop();
      this.#sink.giveUp(`no whole JPEG image in ${MAX_IMAGE_BYTES} bytes`);
      return 1;
    }
    if (this.#part === "start") return this.#start(bytes, at);
    return this.#part === "scan"
      ? this.#scan(bytes, at)
      : this.#segment(bytes, at);
  }

  /** Where an image has to have ended. */
  get #limit(): number {
    return this.#goodOffset + MAX_IMAGE_BYTES;
  }

  /** Between images. */
  #start(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== 0xff) return this.#search(bytes, at);
    if (at + 3 > bytes.length) return 0;
    if (bytes[at + 1] !== SOI || bytes[at + 2] !== 0xff) {
      return this.#search(bytes, at);
    }
    this.#imageOffset = this.#walker.offset;
    this.#part = "segments";
    if (this.#locked) this.#sink.join({ offset: this.#imageOffset });
    return 2;
  }

  #segment(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== 0xff) return this.#search(bytes, at);
    if (at + 2 > bytes.length) return 0;
    const marker = bytes[at + 1] ?? 0;
    // Any number of 0xff may fill up the space before a marker (§B.1.1.2).
    if (marker === 0xff) return 1;
    if (marker === TEM) return 2;
    if (marker === EOI) return this.#end();
    if (!hasLength(marker)) return this.#search(bytes, at);
    if (at + SOF_BYTES > bytes.length) return 0;
    const length = uint16(bytes, at + 2);
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
      return this.#walker.searchStep(bytes, at, next, this.#limit);
    }
    // What stands right here is a marker, or a 0xff that the end cuts.
    return this.#part === "scan" ? 0 : this.#segment(bytes, at);
  }

  /** The image is whole; one that nothing before it proved is a join point only now. */
  #end(): number {
    if (!this.#locked) this.#sink.join({ offset: this.#imageOffset });
    this.#locked = true;
    this.#damaged = false;
    this.#part = "start";
    this.#goodOffset = this.#walker.offset + 2;
    return 2;
  }

  #size(bytes: Uint8Array, at: number): void {
    this.#height = uint16(bytes, at + 5);
    this.#width = uint16(bytes, at + 7);
    const size = `${this.#width}x${this.#height}`;
    if (size === this.#told) return;
    this.#told = size;
    this.#sink.info({
      container: "mjpeg",
      mime: "video/x-motion-jpeg",
      codecs: ["mjpeg"],
      video: true,
      width: this.#width,
      height: this.#height,
    });
  }

  /** Not what must stand here: on to the next image's start. */
  #search(bytes: Uint8Array, at: number): number {
    if (!this.#damaged) this.#sink.damage("no JPEG marker where one is due");
    this.#damaged = true;
    this.#locked = false;
    // An image that begins where another breaks off is not to be missed.
    const broken = this.#part !== "start";
    this.#part = "start";
    if (broken && bytes[at] === 0xff && bytes[at + 1] === SOI) {
      return this.#start(bytes, at);
    }
    const next = bytes.indexOf(0xff, at + 1);
    return this.#walker.searchStep(bytes, at, next, this.#limit);
  }
}

/** Whether a marker has a segment with a length: neither reserved nor one that stands alone. */
function hasLength(marker: number): boolean {
  return marker >= 0xc0 && marker !== JPG &&
    (marker < RST0 || marker > EOI);
}

/** SOF0 to SOF15: what else lies in their range are DHT, JPG and DAC. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker < RST0 && marker !== DHT && marker !== JPG &&
    marker !== DAC;
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0);
}

/** Makes the tracker of Motion JPEG. */
export function mjpegTracker(sink: TrackerSink): Tracker {
  return new MjpegTracker(sink);
}
