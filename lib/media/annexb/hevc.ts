import { AnnexBTracker } from "./annexb_tracker.ts";
import { HEVC_GRAMMAR } from "../codec/nal_grammar.ts";
import type { Tracker, TrackerSink } from "../tracker.ts";

/**
 * Tracks bare H.264 (ITU-T H.264 annex B). Init is the newest SPS and PPS; a join point is the first
 * unit of an access unit with an IDR picture.
 */
export class HevcTracker extends AnnexBTracker {
  /** Reports to `sink`. */
  constructor(sink: TrackerSink) {
    super(sink, {
      grammar: HEVC_GRAMMAR,
      info: { container: "hevc", mime: "video/h265", codecs: [], video: true },
    });
  }
}

/** Makes a tracker of bare H.264. */
export function hevcTracker(sink: TrackerSink): Tracker {
  return new HevcTracker(sink);
}
