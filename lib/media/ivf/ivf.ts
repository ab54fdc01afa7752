/**
 * IVF, the container of libvpx and libaom: a header of 32 bytes, then frames with a size and a timestamp
 * each, all little-endian.
 *
 * @module
 */
import { AV1_START_BYTES, startsAv1Sequence } from "../codec/av1.ts";
import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { MAX_UNIT_BYTES } from "../limits.ts";
import { fourccAt } from "../reader/big_endian.ts";
import { UnitTracker } from "../reader/unit_tracker.ts";
import type { Spliced } from "../splice_rules.ts";

/** Bytes of the file header, and of a frame's header. */
const FILE_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 12;

/** Bytes of a frame that tell whether it is a key frame. */
const KEY_BYTES: number = AV1_START_BYTES;

const MAGIC = "DKIF";

/** A codec by its four characters. */
interface IvfCodec {
  /** Its codec string. */
  readonly name: string;
  /** Whether a frame that begins so is a key frame. */
  readonly isKey: (frame: Uint8Array) => boolean;
}

const CODECS: ReadonlyMap<string, IvfCodec> = new Map<string, IvfCodec>([
  // The frame tag of RFC 6386 §9.1.
  ["VP80", { name: "vp8", isKey: (frame) => (frame[0]! & 1) === 0 }],
  ["VP90", { name: "vp9", isKey: isVp9Key }],
  ["AV01", { name: "av01", isKey: (frame) => startsAv1Sequence(frame, 0) }],
]);

/** Tracks IVF: init is the file header, every key frame a join point. */
export class IvfTracker extends UnitTracker {
  /** The magic and the length of a file header. */
  protected override readonly boundaryBytes = 8;
  #codec: IvfCodec | undefined;
  /** Seconds of one tick of the clock. */
  #tick = 0;

  /** Reads the file header or a frame. */
  protected override readUnit(): boolean {
    const start = this.reader.peek(4);
    if (!start) return false;
    if (fourccAt(start, 0) === MAGIC) return this.#readHeader();
    const bytes = this.reader.peek(FRAME_HEADER_BYTES);
    if (!bytes) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const size = view.getUint32(0, true);
    if (size > MAX_UNIT_BYTES || !this.#codec) {
      this.corrupt("no frame of IVF");
      return true;
    }
    const time = Number(view.getBigUint64(4, true)) * this.#tick;
    return this.#readFrame(this.#codec, size, time);
  }

  /** Whether a file header begins here: frames cannot be told from their data. */
  protected override isBoundary(bytes: Uint8Array, at: number): boolean {
    return bytes[at] === 0x44 && fourccAt(bytes, at) === MAGIC &&
      bytes[at + 6] === FILE_HEADER_BYTES && bytes[at + 7] === 0;
  }

  /** Bytes missing from a header or frame that begins with `held`. */
  protected override missingOf(held: Uint8Array): number {
    if (fourccAt(held, 0).startsWith("DK")) {
      return Math.max(0, FILE_HEADER_BYTES - held.length);
    }
    const head = new Uint8Array(Math.max(FRAME_HEADER_BYTES, held.length));
    head.set(held);
    const size = new DataView(head.buffer).getUint32(0, true);
    const total = FRAME_HEADER_BYTES + (size > MAX_UNIT_BYTES ? 0 : size);
    return Math.max(0, total - held.length);
  }

  #readHeader(): boolean {
    const bytes = this.reader.peek(FILE_HEADER_BYTES);
    if (!bytes) return false;
    const header = bytes.slice();
    const view = new DataView(header.buffer);
    this.#codec = CODECS.get(fourccAt(header, 8));
    if (!this.#codec) {
      this.giveUp("a codec that is unknown in IVF");
      return false;
    }
    this.#tick = view.getUint32(20, true) / (view.getUint32(16, true) || 1);
    // The number of frames does not hold for a watcher who joins late.
    header.fill(0, 24);
    this.sink.init(header);
    this.sink.info({
      container: "ivf",
      mime: "video/x-ivf",
      codecs: [this.#codec.name],
      video: true,
      width: view.getUint16(12, true),
      height: view.getUint16(14, true),
    });
    return this.#skip(FILE_HEADER_BYTES);
  }

  #readFrame(codec: IvfCodec, size: number, time: number): boolean {
    const length = Math.min(size, KEY_BYTES);
    const frame = this.reader.peek(FRAME_HEADER_BYTES + length)
      ?.subarray(FRAME_HEADER_BYTES);
    if (!frame) return false;
    this.setTime(time);
    if (length > 0 && codec.isKey(frame)) {
      this.join({ offset: this.reader.offset, time });
    }
    return this.#skip(FRAME_HEADER_BYTES + size);
  }

  #skip(length: number): boolean {
    this.sink.boundary?.(this.reader.offset + length);
    this.reader.skip(length);
    return true;
  }
}

/** The uncompressed header of VP9 (VP9 specification 6.2). */
function isVp9Key(frame: Uint8Array): boolean {
  const first = frame[0]!;
  const isProfile3 = (first & 0x30) === 0x30;
  const flags = isProfile3 ? first << 1 : first;
  // frame_marker, show_existing_frame and frame_type
  return first >> 6 === 2 && (flags & 0x0c) === 0;
}

/**
 * A file header inside the stream would be read as a frame of a gigabyte, so none is sent: key frames tell
 * their size, and only codec and clock (bytes 8 to 12 and 16 to 24) must be the same.
 */
function followCodec(before: Spliced, after: Spliced): Uint8Array | undefined {
  const [old, now] = [before.init, after.init].map((init) =>
    [...init.subarray(8, 12), ...init.subarray(16, 24)].join()
  );
  return old === now ? new Uint8Array() : undefined;
}

/** IVF. */
export const IVF: ContainerFormat = {
  name: "ivf",
  aliases: [],
  signature: magics(MAGIC + "\0\0\x20\0"),
  tracker: (sink) => new IvfTracker(sink),
  splice: followCodec,
};
