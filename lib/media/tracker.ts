/**
 * What a container's tracker reports of the bytes that go by: the *init segment* that a decoder needs
 * first, and the *join points* from which decoding can start. A tracker only looks: it never changes,
 * delays or drops a byte, never throws, and holds at most `MAX_TRACKER_BYTES`.
 *
 * @module
 */

/** What a stream carries, as far as is known. */
export interface MediaInfo {
  /** Name of the container format, as in the detection table; `raw` where none is known. */
  readonly container: string;
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
   * Bytes from the stream's first byte to the unit boundary at which a decoder that lags best leaves
   * the stream, to continue at a later join point. At or before `offset`.
   *
   * @default {offset}
   */
  readonly leave?: number;
  /** Bytes to send after init and before `offset`, which were never part of the stream. */
  readonly prefix?: Uint8Array;
  /** Bytes to send before init to a running decoder that continues here. */
  readonly reset?: Uint8Array;
  /** Seconds on the stream's own clock, unwrapped, where the container has a clock. */
  readonly time?: number;
}

/** What is known of the units at a boundary. */
export interface Units {
  /** Bytes of each of the units that follow, where all have the same length. */
  readonly every?: number;
  /** The last bytes of the unit that ends, by its length, where decoders insist on them. */
  readonly tail?: (length: number) => Uint8Array;
}

/** Where a tracker reports to. It does not write to byte arrays that it has reported. */
export interface TrackerSink {
  /** The init segment that every later join point needs; replaces the previous one. */
  init(bytes: Uint8Array): void;
  /** Decoding can start here, with the newest init segment. */
  join(point: JoinPoint): void;
  /**
   * Decoding can start here, but shows faults at first, such as the part of the picture that a gradual
   * refresh has not reached. For watchers that find no join point in the backlog.
   */
  fallbackJoin?(point: JoinPoint): void;
  /**
   * A unit ends here, or will. Reported in order, and only by containers in which a decoder that was
   * sent part of a unit takes what follows for the rest of it.
   *
   * @param offset Bytes from the stream's first byte.
   */
  boundary?(offset: number, units?: Units): void;
  /** What the stream carries; again whenever more is known. */
  info(info: MediaInfo): void;
  /** The stream is malformed here, and the tracker continues. `what` is a few words for the log. */
  corruption(what: string): void;
  /** The tracker can make nothing of the stream from here on, and reports nothing further. */
  giveUp(why: string): void;
}

/** Looks at the bytes of one broadcast as they go by. */
export interface Tracker {
  /** Looks at the next bytes. `chunk` may be of any size and is only valid during the call. */
  push(chunk: Uint8Array): void;
  /** Seconds on the stream's own clock of the newest media seen, unwrapped, where there is one. */
  readonly time: number | undefined;
  /** Bytes held at present; at most `MAX_TRACKER_BYTES`. */
  readonly heldBytes: number;
  /**
   * Bytes still missing from the unit (packet, box, page, tag, block) that contains the last pushed
   * byte; 0 at a boundary, and where units have no length. A broadcast that broke off is completed with
   * as many zero bytes, so that what follows it is found at a boundary.
   */
  readonly missingBytes: number;
  /**
   * Decides what the stream is by the bytes that have arrived; for trackers that gather the first bytes
   * until they know. To be called once a joiner has waited long enough.
   */
  decide?(): void;
}

/** Makes the tracker of one broadcast. */
export type TrackerFactory = (sink: TrackerSink) => Tracker;
