import { MPEG4_VIDEO_GRAMMAR } from "../codec/mpeg4_video.ts";
import type { ContainerFormat, Verdict } from "../container.ts";
import { uintAt } from "../reader/big_endian.ts";
import { sendInit } from "../splice_rules.ts";
import { annexBTracker } from "./annexb_tracker.ts";
import { firstUnit } from "./first_unit.ts";

/** Raw MPEG-4 visual (ISO/IEC 14496-2). */
export const MPEG4_VIDEO: ContainerFormat = {
  name: "m4v",
  aliases: ["mpeg4", "cmp4"],
  signature: startsMpeg4,
  tracker: annexBTracker({
    grammar: MPEG4_VIDEO_GRAMMAR,
    info: {
      container: "m4v",
      mime: "video/mp4v-es",
      codecs: ["mp4v.20"],
      video: true,
    },
  }),
  splice: sendInit,
};

/** A header of MPEG-4 visual; a video object must be followed by its layer, as 00 begins MPEG-2's pictures. */
function startsMpeg4(head: Uint8Array): Verdict {
  const verdict = firstUnit(head, isMpeg4Unit);
  const header = head.indexOf(1) + 1;
  if (verdict !== "yes" || head[header] !== 0) return verdict;
  const next = head.subarray(header + 1, header + 5);
  if (next.length < 4) return "more";
  return uintAt(next, 0, 3) === 1 && next[3]! >> 4 === 2 ? "yes" : "no";
}

/** A sequence with a profile, a visual object, or a video object or layer of id 0 (6.2.2). */
function isMpeg4Unit(first: number, second: number): boolean {
  switch (first) {
    case 0xb0:
      return second !== 0;
    case 0xb5:
      return second >> 7 === 1 || second >> 3 === 1;
    case 0x00:
      return second === 0;
    case 0x20:
      return second <= 1 || second >> 7 === 1;
    default:
      return false;
  }
}
