import type { Signature } from "../container.ts";
import type { Frame } from "./frame_tracker.ts";
import { ID3_HEAD_BYTES, id3Bytes } from "./id3.ts";

/** Frames in a row that make a run certain: by chance in one of 2^28 places for MP3. */
const RUN_FRAMES = 2;

/** Bytes of the longest frame header that is read. */
const FRAME_HEADER_BYTES = 10;

/** Reads a frame's header; `undefined` when there is none. */
export type ReadFrame = (bytes: Uint8Array, at: number) => Frame | undefined;

/** A run of frames, each beginning where the header before it says. */
export function frameRun(read: ReadFrame): Signature {
  return (head) => {
    let at = 0;
    let identity: number | undefined;
    for (let frames = 0; frames < RUN_FRAMES; frames++) {
      if (at + FRAME_HEADER_BYTES > head.length) return "more";
      const frame = read(head, at);
      if (!frame) return "no";
      if (frame.joinable) {
        if (frame.identity !== (identity ?? frame.identity)) return "no";
        identity = frame.identity;
      }
      at += frame.bytes;
    }
    return "yes";
  };
}

/**
 * A run of frames, optionally behind ID3 tags.
 *
 * @param guess Whether tags that hide the first frame make it likely.
 */
export function framesAfterTags(read: ReadFrame, guess = false): Signature {
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
