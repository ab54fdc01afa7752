/**
 * MPEG audio, layers I to III (ISO/IEC 11172-3 §2.4.1, ISO/IEC 13818-3 §2.4.1; MPEG-2.5 as LAME
 * writes it). Streams of free format (no bit rate in the header) have no frame length.
 *
 * @module
 */
import type { ContainerFormat } from "../container.ts";
import { sendInit } from "../splice_rules.ts";
import type { MediaInfo } from "../tracker.ts";
import { framesAfterTags } from "./frame_signature.ts";
import { type Frame, type FrameSyntax, frameTracker } from "./frame_tracker.ts";

const MP3_HEADER_BYTES = 4;

/** kbit/s by bitrate_index from 1 on. */
const V1_LAYER_1 = rates(
  "32 64 96 128 160 192 224 256 288 320 352 384 416 448",
);
const V1_LAYER_2 = rates("32 48 56 64 80 96 112 128 160 192 224 256 320 384");
const V1_LAYER_3 = rates("32 40 48 56 64 80 96 112 128 160 192 224 256 320");
const V2_LAYER_1 = rates("32 48 56 64 80 96 112 128 144 160 176 192 224 256");
const V2_LAYER_23 = rates("8 16 24 32 40 48 56 64 80 96 112 128 144 160");

/** Hz of MPEG-1 by sampling_frequency; MPEG-2 has half, MPEG-2.5 a quarter of it. */
const V1_SAMPLE_RATES: readonly number[] = [44100, 48000, 32000];

function rates(list: string): readonly number[] {
  return list.split(" ").map(Number);
}

/** The fields of a header that determine the frame's length. */
interface Mp3Header {
  readonly layer: number;
  readonly mpeg1: boolean;
  /** kbit/s. */
  readonly kilobits: number;
  /** Hz. */
  readonly sampleRate: number;
  /** 1 when the frame has one slot more. */
  readonly padding: number;
}

function bitrates(mpeg1: boolean, layer: number): readonly number[] {
  if (!mpeg1) return layer === 1 ? V2_LAYER_1 : V2_LAYER_23;
  if (layer === 1) return V1_LAYER_1;
  return layer === 2 ? V1_LAYER_2 : V1_LAYER_3;
}

function header(bytes: Uint8Array, at: number): Mp3Header | undefined {
  const second = bytes[at + 1] ?? 0;
  if (bytes[at] !== 0xff || second < 0xe0) return undefined;
  const version = (second >> 3) & 3;
  const layer = 4 - ((second >> 1) & 3);
  if (version === 1 || layer === 4) return undefined;
  const third = bytes[at + 2] ?? 0;
  const mpeg1 = version === 3;
  // Index 0 is free format, 15 is forbidden: neither is in the tables.
  const kilobits = bitrates(mpeg1, layer)[(third >> 4) - 1];
  const rate = V1_SAMPLE_RATES[(third >> 2) & 3];
  const emphasis = (bytes[at + 3] ?? 0) & 3;
  if (kilobits === undefined || rate === undefined || emphasis === 2) {
    return undefined;
  }
  const sampleRate = mpeg1 ? rate : version === 2 ? rate / 2 : rate / 4;
  return { layer, mpeg1, kilobits, sampleRate, padding: (third >> 1) & 1 };
}

/** Samples per channel of a frame. */
function frameSamples(layer: number, mpeg1: boolean): number {
  if (layer === 1) return 384;
  return layer === 2 || mpeg1 ? 1152 : 576;
}

/** Reads the header of a frame, of which 4 bytes must be there; `undefined` when it is not valid. */
export function readMp3Frame(bytes: Uint8Array, at: number): Frame | undefined {
  const head = header(bytes, at);
  if (!head) return undefined;
  const samples = frameSamples(head.layer, head.mpeg1);
  // A slot is a byte, but four bytes in layer I.
  const slot = head.layer === 1 ? 4 : 1;
  const slots = Math.floor(
    samples / 8 / slot * head.kilobits * 1000 / head.sampleRate,
  );
  return {
    bytes: (slots + head.padding) * slot,
    seconds: samples / head.sampleRate,
    // Version, layer and rate; bitrate, stereo mode and padding may change from frame to frame.
    identity: ((bytes[at + 1] ?? 0) & 0x1e) << 8 |
      ((bytes[at + 2] ?? 0) & 0x0c),
    joinable: true,
  };
}

function info(bytes: Uint8Array, at: number): MediaInfo {
  return {
    container: "mp3",
    mime: "audio/mpeg",
    codecs: [`mp${header(bytes, at)?.layer ?? 3}`],
    video: false,
  };
}

/** MPEG audio as a run of frames. */
const MP3_SYNTAX: FrameSyntax = {
  name: "MP3",
  syncByte: 0xff,
  headerBytes: MP3_HEADER_BYTES,
  read: readMp3Frame,
  info,
};

/** MPEG audio; every frame is a join point, ID3 tags are skipped. */
export const MP3: ContainerFormat = {
  name: "mp3",
  aliases: ["mp2"],
  signature: framesAfterTags(readMp3Frame, true),
  tracker: frameTracker(MP3_SYNTAX),
  splice: sendInit,
};
