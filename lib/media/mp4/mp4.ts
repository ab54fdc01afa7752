/**
 * Fragmented MP4 (ISO/IEC 14496-12 8.8). A decoder can start at a movie fragment whose first video
 * sample is a sync sample, when it is sent ftyp and moov first.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { fourccAt } from "../reader/big_endian.ts";
import { type BoxHead, boxHeadAt, isBoxType, peekBox } from "./boxes.ts";
import { isSync, parseFragment, type TrackFragment } from "./fragment.ts";
import { type Mp4Track, parseMovie } from "./tracks.ts";
import type { MediaInfo, Tracker, TrackerSink } from "../tracker.ts";
import {
  MAX_INIT_BYTES,
  MAX_UNIT_BYTES,
  UnitTracker,
} from "../reader/unit_tracker.ts";

/** Bytes of ftyp and styp: brands of 4 bytes each, some 40 bytes in real streams. */
const MAX_BRANDS_BYTES = 4096;

/** Bytes of a moof: 16 for a sample, so more than ten minutes of video of 50 pictures a second. */
const MAX_MOOF_BYTES = 512 * 1024;

/** Boxes that tell of the fragment right behind them, and so are joined at (8.16). */
const LEADING: ReadonlySet<string> = new Set([
  "styp",
  "sidx",
  "ssix",
  "prft",
  "emsg",
]);

/** The box that always comes first in a container box, by which it is known after damage. */
const FIRST_CHILD: ReadonlyMap<string, string> = new Map([
  ["moof", "mfhd"],
  ["moov", "mvhd"],
]);

/** The tracker of fragmented MP4. */
export class Fmp4Tracker extends UnitTracker {
  /** A container box's head and its first child's head; brands' head and the major brand. */
  protected override readonly borderBytes = 16;
  #ftyp: Uint8Array = new Uint8Array();
  #tracks: readonly Mp4Track[] = [];
  /** Where the boxes began that lead the next fragment. */
  #leadAt: number | undefined;

  /** Bytes of the newest ftyp. */
  protected override get keptBytes(): number {
    return this.#ftyp.length;
  }

  /** Reads the head of a box, and what is in it where that matters. */
  protected override readUnit(): boolean {
    const head = peekBox(this.reader);
    if (!head) return false;
    if (head.size < head.headLength || !isBoxType(head.type)) {
      return this.#damaged("no box");
    }
    switch (head.type) {
      case "ftyp":
        return this.#readFtyp(head);
      case "moov":
        return this.#readMoov(head);
      case "moof":
        return this.#readMoof(head);
      case "mdat":
        return this.#readMdat(head);
    }
    if (LEADING.has(head.type)) this.#leadAt ??= this.reader.offset;
    else this.#leadAt = undefined;
    return this.#pass(head);
  }

  /** Whether a moof, moov, ftyp or styp begins here. */
  protected override isBorder(bytes: Uint8Array, at: number): boolean {
    const initial = bytes[at + 4];
    // Cheaper than a string for each byte: m, f or s.
    if (initial !== 0x6d && initial !== 0x66 && initial !== 0x73) return false;
    const { type, size } = boxHeadAt(bytes, at);
    const child = FIRST_CHILD.get(type);
    if (child) return size >= 16 && fourccAt(bytes, at + 12) === child;
    return (type === "ftyp" || type === "styp") && size >= 16 &&
      size <= MAX_BRANDS_BYTES && isBoxType(fourccAt(bytes, at + 8));
  }

  /** Bytes that a unit that begins so lacks. */
  protected override lackingOf(held: Uint8Array): number {
    // A size of which only zeros have arrived cannot be mended with zeros: it would be 0.
    const { size, headLength } = boxHeadAt(held, 0);
    return Math.max(headLength, size > MAX_UNIT_BYTES ? 0 : size) - held.length;
  }

  #readFtyp(head: BoxHead): boolean {
    if (head.size > MAX_BRANDS_BYTES) return this.#damaged("too long an ftyp");
    const box = this.reader.peek(head.size);
    if (!box) return false;
    this.#ftyp = box.slice();
    this.#leadAt = undefined;
    return this.#pass(head);
  }

  #readMoov(head: BoxHead): boolean {
    if (head.size > MAX_UNIT_BYTES) return this.#damaged("a wrong length");
    if (head.size + this.#ftyp.length > MAX_INIT_BYTES) {
      return this.#refuse(
        `moov of ${head.size} bytes, ${MAX_INIT_BYTES} allowed`,
      );
    }
    const box = this.reader.peek(head.size);
    if (!box) return false;
    const movie = parseMovie(box.subarray(head.headLength));
    if (!movie.fragmented || movie.hasSamples) {
      return this.#refuse(
        "not a fragmented MP4: its moov lists the samples (ffmpeg: -movflags +empty_moov+default_base_moof+frag_keyframe)",
      );
    }
    this.#tracks = movie.tracks;
    this.#leadAt = undefined;
    this.sink.init(concat([this.#ftyp, box]));
    this.sink.info(infoOf(movie.tracks));
    return this.#pass(head);
  }

  #readMdat(head: BoxHead): boolean {
    if (this.#tracks.length === 0) {
      return this.#refuse("not a fragmented MP4: media comes before its moov");
    }
    this.#leadAt = undefined;
    return this.#pass(head);
  }

  #readMoof(head: BoxHead): boolean {
    const known = this.#tracks.length > 0 && head.size <= MAX_MOOF_BYTES;
    if (!known) return this.#pass(head);
    const box = this.reader.peek(head.size);
    if (!box) return false;
    const parts = parseFragment(box.subarray(head.headLength));
    // Offsets that count from the beginning of the file are wrong for whoever joins later.
    if (parts.some((part) => part.absolute)) {
      return this.#refuse(
        "its fragments count from the beginning of the file (ffmpeg: -movflags +default_base_moof)",
      );
    }
    this.#seeFragment(parts);
    this.#leadAt = undefined;
    return this.#pass(head);
  }

  /** Notes a fragment's time and reports it when decoding can start there. */
  #seeFragment(parts: readonly TrackFragment[]): void {
    for (const part of parts) {
      const track = this.#tracks.find(({ id }) => id === part.trackId);
      if (track && part.ticks !== undefined) {
        this.setTime(part.ticks / track.timescale);
      }
    }
    const main = this.#tracks.find((track) => track.video) ?? this.#tracks[0];
    const part = parts.find(({ trackId }) => trackId === main?.id);
    if (!main || !part?.first) return;
    const flags = part.first.flags ?? main.defaultFlags;
    if (main.video && !isSync(flags)) return;
    const time = part.ticks === undefined
      ? {}
      : { time: part.ticks / main.timescale };
    this.join({ offset: this.#leadAt ?? this.reader.offset, ...time });
  }

  #pass(head: BoxHead): boolean {
    if (head.size > MAX_UNIT_BYTES) return this.#damaged("a wrong length");
    this.sink.border?.(this.reader.offset + head.size);
    this.reader.skip(head.size);
    return true;
  }

  #refuse(why: string): boolean {
    this.giveUp(why);
    return false;
  }

  #damaged(what: string): boolean {
    this.#leadAt = undefined;
    this.damage(what);
    return true;
  }
}

/** Makes the tracker of a fragmented MP4 stream. */
export function fmp4Tracker(sink: TrackerSink): Tracker {
  return new Fmp4Tracker(sink);
}

/** What the stream carries; no codecs unless those of all tracks are known. */
function infoOf(tracks: readonly Mp4Track[]): MediaInfo {
  const picture = tracks.find((track) => track.video);
  const codecs = tracks.map((track) => track.codec ?? "");
  return {
    container: "mp4",
    mime: picture ? "video/mp4" : "audio/mp4",
    codecs: codecs.includes("") ? [] : codecs,
    video: picture !== undefined,
    ...(picture && picture.width > 0 && picture.height > 0
      ? { width: picture.width, height: picture.height }
      : {}),
  };
}
