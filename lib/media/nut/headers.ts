/**
 * Header packets of NUT (NUT Open Container Format 1.0): main header and stream headers.
 *
 * @module
 */
import { uintAt } from "../reader/big_endian.ts";
import { crc32 } from "../reader/crc32.ts";

/** Flags of a frame. */
const FLAG = { KEY: 1, STREAM_ID: 16, CODED: 4096, INVALID: 8192 } as const;

/** Frame codes; that of `N` is reserved for startcodes. */
const FRAME_CODES = 256;
const N = 0x4e;

/** Streams and clocks of a file: a film has a picture and some languages. */
const MAX_STREAMS = 64;

/** stream_class of video. */
const VIDEO_CLASS = 0;

/** The meaning of a frame code. */
export interface FrameCode {
  /** Flags of the frame. */
  readonly flags: number;
  /** The stream it belongs to, unless the frame states another. */
  readonly stream: number;
}

/** What the main header tells. */
export interface NutMain {
  /** Seconds of one tick of each clock. */
  readonly ticks: readonly number[];
  /** The meaning of each frame code. */
  readonly codes: readonly FrameCode[];
}

/** What a stream header tells. */
export interface NutStream {
  /** The number that frames name it by. */
  readonly id: number;
  /** Whether it is video. */
  readonly video: boolean;
  /** The name of its codec: four characters, or the tag of WAVE as a number. */
  readonly codec: string;
  /** Width of the picture in pixels; 0 for audio. */
  readonly width: number;
  /** Height of the picture in pixels; 0 for audio. */
  readonly height: number;
}

/** Reads the variable-length numbers of NUT; beyond the end they are 0. */
export class NutReader {
  readonly #bytes: Uint8Array;
  #at: number;

  /** Begins at `bytes[at]`. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Index of the next byte. */
  get at(): number {
    return this.#at;
  }

  /** An unsigned number in groups of 7 bits. */
  v(): number {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) break;
    }
    return value;
  }

  /** Bytes behind their number. */
  vb(): Uint8Array {
    const length = this.v();
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  /** One byte. */
  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }
}

/** Reads the content of a main header; `undefined` when it is malformed. */
export function readMain(reader: NutReader): NutMain | undefined {
  if (reader.v() > 3) reader.v(); // version, minor_version
  reader.v(); // stream_count
  reader.v(); // max_distance
  const clocks = reader.v();
  if (clocks < 1 || clocks > MAX_STREAMS) return undefined;
  const ticks = Array.from(
    { length: clocks },
    () => reader.v() / (reader.v() || 1),
  );
  const codes = readFrameCodes(reader);
  return codes && { ticks, codes };
}

function readFrameCodes(reader: NutReader): FrameCode[] | undefined {
  const codes: FrameCode[] = [];
  let [multiplier, stream] = [1, 0];
  while (codes.length < FRAME_CODES) {
    const flags = reader.v();
    const fields = reader.v();
    if (fields > MAX_STREAMS) return undefined;
    const values = Array.from({ length: fields }, () => reader.v());
    multiplier = values[1] ?? multiplier;
    stream = values[2] ?? stream;
    const size = values[3] ?? 0;
    const count = values[5] ?? multiplier - size;
    if (count < 1) return undefined;
    for (let i = 0; i < count && codes.length < FRAME_CODES; i++) {
      // The code of startcodes takes no place in a row.
      if (codes.length === N) codes.push({ flags: FLAG.INVALID, stream: 0 });
      codes.push({ flags, stream });
    }
  }
  return codes;
}

/** Reads the content of a stream header. */
export function readStream(reader: NutReader): NutStream {
  const id = reader.v();
  const video = reader.v() === VIDEO_CLASS;
  const codec = codecName(reader.vb());
  for (let field = 0; field < 5; field++) reader.v();
  reader.vb(); // codec_specific_data
  const [width, height] = video ? [reader.v(), reader.v()] : [0, 0];
  return { id, video, codec, width, height };
}

function codecName(fourcc: Uint8Array): string {
  const name = String.fromCharCode(...fourcc.subarray(0, 4));
  const tag = (fourcc[0] ?? 0) | (fourcc[1] ?? 0) << 8;
  return /^[ -~]{1,4}$/.test(name) ? name.trim() : `0x${tag.toString(16)}`;
}

/** The stream and key flag of the frame at the reader's place; `undefined` when the code is invalid. */
export function readFrameStart(
  reader: NutReader,
  { codes }: NutMain,
): { stream: number; key: boolean } | undefined {
  const code = codes[reader.byte()]!;
  if (code.flags & FLAG.INVALID) return undefined;
  const flags = code.flags & FLAG.CODED ? code.flags ^ reader.v() : code.flags;
  const stream = flags & FLAG.STREAM_ID ? reader.v() : code.stream;
  return { stream, key: (flags & FLAG.KEY) !== 0 };
}

/**
 * A syncpoint at the beginning of a stream: decoders reject one that points back to before the first byte.
 *
 * @param time The encoded time of the syncpoint.
 */
export function firstSyncpoint(time: Uint8Array): Uint8Array {
  const content = Uint8Array.of(...time, 0);
  const packet = new Uint8Array(9 + content.length + 4);
  packet.set([0x4e, 0x4b, 0xe4, 0xad, 0xee, 0xca, 0x45, 0x69]);
  packet[8] = content.length + 4;
  packet.set(content, 9);
  const view = new DataView(packet.buffer);
  view.setUint32(9 + content.length, crc32(content, 0));
  return packet;
}

/** Startcodes, upper and lower half. */
const STARTCODES: ReadonlyMap<string, NutPacket> = new Map([
  ["4e4d7a56 1f5f04ad", "main"],
  ["4e531140 5bf2f9db", "stream"],
  ["4e4be4ad eeca4569", "syncpoint"],
  ["4e49ab68 b596ba78", "info"],
  ["4e58dd67 2f23e64e", "index"],
]);

/** Kinds of packets. */
export type NutPacket = "main" | "stream" | "syncpoint" | "info" | "index";

/** The kind of the packet whose startcode begins at `at`; 8 bytes must be there. */
export function packetAt(bytes: Uint8Array, at: number): NutPacket | undefined {
  const halves = [uintAt(bytes, at, 4), uintAt(bytes, at + 4, 4)];
  return STARTCODES.get(halves.map((half) => half.toString(16)).join(" "));
}
