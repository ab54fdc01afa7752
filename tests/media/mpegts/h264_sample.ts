import { MPEGTS } from "../../../lib/media/mpegts/mpegts.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { track } from "../../suites/join_suite.ts";

/** Packets of the samples with bare packets. */
export const PACKET_BYTES = 188;

/** H.264 and AAC in bare packets. */
export const H264 = mediaSample("mpegts_h264_aac.mpegts");

const VIDEO_PID = 0x100;

/** PID of the PMT of {@linkcode H264}. */
export const PMT_PID = 0x1000;

/** A copy in which `change` may alter each packet of the video. */
export function changed(
  sample: Uint8Array,
  change: (packet: Uint8Array, starts: boolean) => void,
): Uint8Array {
  const copy = sample.slice();
  for (let at = 0; at < copy.length; at += PACKET_BYTES) {
    const packet = copy.subarray(at, at + PACKET_BYTES);
    const pid = ((packet[1]! & 0x1f) << 8) | packet[2]!;
    if (pid === VIDEO_PID) change(packet, (packet[1]! & 0x40) !== 0);
  }
  return copy;
}

/** Offsets of the join points that are found in a stream. */
export function offsetsOf(stream: Uint8Array): number[] {
  return track(MPEGTS.tracker, [stream]).joins.map(({ offset }) => offset);
}

/** Offsets of the join points of {@linkcode H264}. */
export const JOINS = offsetsOf(H264);
