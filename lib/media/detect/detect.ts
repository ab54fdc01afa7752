/**
 * Detects a container format by the first bytes of a stream.
 *
 * @module
 */
import type { ContainerFormat } from "../container.ts";
import { RAW } from "../raw.ts";
import { CONTAINERS } from "./containers.ts";

/**
 * Bytes within which a container must show itself. Two frames of MP3 at the highest bit rate take
 * 2.9 KB and 21 transport packets 3.9 KB; even a stream of 8 kbit/s brings as much in 4 s.
 */
export const MAX_DETECT_BYTES = 4096;

/**
 * Detects the container of a stream.
 *
 * @param head The stream's first bytes; those beyond {@linkcode MAX_DETECT_BYTES} do not count.
 * @param ended Whether no further bytes are waited for.
 * @returns The container, {@linkcode RAW} when none fits; `"more"` while that depends on further bytes.
 */
export function detect(
  head: Uint8Array,
  ended: boolean,
): ContainerFormat | "more" {
  const bytes = head.subarray(0, MAX_DETECT_BYTES);
  const last = ended || head.length >= MAX_DETECT_BYTES;
  for (const container of CONTAINERS) {
    const verdict = container.signature(bytes);
    if (verdict === "yes" || verdict === "likely" && last) return container;
    if (verdict !== "no" && !last) return "more";
  }
  return RAW;
}

/** The container of this name or alias, in any case; `undefined` when there is none. */
export function containerNamed(name: string): ContainerFormat | undefined {
  const wanted = name.toLowerCase();
  return CONTAINERS.find((container) =>
    container.name === wanted || container.aliases.includes(wanted)
  );
}
