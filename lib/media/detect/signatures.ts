/**
 * What the first bytes of a stream can look like: fixed bytes, a run of frames, packets in step.
 *
 * @module
 */
import { indexOfNeedle } from "@std/bytes";
import type { Frame } from "../audio_frames/frame_tracker.ts";
import { ID3_HEAD_BYTES, id3Bytes } from "../audio_frames/id3.ts";

/** `more`: depends on further bytes; `likely`: yes, unless further bytes say no. */
export type Verdict = "yes" | "no" | "more" | "likely";

/** Looks at the first bytes of a stream. */
export type Signature = (head: Uint8Array) => Verdict;

/** The id of an EBML header (RFC 8794 §11.2.1), as {@linkcode magics} takes it. */
export const EBML = "\x1a\x45\xdf\xa3";

/** Frames in a row that make a run certain: by chance in one of 2^28 places for MP3. */
const RUN_FRAMES = 2;

/** Bytes of the longest frame header that is read. */
const FRAME_HEADER_BYTES = 7;

/** The sync byte of a transport packet (ISO/IEC 13818-1 §2.4.3.3). */
const SYNC_BYTE = 0x47;

/** Bytes from packet to packet: bare, behind a time stamp (M2TS), with error correction; and where
 * the sync byte of a packet that starts the stream stands. */
const STRIDES: readonly (readonly [stride: number, lead: number])[] = [
  [188, 0],
  [192, 4],
  [204, 0],
];

/** Sync bytes in a row that tell packets when the stream starts with a whole one. */
const SYNCS = 3;

/** And when it starts inside one, so that there are some 600 places to try. */
const SHIFTED_SYNCS = 5;

/** Fixed bytes at the start: each pattern has a character to a byte, and `?` for any byte. */
export function magics(...patterns: readonly string[]): Signature {
  return (head) => {
    const verdicts = patterns.map((pattern) => compare(head, pattern));
    if (verdicts.includes("yes")) return "yes";
    return verdicts.includes("more") ? "more" : "no";
  };
}

function compare(head: Uint8Array, pattern: string): Verdict {
  const length = Math.min(head.length, pattern.length);
  for (let i = 0; i < length; i++) {
    if (pattern[i] !== "?" && head[i] !== pattern.charCodeAt(i)) return "no";
  }
  return length === pattern.length ? "yes" : "more";
}

/** An EBML header with a DocType (RFC 8794 §11.2.6). */
export function docType(name: string): Signature {
  const text = new TextEncoder().encode(name);
  const element = Uint8Array.of(0x42, 0x82, 0x80 | text.length, ...text);
  return (head) => {
    const magic = compare(head, EBML);
    if (magic !== "yes" || head.length < 12) {
      return magic === "no" ? "no" : "more";
    }
    const sizeBytes = Math.clz32(head[4] ?? 0) - 23;
    let size = (head[4] ?? 0) & (0xff >> sizeBytes);
    for (let i = 1; i < sizeBytes; i++) size = size * 256 + (head[4 + i] ?? 0);
    const end = 4 + sizeBytes + size;
    if (indexOfNeedle(head.subarray(0, end), element) >= 0) return "yes";
    return head.length < end ? "more" : "no";
  };
}

/** Frames whose headers lead from one to the next. */
export function frameRun(
  read: (bytes: Uint8Array, at: number) => Frame | undefined,
): Signature {
  return (head) => {
    let at = 0;
    let identity: number | undefined;
    for (let frames = 0; frames < RUN_FRAMES; frames++) {
      if (at + FRAME_HEADER_BYTES > head.length) return "more";
      const frame = read(head, at);
      if (!frame || frame.identity !== (identity ?? frame.identity)) {
        return "no";
      }
      identity = frame.identity;
      at += frame.bytes;
    }
    return "yes";
  };
}

/**
 * A run of frames, perhaps behind ID3 tags.
 *
 * @param read Reads a frame's header.
 * @param guess Whether tags that hide the first frame make it likely.
 */
export function afterTags(
  read: (bytes: Uint8Array, at: number) => Frame | undefined,
  guess = false,
): Signature {
  const run = frameRun(read);
  return (head) => {
    let at = 0;
    while (at + ID3_HEAD_BYTES <= head.length) {
      const tag = id3Bytes(head, at);
      if (tag === undefined) return run(head.subarray(at));
      at += tag;
    }
    return guess && at > 0 ? "likely" : "more";
  };
}

/** Transport packets, the first of which may be cut. */
export function packetRun(head: Uint8Array): Verdict {
  let verdict: Verdict = "no";
  for (const [stride, lead] of STRIDES) {
    for (let first = 0; first < stride; first++) {
      const syncs = syncsFrom(head, first, stride);
      if (syncs === undefined) continue;
      if (syncs >= (first === lead ? SYNCS : SHIFTED_SYNCS)) return "yes";
      verdict = "more";
    }
  }
  return verdict;
}

/** Sync bytes every `stride` bytes, as many as fit; none when another byte stands in one's place. */
function syncsFrom(
  head: Uint8Array,
  first: number,
  stride: number,
): number | undefined {
  let syncs = 0;
  for (let at = first; at < head.length; at += stride) {
    if (head[at] !== SYNC_BYTE) return undefined;
    syncs++;
  }
  return syncs;
}
