import { MPEG4_VIDEO_GRAMMAR } from "../codec/mpeg4_video.ts";
import type { ContainerFormat } from "../container.ts";
import { sendInit } from "../splice_rules.ts";
import { annexBTracker } from "./annexb_tracker.ts";
import { firstUnit } from "./first_unit.ts";

/** Raw MPEG-4 visual (ISO/IEC 14496-2). */
export const MPEG4_VIDEO: ContainerFormat = {
  name: "m4v",
  aliases: ["mpeg4", "cmp4"],
  signature: (head) => firstUnit(head, isMpeg4Unit),
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
