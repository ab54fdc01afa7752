import { assert, assertEquals } from "@std/assert";

/** A segment as a playlist lists it. */
export interface ListedSegment {
  readonly uri: string;
  readonly seconds: number;
  /** Address of the init segment in force. */
  readonly map: string | undefined;
  readonly isDiscontinuous: boolean;
  /** Milliseconds since 1970. */
  readonly date: number | undefined;
  readonly sequence: number;
}

/** A media playlist that follows the format's rules. */
export interface CheckedPlaylist {
  readonly targetSeconds: number;
  readonly discontinuitySequence: number;
  readonly segments: readonly ListedSegment[];
  readonly isOver: boolean;
}

const HEADER_TAGS = [
  "VERSION",
  "TARGETDURATION",
  "MEDIA-SEQUENCE",
  "DISCONTINUITY-SEQUENCE",
];

/** What has been read of a playlist. */
class Reading {
  readonly headers: Map<string, number> = new Map();
  readonly segments: ListedSegment[] = [];
  isOver = false;
  map: string | undefined;
  date: number | undefined;
  seconds: number | undefined;
  isDiscontinuous = false;

  /** Reads a line behind the first one. */
  line(line: string): void {
    const [, name, value = ""] =
      /^#(?:EXT-X-)?([A-Z-]+)(?::(.*))?$/.exec(line) ??
        [];
    if (!line.startsWith("#")) return this.#uri(line);
    if (name !== undefined && HEADER_TAGS.includes(name)) {
      return this.#header(name, value);
    }
    switch (name) {
      case "EXTINF":
        assert(this.seconds === undefined, "EXTINF twice for a segment");
        assert(/^\d+(\.\d+)?,$/.test(value), `EXTINF ${value}`);
        this.seconds = parseFloat(value);
        return;
      case "DISCONTINUITY":
        assertEquals(line, "#EXT-X-DISCONTINUITY");
        this.isDiscontinuous = true;
        return;
      case "PROGRAM-DATE-TIME":
        assert(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value), value);
        this.date = Date.parse(value);
        return;
      case "MAP":
        this.map = /^URI="([^"\r\n]+)"$/.exec(value)?.[1];
        assert(this.map !== undefined, `MAP ${value}`);
        return;
      case "ENDLIST":
        assertEquals(line, "#EXT-X-ENDLIST");
        this.isOver = true;
        return;
      default:
        throw new Error(`Cannot accept a playlist: the line ${line}`);
    }
  }

  #header(name: string, value: string): void {
    assert(/^\d{1,15}$/.test(value), `${name} is no whole number: ${value}`);
    assert(!this.headers.has(name), `${name} twice`);
    assertEquals(this.segments, [], `${name} behind a segment`);
    // RFC 8216 §4.3.3.3: before any discontinuity.
    assert(!this.isDiscontinuous, `${name} behind a discontinuity`);
    this.headers.set(name, Number(value));
  }

  #uri(uri: string): void {
    assert(/^[!-~]+$/.test(uri), `no address: ${uri}`);
    const { seconds } = this;
    assert(seconds !== undefined, "a segment without EXTINF");
    const target = this.headers.get("TARGETDURATION") ?? 0;
    assert(Math.round(seconds) <= target, `${seconds} s, ${target} s allowed`);
    this.segments.push({
      ...{ uri, seconds, map: this.map, date: this.date },
      isDiscontinuous: this.isDiscontinuous,
      sequence: (this.headers.get("MEDIA-SEQUENCE") ?? 0) +
        this.segments.length,
    });
    this.seconds = this.date = undefined;
    this.isDiscontinuous = false;
  }
}

/**
 * Checks a media playlist against the rules of RFC 8216 §4.
 *
 * @throws {Error} for the first rule that is broken.
 */
export function checkPlaylist(text: string): CheckedPlaylist {
  assert(text.endsWith("\n") && !text.includes("\r"), "line ends");
  const [first, ...lines] = text.trimEnd().split("\n");
  assertEquals(first, "#EXTM3U");
  const reading = new Reading();
  for (const line of lines) reading.line(line);
  assertEquals(reading.seconds, undefined, "EXTINF without a segment");
  const { headers, segments, isOver } = reading;
  const version = headers.get("VERSION") ?? 1;
  assert(version >= 3, "decimal durations need version 3");
  const hasMap = segments.some(({ map }) => map !== undefined);
  assert(!hasMap || version >= 6, "EXT-X-MAP needs version 6");
  const targetSeconds = headers.get("TARGETDURATION");
  assert(targetSeconds, "no target duration");
  assertEquals(new Set(segments.map(({ uri }) => uri)).size, segments.length);
  const discontinuitySequence = headers.get("DISCONTINUITY-SEQUENCE") ?? 0;
  return { targetSeconds, discontinuitySequence, segments, isOver };
}

/** Checks what a playlist shows from one load to the next (RFC 8216 §6.2.1, §6.2.2). */
export class PlaylistHistory {
  readonly #seen: Map<number, ListedSegment> = new Map();
  readonly #discontinuities: Map<number, number> = new Map();
  #last: CheckedPlaylist | undefined;

  /** Every segment that was listed, oldest first. */
  get segments(): readonly ListedSegment[] {
    return [...this.#seen.values()];
  }

  /**
   * Checks the next load of a playlist.
   *
   * @throws {Error} for the first rule that is broken.
   */
  add(text: string): CheckedPlaylist {
    const playlist = checkPlaylist(text);
    const last = this.#last;
    if (last) this.#compare(last, playlist);
    let discontinuity = playlist.discontinuitySequence;
    for (const segment of playlist.segments) {
      if (segment.isDiscontinuous) discontinuity++;
      const { sequence } = segment;
      assertEquals(this.#seen.get(sequence) ?? segment, segment);
      const before = this.#discontinuities.get(sequence) ?? discontinuity;
      assertEquals(discontinuity, before, "the discontinuity sequence");
      this.#seen.set(sequence, segment);
      this.#discontinuities.set(sequence, discontinuity);
    }
    this.#last = playlist;
    return playlist;
  }

  #compare(last: CheckedPlaylist, playlist: CheckedPlaylist): void {
    assert(playlist.targetSeconds >= last.targetSeconds, "target duration");
    assert(
      playlist.discontinuitySequence >= last.discontinuitySequence,
      "the discontinuity sequence goes back",
    );
    const [before, now] = [last.segments, playlist.segments];
    const from = (list: readonly ListedSegment[]): number =>
      list[0]?.sequence ?? 0;
    assert(from(now) >= from(before), "the media sequence goes back");
    const end = (list: readonly ListedSegment[]): number =>
      list.at(-1)?.sequence ?? 0;
    assert(end(now) >= end(before), "segments were taken from the end");
    if (last.isOver) assertEquals(playlist, last, "it had ended");
  }
}
