/**
 * Headers of FLAC: the STREAMINFO block and the header of a frame (RFC 9639 §8.2, §9.1).
 *
 * @module
 */
import { uintAt } from "../reader/big_endian.ts";

/** Bytes of the longest frame header: 4, a coded number of 7, block size 2, rate 2, CRC 1. */
export const FLAC_HEADER_BYTES = 16;

/** Bytes of the STREAMINFO block without its block header. */
export const STREAMINFO_BYTES = 34;

/** Hz by the rate bits of a frame header; 0: as in STREAMINFO; 12 to 14: after the coded number. */
const SAMPLE_RATES: readonly number[] = [
  0,
  88200,
  176400,
  192000,
  8000,
  16000,
  22050,
  24000,
  32000,
  44100,
  48000,
  96000,
];

/** Bits to a sample by the size bits of a frame header; 0: as in STREAMINFO, 3 is reserved. */
const SAMPLE_BITS: readonly number[] = [0, 8, 12, -1, 16, 20, 24, 32];

const CRC8 = crc8Table();

/** What STREAMINFO tells, and every frame header must agree with. */
export interface StreamInfo {
  /** Samples per channel in the largest block. */
  readonly maxBlock: number;
  /** Hz. */
  readonly sampleRate: number;
  /** Channels, 1 to 8. */
  readonly channels: number;
  /** Bits to a sample. */
  readonly bits: number;
}

/** What a frame header tells. */
export interface FlacFrame {
  /** First sample of the frame, per channel. */
  readonly firstSample: number;
  /** First sample of the frame that must follow. */
  readonly nextSample: number;
}

/** Table of CRC-8 with the polynomial x^8 + x^2 + x + 1 (RFC 9639 §9.1.8). */
function crc8Table(): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc << 1) ^ (crc & 0x80 ? 0x107 : 0);
    }
    table[i] = crc;
  }
  return table;
}

function crc8(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) crc = CRC8[crc ^ (bytes[i] ?? 0)] ?? 0;
  return crc;
}

/** Reads the STREAMINFO block whose {@linkcode STREAMINFO_BYTES} bytes start at `at`. */
export function readStreamInfo(
  bytes: Uint8Array,
  at: number,
): StreamInfo | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const word = view.getUint32(10);
  const info: StreamInfo = {
    maxBlock: view.getUint16(2),
    sampleRate: word >>> 12,
    channels: ((word >>> 9) & 7) + 1,
    bits: ((word >>> 4) & 31) + 1,
  };
  // A block is 16 samples at least (RFC 9639 §8.2); a rate of 0 is for other than audio.
  return info.maxBlock >= 16 && info.sampleRate > 0 ? info : undefined;
}

/**
 * Reads the frame header at `at`; {@linkcode FLAC_HEADER_BYTES} bytes must be there.
 *
 * @returns `undefined` when there is none: a reserved value, a wrong CRC-8, or not as `info` says.
 */
export function readFlacFrame(
  bytes: Uint8Array,
  at: number,
  info: StreamInfo,
): FlacFrame | undefined {
  const second = bytes[at + 1] ?? 0;
  if (bytes[at] !== 0xff || (second & 0xfe) !== 0xf8) return undefined;
  const sizes = bytes[at + 2] ?? 0;
  if (!agrees(bytes[at + 3] ?? 0, info)) return undefined;
  const number = codedNumber(bytes, at + 4);
  if (!number) return undefined;
  const block = blockSize(sizes >> 4, bytes, number.end);
  if (!block || block.value > info.maxBlock) return undefined;
  const rate = sampleRate(sizes & 15, bytes, block.end, info);
  if (!rate || rate.value !== info.sampleRate) return undefined;
  if (crc8(bytes, at, rate.end) !== bytes[rate.end]) return undefined;
  // Fixed block size: the number counts frames, all of them as long as STREAMINFO says.
  const firstSample = number.value * (second & 1 ? 1 : info.maxBlock);
  return { firstSample, nextSample: firstSample + block.value };
}

/** Whether channels and bits of a frame header's fourth byte are those of STREAMINFO. */
function agrees(fourth: number, info: StreamInfo): boolean {
  const assignment = fourth >> 4;
  if (assignment > 10 || fourth & 1) return false;
  const channels = assignment < 8 ? assignment + 1 : 2;
  const bits = SAMPLE_BITS[(fourth >> 1) & 7] ?? -1;
  return channels === info.channels && (bits === 0 || bits === info.bits);
}

/** A number and where the bytes after it start. */
interface Coded {
  readonly value: number;
  readonly end: number;
}

/** Frame or sample number in the manner of UTF-8, up to 36 bits (RFC 9639 §9.1.5). */
function codedNumber(bytes: Uint8Array, at: number): Coded | undefined {
  const first = bytes[at] ?? 0xff;
  if (first < 0x80) return { value: first, end: at + 1 };
  const ones = Math.clz32(~(first << 24));
  if (ones < 2 || ones > 7) return undefined;
  let value = first & (0x7f >> ones);
  for (let i = 1; i < ones; i++) {
    const next = bytes[at + i] ?? 0;
    if ((next & 0xc0) !== 0x80) return undefined;
    value = value * 64 + (next & 0x3f);
  }
  return { value, end: at + ones };
}

/** Samples of the block (RFC 9639 §9.1.1); codes 6 and 7 store it after the coded number. */
function blockSize(
  code: number,
  bytes: Uint8Array,
  at: number,
): Coded | undefined {
  if (code === 0) return undefined;
  if (code === 1) return { value: 192, end: at };
  if (code <= 5) return { value: 144 << code, end: at };
  if (code === 6) return { value: (bytes[at] ?? 0) + 1, end: at + 1 };
  if (code === 7) return { value: uintAt(bytes, at, 2) + 1, end: at + 2 };
  return { value: 1 << code, end: at };
}

/** Hz of the frame (RFC 9639 §9.1.2). */
function sampleRate(
  code: number,
  bytes: Uint8Array,
  at: number,
  info: StreamInfo,
): Coded | undefined {
  if (code === 0) return { value: info.sampleRate, end: at };
  if (code === 12) return { value: (bytes[at] ?? 0) * 1000, end: at + 1 };
  if (code === 13) return { value: uintAt(bytes, at, 2), end: at + 2 };
  if (code === 14) return { value: uintAt(bytes, at, 2) * 10, end: at + 2 };
  const value = SAMPLE_RATES[code];
  return value === undefined ? undefined : { value, end: at };
}
