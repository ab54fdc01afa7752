import { H264_GRAMMAR } from "../codec/h264.ts";
import type { ContainerFormat } from "../container.ts";
import { sendInit } from "../splice_rules.ts";
import { annexBTracker } from "./annexb_tracker.ts";
import { startsH264 } from "./first_unit.ts";

/** Raw H.264 (ITU-T H.264 annex B). */
export const H264: ContainerFormat = {
  name: "h264",
  aliases: ["avc", "264"],
  signature: startsH264,
  tracker: annexBTracker({
    grammar: H264_GRAMMAR,
    info: { container: "h264", mime: "video/h264", codecs: [], video: true },
  }),
  splice: sendInit,
};
