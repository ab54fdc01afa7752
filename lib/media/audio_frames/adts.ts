/**
 * ADTS, the framing of AAC as a stream (ISO/IEC 13818-7 §6.2, ISO/IEC 14496-3 §1.A.2).
 *
 * @module
 */
import type { ContainerFormat } from "../container.ts";
import { sendInit } from "../splice_rules.ts";
import type { MediaInfo } from "../tracker.ts";
import { framesAfterTags } from "./frame_signature.ts";
import { type Frame, type FrameSyntax, frameTracker } from "./frame_tracker.ts";

/** Hz by sampling_frequency_index (ISO/IEC 14496-3 table 1.18); 13 to 15 are not used in ADTS. */
export const SAMPLE_RATES: readonly number[] = [
  96000,
  88200,
  64000,
  48000,
  44100,
  32000,
  24000,
  22050,
  16000,
  12000,
  11025,
  8000,
  7350,
];

/** Bytes of the fixed and variable header together, without CRC. */
const ADTS_HEADER_BYTES = 7;

/** Samples per channel of one raw data block. */
const BLOCK_SAMPLES = 1024;

/** What the header of an ADTS frame tells. */
export interface AdtsHeader {
  /** Codec string of RFC 6381: `mp4a.40.` and the audio object type. */
  readonly codec: string;
  /** Hz, of the core where the stream has SBR. */
  readonly sampleRate: number;
  /** Channels; 0 when the stream's own program config element tells them. */
  readonly channels: number;
  /** Bytes of the frame with its header. */
  readonly frameBytes: number;
  /** Bytes of the header: 7, or 9 with a CRC. */
  readonly headerBytes: number;
}

/**
 * Reads the ADTS header at `at`, of which 7 bytes must be there.
 *
 * @returns `undefined` when there is no valid header.
 */
export function adtsHeader(
  bytes: Uint8Array,
  at: number,
): AdtsHeader | undefined {
  const flags = bytes[at + 1] ?? 0;
  // syncword, and layer, which is always 0: this distinguishes ADTS from MP3.
  if (bytes[at] !== 0xff || (flags & 0xf6) !== 0xf0) return undefined;
  if (at + ADTS_HEADER_BYTES > bytes.length) return undefined;
  const third = bytes[at + 2] ?? 0;
  const fourth = bytes[at + 3] ?? 0;
  const sampleRate = SAMPLE_RATES[(third >> 2) & 15];
  if (sampleRate === undefined) return undefined;
  const headerBytes = flags & 1 ? ADTS_HEADER_BYTES : ADTS_HEADER_BYTES + 2;
  const frameBytes = ((fourth & 3) << 11) | ((bytes[at + 4] ?? 0) << 3) |
    ((bytes[at + 5] ?? 0) >> 5);
  if (frameBytes <= headerBytes) return undefined;
  const config = ((third & 1) << 2) | (fourth >> 6);
  return {
    codec: `mp4a.40.${(third >> 6) + 1}`,
    sampleRate,
    channels: config === 7 ? 8 : config,
    frameBytes,
    headerBytes,
  };
}

/** Reads a frame's header as {@linkcode adtsHeader} does, with the number of its raw data blocks. */
export function readAdtsFrame(
  bytes: Uint8Array,
  at: number,
): Frame | undefined {
  const header = adtsHeader(bytes, at);
  if (!header) return undefined;
  const blocks = ((bytes[at + 6] ?? 0) & 3) + 1;
  return {
    bytes: header.frameBytes,
    seconds: blocks * BLOCK_SAMPLES / header.sampleRate,
    // Profile, rate and channels, without the private bit between them.
    identity: ((bytes[at + 2] ?? 0) & 0xfd) << 8 | ((bytes[at + 3] ?? 0) >> 6),
    joinable: true,
  };
}

function info(bytes: Uint8Array, at: number): MediaInfo {
  const codec = adtsHeader(bytes, at)?.codec;
  return {
    container: "adts",
    mime: "audio/aac",
    codecs: codec === undefined ? [] : [codec],
    video: false,
  };
}

/** ADTS as a run of frames. */
const ADTS_SYNTAX: FrameSyntax = {
  name: "ADTS",
  syncByte: 0xff,
  headerBytes: ADTS_HEADER_BYTES,
  read: readAdtsFrame,
  info,
};

/** AAC in ADTS; every frame is a join point. */
export const ADTS: ContainerFormat = {
  name: "adts",
  aliases: ["aac"],
  signature: framesAfterTags(readAdtsFrame),
  tracker: frameTracker(ADTS_SYNTAX),
  splice: sendInit,
};
