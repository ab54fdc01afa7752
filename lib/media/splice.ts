import { containerNamed } from "./detect/detect.ts";
import { RAW } from "./raw.ts";
import type { Spliced } from "./splice_rules.ts";

export type { Spliced };

/**
 * The bytes that lead from one broadcast into the next.
 *
 * @param before The broadcast that broke off, completed to the end of its unit.
 * @param after The one that replaces it, at the join point where it is entered.
 * @returns What to send before the join point's own prefix, or `undefined` when decoders cannot follow
 * and the watcher has to start again.
 */
export function spliceLead(
  before: Spliced,
  after: Spliced,
): Uint8Array | undefined {
  const container = after.info?.container ?? RAW.name;
  if ((before.info?.container ?? RAW.name) !== container) return undefined;
  if (haveOtherCodecs(before, after)) return undefined;
  return containerNamed(container)?.splice(before, after);
}

/** Whether the codecs are known to differ; sound that has not arrived yet hides those of all tracks. */
function haveOtherCodecs(before: Spliced, after: Spliced): boolean {
  const [old, now] = [codecFamilies(before), codecFamilies(after)];
  return old !== "" && now !== "" && old !== now;
}

/** `avc1.64001f,mp4a.40.2` → `avc1,mp4a`: profile and level may change, the codec may not. */
function codecFamilies({ info }: Spliced): string {
  return (info?.codecs ?? []).map((codec) => codec.split(".")[0]).join();
}
