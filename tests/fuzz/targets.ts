import { HLS_TARGETS } from "./hls_targets.ts";
import { HTTP_CODEC_TARGETS } from "./http_codec_targets.ts";
import { HTTP_TARGETS } from "./http_targets.ts";
import { NET_TARGETS } from "./net_targets.ts";
import { RTMP_TARGETS } from "./rtmp_targets.ts";
import type { FuzzTarget } from "./target.ts";
import { TEXT_TARGETS } from "./text_targets.ts";
import { TRACKER_TARGETS } from "./tracker_targets.ts";
import { WEBSOCKET_TARGETS } from "./websocket_targets.ts";
import { WIRE_TARGETS } from "./wire_targets.ts";

/** Everything that is fuzzed. */
export const TARGETS: readonly FuzzTarget[] = [
  ...NET_TARGETS,
  ...WIRE_TARGETS,
  ...TEXT_TARGETS,
  ...HTTP_CODEC_TARGETS,
  ...HTTP_TARGETS,
  ...HLS_TARGETS,
  ...WEBSOCKET_TARGETS,
  ...RTMP_TARGETS,
  ...TRACKER_TARGETS,
];
