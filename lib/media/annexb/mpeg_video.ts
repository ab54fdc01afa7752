import { MPEG_VIDEO_GRAMMAR } from "../codec/mpeg_video.ts";
import type { ContainerFormat } from "../container.ts";
import { sendInit } from "../splice_rules.ts";
import { annexBTracker } from "./annexb_tracker.ts";
import { firstUnit } from "./first_unit.ts";

/** sequence_header_code (ISO/IEC 13818-2 6.2.2.1), with which such streams begin. */
const SEQUENCE_HEADER = 0xb3;

/** Raw MPEG-1 or MPEG-2 video; decoders of MPEG-2 decode both. */
export const MPEG_VIDEO: ContainerFormat = {
  name: "mpegvideo",
  aliases: ["mpeg2video", "mpeg1video", "m2v", "m1v", "mpv"],
  signature: (head) => firstUnit(head, (first) => first === SEQUENCE_HEADER),
  tracker: annexBTracker({
    grammar: MPEG_VIDEO_GRAMMAR,
    info: {
      container: "mpegvideo",
      mime: "video/mpeg",
      codecs: ["mp4v.61"],
      video: true,
    },
  }),
  splice: sendInit,
};
