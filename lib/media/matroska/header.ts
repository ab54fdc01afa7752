/**
 * What a joiner needs of a Matroska stream before its first block: the EBML header and the beginning
 * of the Segment, up to the first Cluster (RFC 9559 4.5).
 *
 * @module
 */
import { concat } from "@std/bytes";
import {
  EBML_ID,
  elementsOf,
  textOf,
  uintOf,
  vintLength,
  vintValue,
} from "./ebml.ts";
import { type MatroskaTrack, parseTracks } from "./tracks.ts";
import type { MediaInfo } from "../tracker.ts";
import { MAX_INIT_BYTES } from "../limits.ts";

/** TimestampScale when Info has none: a tick is a millisecond (RFC 9559 5.1.2.9). */
const DEFAULT_SCALE_NS = 1_000_000;

/** A Segment of unknown size, because a joiner's Segment is shorter than the original one. */
const SEGMENT_HEAD = Uint8Array.of(
  ...[0x18, 0x53, 0x80, 0x67],
  ...[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
);

/**
 * Elements a joiner is not sent: offsets that are wrong in a joiner's stream, and padding. A CRC-32 goes
 * with them, because it covers what is left out.
 */
const LEFT_OUT: ReadonlySet<number> = new Set([
  EBML_ID.SEEK_HEAD,
  EBML_ID.CUES,
  EBML_ID.VOID,
  EBML_ID.CRC32,
]);

/**
 * Bytes of attachments that a joiner is sent: a font or a small cover. Larger ones would delay the first
 * picture, by a second at 1 Mbit/s, and could leave no space for Tracks.
 */
const MAX_ATTACHMENTS_BYTES = 128 * 1024;

/** The header of a stream while it arrives. */
export class MatroskaHeader {
  readonly #parts: Uint8Array[];
  readonly #docType: string;
  #bytes = 0;
  #tracks: readonly MatroskaTrack[] = [];
  #scaleNs = DEFAULT_SCALE_NS;

  /** Starts with a whole EBML header element, which is copied. */
  constructor(ebml: Uint8Array) {
    this.#parts = [ebml.slice(), SEGMENT_HEAD];
    this.#bytes = ebml.length + SEGMENT_HEAD.length;
    this.#docType = docTypeOf(dataOf(ebml));
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The video and audio tracks; none before Tracks has arrived. */
  get tracks(): readonly MatroskaTrack[] {
    return this.#tracks;
  }

  /** Nanoseconds of one tick of the clock of clusters and blocks. */
  get scaleNs(): number {
    return this.#scaleNs;
  }

  /** Whether an element of the Segment belongs to the header and fits into it. */
  wants(id: number, length: number): boolean {
    if (id === EBML_ID.ATTACHMENTS && length > MAX_ATTACHMENTS_BYTES) {
      return false;
    }
    return !LEFT_OUT.has(id) && this.#bytes + length <= MAX_INIT_BYTES;
  }

  /** Adds an element of the Segment, whole; it is copied. */
  add(id: number, element: Uint8Array): void {
    this.#parts.push(element.slice());
    this.#bytes += element.length;
    const data = dataOf(element);
    if (id === EBML_ID.TRACKS) this.#tracks = parseTracks(data);
    else if (id === EBML_ID.INFO) this.#scaleNs = scaleOf(data);
  }

  /** The bytes a joiner is sent first. */
  init(): Uint8Array {
    return concat(this.#parts);
  }

  /** What the stream carries; no codecs unless those of all tracks are known. */
  info(): MediaInfo {
    const picture = this.#tracks.find((track) => track.video);
    const container = this.#docType === "webm" ? "webm" : "matroska";
    const codecs = this.#tracks.map((track) => track.codec ?? "");
    return {
      container,
      mime: (picture ? "video/" : "audio/") +
        (container === "webm" ? "webm" : "x-matroska"),
      codecs: codecs.includes("") ? [] : codecs,
      video: picture !== undefined,
      ...(picture && picture.width > 0 && picture.height > 0
        ? { width: picture.width, height: picture.height }
        : {}),
    };
  }
}

/**
 * What a decoder keeps of a header: the scale of its clock and all of each track but the TrackUID, which
 * muxers choose at random for every stream (RFC 9559 5.1.4.1.2), like Info's SegmentUUID.
 *
 * @param init As {@linkcode MatroskaHeader.init} returns it.
 * @returns Equal texts for headers that set decoders up alike; empty when there are no tracks in it.
 */
export function decoderSetup(init: Uint8Array): string {
  // The Segment's size is unknown, so that its children are read from behind its head.
  const from = elementBytes(init) + SEGMENT_HEAD.length;
  let scale = DEFAULT_SCALE_NS;
  let tracks = "";
  for (const { id, data } of elementsOf(init.subarray(from))) {
    if (id === EBML_ID.INFO) scale = scaleOf(data);
    else if (id === EBML_ID.TRACKS) tracks += trackSetups(data);
  }
  return tracks && `scale ${scale}\n${tracks}`;
}

function trackSetups(tracks: Uint8Array): string {
  let setups = "";
  for (const { id, data } of elementsOf(tracks)) {
    if (id !== EBML_ID.TRACK_ENTRY) continue;
    for (const field of elementsOf(data)) {
      const random = field.id === EBML_ID.TRACK_UID || LEFT_OUT.has(field.id);
      if (!random) setups += `${field.id} ${field.data.join()}\n`;
    }
  }
  return setups;
}

/** Bytes of the element with which `bytes` begin. */
function elementBytes(bytes: Uint8Array): number {
  const idLength = vintLength(bytes[0] ?? 0);
  const sizeLength = vintLength(bytes[idLength] ?? 0);
  return idLength + sizeLength + vintValue(bytes, idLength);
}

/** The data of a whole element. */
function dataOf(element: Uint8Array): Uint8Array {
  const idLength = vintLength(element[0] ?? 0);
  return element.subarray(idLength + vintLength(element[idLength] ?? 0));
}

function docTypeOf(ebml: Uint8Array): string {
  for (const { id, data } of elementsOf(ebml)) {
    if (id === EBML_ID.DOC_TYPE) return textOf(data);
  }
  // The default of DocType in Matroska (RFC 9559 4.2).
  return "matroska";
}

function scaleOf(info: Uint8Array): number {
  for (const { id, data } of elementsOf(info)) {
    // A scale of 0 is not allowed and would stop the clock.
    if (id === EBML_ID.TIMESTAMP_SCALE) return uintOf(data) || DEFAULT_SCALE_NS;
  }
  return DEFAULT_SCALE_NS;
}
