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
import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { MAX_INIT_BYTES, MAX_UNIT_BYTES } from "../limits.ts";
import { UnitTracker } from "../reader/unit_tracker.ts";
import { cannotFollow, type Spliced, unlessSameInit } from "../splice_rules.ts";
import type { MediaInfo } from "../tracker.ts";

/** Bytes of ftyp and styp: brands of 4 bytes each, some 40 bytes in real streams. */
const MAX_BRANDS_BYTES = 4096;

/** Bytes of a moof: 16 for a sample, so more than ten minutes of video at 50 pictures a second. */
const MAX_MOOF_BYTES = 512 * 1024;

/** Boxes that describe the fragment right behind them, and so belong to the join point (8.16). */
const LEADING: ReadonlySet<string> = new Set([
  "styp",
  "sidx",
  "ssix",
  "prft",
  "emsg",
]);

/** The first box in a container box, which identifies it after corruption. */
const FIRST_CHILD: ReadonlyMap<string, string> = new Map([
  ["moof", "mfhd"],
  ["moov", "mvhd"],
]);

/** The tracker of fragmented MP4. */
export class Fmp4Tracker extends UnitTracker {
  /** A container box's head and its first child's head; brands' head and the major brand. */
  protected override readonly boundaryBytes = 16;
  #ftyp: Uint8Array = new Uint8Array();
  #tracks: readonly Mp4Track[] = [];
  /** Where the boxes began that precede the next fragment. */
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
      return this.#corrupted("no box");
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
    return this.#skip(head);
  }

  /** Whether a moof, moov, ftyp or styp begins here. */
  protected override isBoundary(bytes: Uint8Array, at: number): boolean {
    const initial = bytes[at + 4];
    // Cheaper than a string for each byte: m, f or s.
    if (initial !== 0x6d && initial !== 0x66 && initial !== 0x73) return false;
    const { type, size } = boxHeadAt(bytes, at);
    const child = FIRST_CHILD.get(type);
    if (child) return size >= 16 && fourccAt(bytes, at + 12) === child;
    return (type === "ftyp" || type === "styp") && size >= 16 &&
      size <= MAX_BRANDS_BYTES && isBoxType(fourccAt(bytes, at + 8));
  }

  /** Bytes missing from a box that begins with `held`. */
  protected override missingOf(held: Uint8Array): number {
    // A size of which only zeros have arrived cannot be mended with zeros: it would be 0.
    const { size, headLength } = boxHeadAt(held, 0);
    return Math.max(headLength, size > MAX_UNIT_BYTES ? 0 : size) - held.length;
  }

  #readFtyp(head: BoxHead): boolean {
    if (head.size > MAX_BRANDS_BYTES) {
      return this.#corrupted("an ftyp that is too long");
    }
    const box = this.reader.peek(head.size);
    if (!box) return false;
    this.#ftyp = box.slice();
    this.#leadAt = undefined;
    return this.#skip(head);
  }

  #readMoov(head: BoxHead): boolean {
    if (head.size > MAX_UNIT_BYTES) return this.#corrupted("a wrong length");
    if (head.size + this.#ftyp.length > MAX_INIT_BYTES) {
      return this.#reject(
        `moov of ${head.size} bytes, ${MAX_INIT_BYTES} allowed`,
      );
    }
    const box = this.reader.peek(head.size);
    if (!box) return false;
    const movie = parseMovie(box.subarray(head.headLength));
    if (!movie.fragmented || movie.hasSamples) {
      return this.#reject(
        "not a fragmented MP4: its moov lists the samples (ffmpeg: -movflags +empty_moov+default_base_moof+frag_keyframe)",
      );
    }
    this.#tracks = movie.tracks;
    this.#leadAt = undefined;
    this.sink.init(concat([this.#ftyp, box]));
    this.sink.info(infoOf(movie.tracks));
    return this.#skip(head);
  }

  #readMdat(head: BoxHead): boolean {
    if (this.#tracks.length === 0) {
      return this.#reject("not a fragmented MP4: media comes before its moov");
    }
    this.#leadAt = undefined;
    return this.#skip(head);
  }

  #readMoof(head: BoxHead): boolean {
    const known = this.#tracks.length > 0 && head.size <= MAX_MOOF_BYTES;
    if (!known) return this.#skip(head);
    const box = this.reader.peek(head.size);
    if (!box) return false;
    const parts = parseFragment(box.subarray(head.headLength));
    // Offsets from the beginning of the file are wrong for a watcher who joins later.
    if (parts.some((part) => part.absolute)) {
      return this.#reject(
        "its fragments count from the beginning of the file (ffmpeg: -movflags +default_base_moof)",
      );
    }
    this.#seeFragment(parts);
    this.#leadAt = undefined;
    return this.#skip(head);
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

  #skip(head: BoxHead): boolean {
    if (head.size > MAX_UNIT_BYTES) return this.#corrupted("a wrong length");
    this.sink.boundary?.(this.reader.offset + head.size);
    this.reader.skip(head.size);
    return true;
  }

  #reject(why: string): boolean {
    this.giveUp(why);
    return false;
  }

  #corrupted(what: string): boolean {
    this.#leadAt = undefined;
    this.corrupt(what);
    return true;
  }
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

/** Decoders ignore a second moov, and drop every fragment whose decode time goes back. */
function followClock(before: Spliced, after: Spliced): Uint8Array | undefined {
  return (after.time ?? -Infinity) >= (before.time ?? 0)
    ? unlessSameInit(cannotFollow)(before, after)
    : undefined;
}

/** Fragmented MP4. */
export const MP4: ContainerFormat = {
  name: "mp4",
  aliases: ["fmp4", "mov", "ismv", "cmaf"],
  signature: magics("????ftyp", "????styp", "????moof", "????moov"),
  tracker: (sink) => new Fmp4Tracker(sink),
  splice: followClock,
};
