/**
 * AC-3 and Enhanced AC-3 (ETSI TS 102 366 §4.3, §4.4.1 and annex E).
 *
 * @module
 */
import type { ContainerFormat } from "../container.ts";
import { sendInit } from "../splice_rules.ts";
import type { MediaInfo } from "../tracker.ts";
import { frameRun } from "./frame_signature.ts";
import { type Frame, type FrameSyntax, frameTracker } from "./frame_tracker.ts";

/** Bytes up to bsid, which tells AC-3 from E-AC-3. */
const AC3_HEADER_BYTES = 6;

/** Hz by fscod. */
const SAMPLE_RATES: readonly number[] = [48000, 44100, 32000];

/** kbit/s by frmsizecod / 2 (ETSI TS 102 366 table 4.13). */
const KILOBITS: readonly number[] = [
  32,
  40,
  48,
  56,
  64,
  80,
  96,
  112,
  128,
  160,
  192,
  224,
  256,
  320,
  384,
  448,
  512,
  576,
  640,
];

/** Audio blocks of an E-AC-3 frame by numblkscod. */
const BLOCKS: readonly number[] = [1, 2, 3, 6];

/** Samples per channel of an audio block; an AC-3 frame has six. */
const BLOCK_SAMPLES = 256;

/** Highest bsid of AC-3, and of E-AC-3. */
const LAST_AC3_BSID = 10;
const LAST_EAC3_BSID = 16;

/** Added to the identity of E-AC-3, above any sample rate. */
const EAC3_IDENTITY = 1 << 20;

function bsid(bytes: Uint8Array, at: number): number {
  return (bytes[at + 5] ?? 0) >> 3;
}

/** Reads the header of a frame, of which 6 bytes must be there; `undefined` when it is not valid. */
export function readAc3Frame(bytes: Uint8Array, at: number): Frame | undefined {
  if (bytes[at] !== 0x0b || bytes[at + 1] !== 0x77) return undefined;
  const version = bsid(bytes, at);
  if (version <= LAST_AC3_BSID) return readAc3(bytes[at + 4] ?? 0, version);
  return version <= LAST_EAC3_BSID ? readEac3(bytes, at) : undefined;
}

function readAc3(code: number, version: number): Frame | undefined {
  const rate = SAMPLE_RATES[code >> 6];
  const kilobits = KILOBITS[(code & 0x3f) >> 1];
  if (rate === undefined || kilobits === undefined) return undefined;
  // 1536 samples at the bit rate, in 16-bit words; only 44.1 kHz leaves a remainder.
  const words = Math.floor(kilobits * 96000 / rate) +
    (rate === 44100 ? code & 1 : 0);
  // Versions 9 and 10 are the half and quarter rate variants.
  const sampleRate = rate / 2 ** Math.max(0, version - 8);
  return {
    bytes: 2 * words,
    seconds: 6 * BLOCK_SAMPLES / sampleRate,
    identity: sampleRate,
    joinable: true,
  };
}

function readEac3(bytes: Uint8Array, at: number): Frame | undefined {
  const type = (bytes[at + 2] ?? 0) >> 6;
  const substream = ((bytes[at + 2] ?? 0) >> 3) & 7;
  const words = (((bytes[at + 2] ?? 0) & 7) << 8 | (bytes[at + 3] ?? 0)) + 1;
  const code = bytes[at + 4] ?? 0;
  const full = SAMPLE_RATES[code >> 6];
  // fscod 3: the next two bits are the rate halved, and there are six blocks.
  const half = SAMPLE_RATES[(code >> 4) & 3];
  const sampleRate = full ?? (half === undefined ? undefined : half / 2);
  if (type === 3 || sampleRate === undefined || 2 * words <= AC3_HEADER_BYTES) {
    return undefined;
  }
  const blocks = full === undefined ? 6 : BLOCKS[(code >> 4) & 3] ?? 6;
  // Dependent substreams and further programmes belong to the first programme's frame before them.
  const joinable = type !== 1 && substream === 0;
  return {
    bytes: 2 * words,
    seconds: joinable ? blocks * BLOCK_SAMPLES / sampleRate : 0,
    identity: EAC3_IDENTITY + sampleRate,
    joinable,
  };
}

function info(bytes: Uint8Array, at: number): MediaInfo {
  const enhanced = bsid(bytes, at) > LAST_AC3_BSID;
  return {
    container: "ac3",
    mime: enhanced ? "audio/eac3" : "audio/ac3",
    codecs: [enhanced ? "ec-3" : "ac-3"],
    video: false,
  };
}

/** AC-3 and E-AC-3 as a run of frames. */
const AC3_SYNTAX: FrameSyntax = {
  name: "AC-3",
  syncByte: 0x0b,
  headerBytes: AC3_HEADER_BYTES,
  read: readAc3Frame,
  info,
};

/** AC-3 and E-AC-3; every independent frame is a join point. */
export const AC3: ContainerFormat = {
  name: "ac3",
  aliases: ["eac3"],
  signature: frameRun(readAc3Frame),
  tracker: frameTracker(AC3_SYNTAX),
  splice: sendInit,
};
