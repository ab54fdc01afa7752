/**
 * What a moof box of fragmented MP4 (ISO/IEC 14496-12 8.8.4) says of the samples in its fragment.
 *
 * @module
 */
import { uintAt } from "../reader/big_endian.ts";
import { boxesOf, boxIn } from "./boxes.ts";

/** Flags of tfhd: which fields there are (8.8.7.1). */
const TFHD = {
  BASE_DATA_OFFSET: 0x1,
  SAMPLE_DESCRIPTION: 0x2,
  DEFAULT_DURATION: 0x8,
  DEFAULT_SIZE: 0x10,
  DEFAULT_FLAGS: 0x20,
} as const;

/** Flags of trun: which fields there are (8.8.8.1). */
const TRUN = {
  DATA_OFFSET: 0x1,
  FIRST_FLAGS: 0x4,
  DURATIONS: 0x100,
  SIZES: 0x200,
  FLAGS: 0x400,
} as const;

/** sample_is_non_sync_sample (8.8.3.1): decoding cannot start at the sample. */
const NON_SYNC = 0x10000;

/** A track's part of a fragment. */
export interface TrackFragment {
  /** The track's number. */
  readonly trackId: number;
  /** Ticks of the track's clock at the first sample, where tfdt tells (8.8.12). */
  readonly ticks: number | undefined;
  /** Whether data offsets count from the beginning of the file. */
  readonly absolute: boolean;
  /** The first sample's flags, where the fragment tells; nothing when there is no sample. */
  readonly first: { readonly flags: number | undefined } | undefined;
}

/** Reads the data of a moof box: a part for each traf box, in their order. */
export function parseFragment(moof: Uint8Array): TrackFragment[] {
  const parts: TrackFragment[] = [];
  for (const { type, data } of boxesOf(moof)) {
    const part = type === "traf" ? parseTraf(data) : undefined;
    if (part) parts.push(part);
  }
  return parts;
}

/** Whether decoding can start at a sample with these flags. */
export function isSync(flags: number): boolean {
  return (flags & NON_SYNC) === 0;
}

function parseTraf(traf: Uint8Array): TrackFragment | undefined {
  const tfhd = boxIn(traf, "tfhd");
  if (!tfhd) return undefined;
  const tfdt = boxIn(traf, "tfdt");
  const flags = uintAt(tfhd, 1, 3);
  return {
    trackId: uintAt(tfhd, 4, 4),
    ticks: tfdt && uintAt(tfdt, 4, tfdt[0] === 1 ? 8 : 4),
    absolute: (flags & TFHD.BASE_DATA_OFFSET) !== 0,
    first: firstSampleOf(traf, defaultFlagsOf(tfhd, flags)),
  };
}

function defaultFlagsOf(tfhd: Uint8Array, flags: number): number | undefined {
  if (!(flags & TFHD.DEFAULT_FLAGS)) return undefined;
  const at = 8 + (flags & TFHD.BASE_DATA_OFFSET ? 8 : 0) +
    (flags & TFHD.SAMPLE_DESCRIPTION ? 4 : 0) +
    (flags & TFHD.DEFAULT_DURATION ? 4 : 0) +
    (flags & TFHD.DEFAULT_SIZE ? 4 : 0);
  return uintAt(tfhd, at, 4);
}

function firstSampleOf(
  traf: Uint8Array,
  defaultFlags: number | undefined,
): TrackFragment["first"] {
  for (const { type, data } of boxesOf(traf)) {
    if (type !== "trun" || uintAt(data, 4, 4) === 0) continue;
    return { flags: firstFlagsOf(data) ?? defaultFlags };
  }
  return undefined;
}

/** The flags of a trun's first sample, where it tells. */
function firstFlagsOf(trun: Uint8Array): number | undefined {
  const flags = uintAt(trun, 1, 3);
  let at = 8 + (flags & TRUN.DATA_OFFSET ? 4 : 0);
  if (flags & TRUN.FIRST_FLAGS) return uintAt(trun, at, 4);
  if (!(flags & TRUN.FLAGS)) return undefined;
  at += (flags & TRUN.DURATIONS ? 4 : 0) + (flags & TRUN.SIZES ? 4 : 0);
  return uintAt(trun, at, 4);
}
