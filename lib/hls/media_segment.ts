import type { Packaging } from "./packaging.ts";

/** A slice of a channel's log from one join point to a later one, as playlists list it. */
export interface MediaSegment {
  /** Its media sequence number (RFC 8216 §3): one more than that of the segment before it. */
  readonly sequence: number;
  /** How many discontinuities the channel has had up to its first byte. */
  readonly discontinuity: number;
  /** Whether its first byte is one of them: a new broadcast, other tables, or a jump of the clock. */
  readonly isDiscontinuous: boolean;
  /** Id of the broadcast that it belongs to. */
  readonly broadcast: string;
  /** Offset in the channel's log of that broadcast's first byte. */
  readonly base: number;
  /** Offset in the channel's log of its first byte. */
  readonly start: number;
  /** Offset in the channel's log behind its last byte. */
  readonly end: number;
  /** Seconds that it lasts, on the media's clock. */
  readonly seconds: number;
  /** When its first picture was received: milliseconds since 1970, continued on the media's clock. */
  readonly date: number;
  /** When it was complete: milliseconds since 1970. */
  readonly listedAt: number;
  /** How it is packaged. */
  readonly packaging: Packaging;
  /** Bytes in front of its slice of the log. */
  readonly lead: readonly Uint8Array[];
  /** Its init segment. */
  readonly init: Uint8Array;
  /** Number of that init segment in its broadcast. */
  readonly map: number;
  /** How often it was requested from its first byte on. */
  requests: number;
}

/** Bytes of a segment as it is sent. */
export function segmentBytes({ lead, start, end }: MediaSegment): number {
  return lead.reduce((sum, { length }) => sum + length, end - start);
}
