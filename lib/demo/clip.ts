/**
 * The built-in clip of `fstream demo`: ten seconds of WebM (VP8 and Opus) that loop seamlessly.
 * `make_clip.sh` encodes it, and it is stored as base64 because text can be imported without an
 * unstable flag and bytes cannot.
 *
 * @module
 */

import { concat } from "@std/bytes";
import clipText from "./clip.webm.b64" with { type: "text" };

/**
 * Milliseconds after which the clip repeats: 250 frames of 40 ms and 500 Opus packets of 20 ms, a
 * whole number of both, so that neither track drifts from the other however often it repeats.
 */
export const CLIP_DURATION_MS = 10_000;

/** One Cluster of the clip (RFC 9559, section 5.1.3), split so that it can get another time. */
export interface ClipCluster {
  /** Milliseconds from the clip's start; the Timestamp element that the clip was made with. */
  readonly time: number;
  /** The SimpleBlocks after the Timestamp, whose times count from the Timestamp. */
  readonly blocks: Uint8Array;
}

/** A clip in the parts that a live stream is composed of. */
export interface Clip {
  /** EBML header, a Segment header of unknown size, Info and Tracks: what a decoder needs first. */
  readonly header: Uint8Array;
  /** The clusters by rising time, the first at 0. */
  readonly clusters: readonly ClipCluster[];
}

/** Element IDs with their length markers (RFC 8794, section 11.2; RFC 9559, section 5.1). */
const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TRACKS = 0x1654ae6b;
const CLUSTER = 0x1f43b675;
const TIMESTAMP = 0xe7;

/** A Segment that has no end: an 8-byte size of all ones (RFC 8794, section 6.2). */
const ENDLESS_SEGMENT = Uint8Array.of(
  ...[0x18, 0x53, 0x80, 0x67],
  ...[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
);

/** An element's place: its head from `at`, its data from `from`, both up to `to`. */
interface Element {
  readonly id: number;
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** A big-endian unsigned integer; exact up to 53 bits, as all of a clip's are. */
function unsigned(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

/** Bytes of the variable-size integer that begins with `first`: leading zeros and one (RFC 8794, section 4). */
function vintLength(first: number | undefined): number {
  if (!first) throw new SyntaxError("Cannot parse the clip: no element here");
  return Math.clz32(first) - 23;
}

/** The value of a size: its bits without the marker, which is the highest bit set. */
function sizeOf(vint: Uint8Array): number | "unknown" {
  const belowMarker = 0xff >> vint.length;
  const size = unsigned(
    vint.map((byte, index) => index === 0 ? byte & belowMarker : byte),
  );
  return size === 2 ** (7 * vint.length) - 1 ? "unknown" : size;
}

/** The element at `at` of a parent that ends at `end`. */
function elementAt(bytes: Uint8Array, at: number, end: number): Element {
  const sizeAt = at + vintLength(bytes[at]);
  const from = sizeAt + vintLength(bytes[sizeAt]);
  const size = sizeOf(bytes.subarray(sizeAt, from));
  // The Segment of a live muxer has no size; in a file it ends with the file.
  const to = size === "unknown" ? end : from + size;
  if (to > end) {
    throw new SyntaxError(
      `Cannot parse the clip: an element ends at ${to}, its parent at ${end}`,
    );
  }
  return { id: unsigned(bytes.subarray(at, sizeAt)), at, from, to };
}

/** The elements of `bytes` in `[from, to)`. */
function* elementsOf(
  bytes: Uint8Array,
  from: number,
  to: number,
): Generator<Element> {
  for (let at = from; at < to;) {
    const element = elementAt(bytes, at, to);
    yield element;
    at = element.to;
  }
}

/** The element with this ID among `elements`. */
function find(elements: readonly Element[], id: number): Element {
  const found = elements.find((element) => element.id === id);
  if (found) return found;
  throw new SyntaxError(
    `Cannot parse the clip: element 0x${id.toString(16)} is missing`,
  );
}

/** Splits a cluster, whose first element is its Timestamp (RFC 9559, section 5.1.3.1). */
function clusterOf(bytes: Uint8Array, cluster: Element): ClipCluster {
  const first = elementAt(bytes, cluster.from, cluster.to);
  const { from, to } = find([first], TIMESTAMP);
  return {
    time: unsigned(bytes.subarray(from, to)),
    blocks: bytes.subarray(to, cluster.to),
  };
}

/**
 * Splits a clip. Its times must be in milliseconds (TimestampScale 1,000,000, the default).
 *
 * @param bytes A WebM file in which every element but the Segment has a size, as ffmpeg writes
 *   files, and a cluster begins with its Timestamp.
 * @returns Its header, without index and seek table, and its clusters, which share `bytes`.
 * @throws {SyntaxError} when an element that is needed is missing or has a wrong size.
 */
export function parseClip(bytes: Uint8Array): Clip {
  const top = [...elementsOf(bytes, 0, bytes.length)];
  const segment = find(top, SEGMENT);
  const parts = [...elementsOf(bytes, segment.from, segment.to)];
  const clusters = parts.filter(({ id }) => id === CLUSTER);
  if (clusters.length === 0) {
    throw new SyntaxError("Cannot parse the clip: no Cluster in it");
  }
  const whole = ({ at, to }: Element) => bytes.subarray(at, to);
  return {
    header: concat([
      whole(find(top, EBML)),
      ENDLESS_SEGMENT,
      whole(find(parts, INFO)),
      whole(find(parts, TRACKS)),
    ]),
    clusters: clusters.map((cluster) => clusterOf(bytes, cluster)),
  };
}

/** The built-in clip as a WebM file: a new copy of some 265 KB. */
export function clipFile(): Uint8Array {
  // `atob` skips the line breaks.
  return Uint8Array.from(atob(clipText), (char) => char.charCodeAt(0));
}
