/**
 * DTS Coherent Acoustics (ETSI TS 102 114 §5.3, §7.4): 16-bit big-endian core frames, each of which an
 * extension substream may follow.
 *
 * @module
 */
import type { ContainerFormat } from "../container.ts";
import { BitReader } from "../reader/bit_reader.ts";
import { uintAt } from "../reader/big_endian.ts";
import { sendInit } from "../splice_rules.ts";
import { frameRun } from "./frame_signature.ts";
import { type Frame, type FrameSyntax, frameTracker } from "./frame_tracker.ts";

const CORE_SYNC = 0x7ffe8001;
const EXTENSION_SYNC = 0x64582025;

/** Bytes up to the sizes of an extension substream; a core header needs 9. */
const DTS_HEADER_BYTES = 10;

/** Hz by SFREQ (table 5-5); 0 is not used. */
const SAMPLE_RATES: readonly number[] = [
  ...[0, 8000, 16000, 32000, 0, 0, 11025, 22050, 44100, 0, 0],
  ...[12000, 24000, 48000, 0, 0],
];

/** Samples of one block; NBLKS counts them. */
const BLOCK_SAMPLES = 32;

/** Least values of FSIZE and NBLKS (§5.3.1). */
const LEAST_FSIZE = 95;
const LEAST_BLOCKS = 5;

/** Reads the header of a frame, of which 10 bytes must be there; `undefined` when it is not valid. */
export function readDtsFrame(bytes: Uint8Array, at: number): Frame | undefined {
  if (bytes[at] !== 0x7f && bytes[at] !== 0x64) return undefined;
  const sync = uintAt(bytes, at, 4);
  const head = new BitReader(bytes.subarray(at, at + DTS_HEADER_BYTES), 4);
  if (sync === CORE_SYNC) return readCore(head);
  return sync === EXTENSION_SYNC ? readExtension(head) : undefined;
}

function readCore(head: BitReader): Frame | undefined {
  head.skip(1 + 5 + 1); // FTYPE, SHORT, CPF
  const blocks = head.read(7);
  const size = head.read(14);
  head.skip(6); // AMODE
  const rate = SAMPLE_RATES[head.read(4)] ?? 0;
  if (blocks < LEAST_BLOCKS || size < LEAST_FSIZE || rate === 0) {
    return undefined;
  }
  return {
    bytes: size + 1,
    seconds: (blocks + 1) * BLOCK_SAMPLES / rate,
    identity: rate,
    joinable: true,
  };
}

function readExtension(head: BitReader): Frame | undefined {
  head.skip(8 + 2); // user defined bits, nExtSSIndex
  const wide = head.flag();
  head.skip(wide ? 12 : 8); // nuExtSSHeaderSize
  const bytes = head.read(wide ? 20 : 16) + 1;
  if (bytes <= DTS_HEADER_BYTES) return undefined;
  return { bytes, seconds: 0, identity: 0, joinable: false };
}

const DTS_SYNTAX: FrameSyntax = {
  name: "DTS",
  syncByte: 0x7f,
  headerBytes: DTS_HEADER_BYTES,
  read: readDtsFrame,
  info: () => ({
    container: "dts",
    mime: "audio/vnd.dts",
    codecs: ["dtsc"],
    video: false,
  }),
};

/** DTS; every core frame is a join point. */
export const DTS: ContainerFormat = {
  name: "dts",
  aliases: ["dca"],
  signature: frameRun(readDtsFrame),
  tracker: frameTracker(DTS_SYNTAX),
  splice: sendInit,
};
