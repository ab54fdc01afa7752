import type { Verdict } from "../container.ts";
import { FRAMINGS } from "./framing.ts";
import { SYNC_BYTE } from "./psi.ts";

/** Sync bytes in a row that identify packets when the stream starts with a whole one. */
const SYNCS = 3;

/** Sync bytes in a row when the stream starts inside a packet, so that some 600 places are tried. */
const SHIFTED_SYNCS = 5;

/** Whether a stream consists of transport packets, the first of which may be cut. */
export function packetRun(head: Uint8Array): Verdict {
  let verdict: Verdict = "no";
  for (const { stride, lead } of FRAMINGS) {
    for (let first = 0; first < stride; first++) {
      const syncs = syncsFrom(head, first, stride);
      if (syncs === undefined) continue;
      if (syncs >= (first === lead ? SYNCS : SHIFTED_SYNCS)) return "yes";
      verdict = "more";
    }
  }
  return verdict;
}

/** The number of sync bytes every `stride` bytes; `undefined` when one of them is another byte. */
function syncsFrom(
  head: Uint8Array,
  first: number,
  stride: number,
): number | undefined {
  let syncs = 0;
  for (let at = first; at < head.length; at += stride) {
    if (head[at] !== SYNC_BYTE) return undefined;
    syncs++;
  }
  return syncs;
}
