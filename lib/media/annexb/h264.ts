import { AnnexBTracker } from "./annexb_tracker.ts";
import { H264_GRAMMAR } from "../codec/nal_grammar.ts";
import type { Tracker, TrackerSink } from "../tracker.ts";

/**
 * Tracks bare H.264 (ITU-T H.264 annex B). Init is the newest SPS and PPS; a join point is the first
 * unit of an access unit with an IDR picture.
 */
export class H264Tracker extends AnnexBTracker {
  /** Reports to `sink`. */
  constructor(sink: TrackerSink) {
    super(sink, {
      grammar: H264_GRAMMAR,
      info: { container: "h264", mime: "video/h264", codecs: [], video: true },
    });
  }
}

/** Makes a tracker of bare H.264. */
export function h264Tracker(sink: TrackerSink): Tracker {
  return new H264Tracker(sink);
}
