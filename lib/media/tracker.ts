/**
 * What a container's tracker tells of the bytes that go by: the *init* bytes that a decoder needs
 * first, and the *join points* from which decoding can start. A tracker only looks: it never
 * changes, delays or drops a byte, never throws, and holds at most {@linkcode MAX_TRACKER_BYTES}.
 *
 * @module
 */

/**
 * Bytes a tracker may hold in all (init, and a unit that is cut by a chunk's end). Init segments of
 * live streams are 0.1–100 KB; 1 MiB leaves room for an Ogg or Matroska header with a cover picture.
 */
export const MAX_TRACKER_BYTES: number = 1024 * 1024;

/** The containers that have a tracker of their own; `raw` is everything else. */
export type Container =
  | "mpegts"
  | "h264"
  | "hevc"
  | "matroska"
  | "webm"
  | "mp4"
  | "flv"
  | "ogg"
  | "mp3"
  | "adts"
  | "ac3"
  | "flac"
  | "mjpeg"
  | "wav"
  | "y4m"
  | "raw";

/** What a stream carries, as far as its bytes have told. */
export interface MediaInfo {
  /** The container. */
  readonly container: Container;
  /** MIME type without parameters (`video/mp2t`). */
  readonly mime: string;
  /**
   * Codec strings of RFC 6381 in track order, exact enough for a browser's SourceBuffer
   * (`avc1.64001f`, `mp4a.40.2`, `vp8`, `opus`); empty while unknown.
   */
  readonly codecs: readonly string[];
  /** Whether there is a video track. */
  readonly video: boolean;
  /** Width of the picture in pixels, where known. */
  readonly width?: number;
  /** Height of the picture in pixels, where known. */
  readonly height?: number;
}

/** A place in the stream from which a decoder can start. */
export interface JoinPoint {
  /** Bytes from the stream's first byte; never beyond what has been pushed, never decreasing. */
  readonly offset: number;
  /**
   * Bytes from the stream's first byte to where a decoder that lags is best taken out of the stream, to
   * go on at a later join point: no unit is open there. At or before `offset`.
   *
   * @default {offset}
   */
  readonly leave?: number;
  /** Bytes to send after init and before `offset`, which were never part of the stream. */
  readonly prefix?: Uint8Array;
  /** Bytes to send before init to a decoder that has been running, and now goes on here. */
  readonly reset?: Uint8Array;
  /** Seconds on the stream's own clock, unwrapped, where the container has a clock. */
  readonly time?: number;
}

/** Where a tracker reports to. Byte arrays handed over are not written to afterwards. */
export interface TrackerSink {
  /** The init bytes that every later join point needs; replaces the ones before. */
  init(bytes: Uint8Array): void;
  /** Decoding can start here, with the newest init bytes. */
  join(point: JoinPoint): void;
  /**
   * A unit ends here, or will; told in order, and only in containers in which a decoder that was sent a
   * part of a unit takes what follows for the rest of it.
   *
   * @param offset Bytes from the stream's first byte.
   */
  border?(offset: number): void;
  /** What the stream carries; again whenever more is known. */
  info(info: MediaInfo): void;
  /** The stream was damaged here, and the tracker goes on. `what` is a few words for the log. */
  damage(what: string): void;
  /** This tracker can make nothing of the stream from here on; it is not pushed to any more. */
  giveUp(why: string): void;
}

/** Looks at the bytes of one broadcast as they go by. */
export interface Tracker {
  /** Looks at the next bytes. `chunk` may be of any size and is only valid during the call. */
  push(chunk: Uint8Array): void;
  /** Seconds on the stream's own clock of the newest media seen, unwrapped, where there is one. */
  readonly time: number | undefined;
  /** Bytes held at present; at most {@linkcode MAX_TRACKER_BYTES}. */
  readonly heldBytes: number;
  /**
   * Bytes that the unit (packet, box, page, tag, block) in which the last pushed byte lies still
   * lacks; 0 at a border, and where units have no length. A broadcast that broke off is completed
   * with as many zero bytes, so that what follows it is found at a border.
   */
  readonly missingBytes: number;
  /**
   * Decides by the bytes that have come what the stream is; for trackers that gather the first bytes
   * before they know. To be called when they have been there for as long as a joiner may wait.
   */
  decide?(): void;
}

/** Makes the tracker of one broadcast. */
export type TrackerFactory = (sink: TrackerSink) => Tracker;
