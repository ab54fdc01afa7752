/**
 * AAC in LATM and LOAS (ISO/IEC 14496-3 §1.7): frames that carry the decoder configuration now and then.
 *
 * @module
 */
import type { ContainerFormat } from "../container.ts";
import { BitReader } from "../reader/bit_reader.ts";
import { sendInit } from "../splice_rules.ts";
import type { MediaInfo } from "../tracker.ts";
import { SAMPLE_RATES } from "./adts.ts";
import { frameRun } from "./frame_signature.ts";
import { type Frame, type FrameSyntax, frameTracker } from "./frame_tracker.ts";

/** Bytes of syncword and audioMuxLengthBytes. */
const SYNC_BYTES = 3;

/** Bytes up to the end of an explicit sampling frequency. */
const LATM_HEADER_BYTES = 10;

/** Samples per channel of one frame. */
const FRAME_SAMPLES = 1024;

/** samplingFrequencyIndex that is followed by the frequency (§1.6.2.1). */
const EXPLICIT_RATE = 15;

/** What a StreamMuxConfig tells. */
interface MuxConfig {
  readonly objectType: number;
  /** Hz. */
  readonly rate: number;
  /** Frames in one AudioMuxElement. */
  readonly frames: number;
}

/** Reads the header of a frame, of which 10 bytes must be there; `undefined` when it is not valid. */
export function readLatmFrame(
  bytes: Uint8Array,
  at: number,
): Frame | undefined {
  const second = bytes[at + 1] ?? 0;
  if (bytes[at] !== 0x56 || (second & 0xe0) !== 0xe0) return undefined;
  const length = (second & 0x1f) << 8 | (bytes[at + 2] ?? 0);
  if (length < LATM_HEADER_BYTES - SYNC_BYTES) return undefined;
  const frame = { bytes: SYNC_BYTES + length };
  // useSameStreamMux: the configuration is that of an earlier frame.
  if ((bytes[at + 3] ?? 0) & 0x80) {
    return { ...frame, seconds: undefined, identity: 0, joinable: false };
  }
  const config = readConfig(bytes, at);
  return config && {
    ...frame,
    seconds: config.frames * FRAME_SAMPLES / config.rate,
    identity: config.rate,
    joinable: true,
  };
}

/** Reads a StreamMuxConfig of version 0 with one program and one layer (§1.7.3.1). */
function readConfig(bytes: Uint8Array, at: number): MuxConfig | undefined {
  const bits = new BitReader(bytes.subarray(at, at + LATM_HEADER_BYTES), 3);
  // useSameStreamMux, audioMuxVersion, allStreamsSameTimeFraming
  if (bits.read(3) !== 1) return undefined;
  const frames = bits.read(6) + 1;
  if (bits.read(4 + 3) !== 0) return undefined;
  const objectType = bits.read(5);
  const index = bits.read(4);
  const rate = index === EXPLICIT_RATE ? bits.read(24) : SAMPLE_RATES[index];
  return rate && objectType > 0 ? { objectType, rate, frames } : undefined;
}

function info(bytes: Uint8Array, at: number): MediaInfo {
  const config = readConfig(bytes, at);
  return {
    container: "latm",
    mime: "audio/MP4A-LATM",
    codecs: config ? [`mp4a.40.${config.objectType}`] : [],
    video: false,
  };
}

const LATM_SYNTAX: FrameSyntax = {
  name: "LOAS",
  syncByte: 0x56,
  headerBytes: LATM_HEADER_BYTES,
  read: readLatmFrame,
  info,
};

/** AAC in LOAS; every frame with a configuration is a join point. */
export const LATM: ContainerFormat = {
  name: "latm",
  aliases: ["loas"],
  signature: frameRun(readLatmFrame),
  tracker: frameTracker(LATM_SYNTAX),
  splice: sendInit,
};
