import { H265_GRAMMAR } from "../codec/h265.ts";
import type { ContainerFormat } from "../container.ts";
import { sendInit } from "../splice_rules.ts";
import { annexBTracker } from "./annexb_tracker.ts";
import { startsH265 } from "./first_unit.ts";

/** Raw H.265 (ITU-T H.265 annex B). */
export const HEVC: ContainerFormat = {
  name: "hevc",
  aliases: ["h265", "265"],
  signature: startsH265,
  tracker: annexBTracker({
    grammar: H265_GRAMMAR,
    info: { container: "hevc", mime: "video/h265", codecs: [], video: true },
  }),
  splice: sendInit,
};
