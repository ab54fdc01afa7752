import { assert, assertEquals } from "@std/assert";
import { mediaPlaylist } from "../../lib/hls/media_playlist.ts";
import { Segmenter } from "../../lib/hls/segmenter.ts";
import type { MediaInfo } from "../../lib/media/tracker.ts";
import { readHlsPath } from "../../lib/session/hls_path.ts";
import { PlaylistHistory } from "../helpers/playlist_checker.ts";
import { CHEAP_CASES, type FuzzTarget, textOf } from "./target.ts";

/** Cases of the segmenter: each checks a whole history of playlists. */
const HISTORY_CASES = 100_000;

/** What a path leads to has numbers that are safe, and its own name. */
const path: FuzzTarget = {
  name: "hls-path",
  cases: CHEAP_CASES,
  words: [
    ...["index.m3u8", "live.m3u8", "init-", ".mp4", ".ts", "-", "/", "%2F"],
    ...["0123456789abcdef0123456789abcdef", "/fier/hall/", "%00", "..", "\n"],
  ],
  check(bytes): void {
    const text = textOf(bytes);
    const found = readHlsPath(text);
    if (!found) return;
    assert(text.endsWith(`/${found.name}`), found.name);
    const { resource } = found;
    if (resource.kind === "map") assert(Number.isSafeInteger(resource.map));
    if (resource.kind !== "segment") return;
    const { start, end } = resource;
    assert(Number.isSafeInteger(start) && Number.isSafeInteger(end));
  },
};

const INFOS: readonly MediaInfo[] = [
  { container: "mp3", mime: "audio/mpeg", codecs: [], video: false },
  { container: "mp4", mime: "video/mp4", codecs: [], video: true },
  { container: "ogg", mime: "application/ogg", codecs: [], video: false },
];

/** The state of the made-up channel that a case describes. */
class Channel {
  readonly segmenter: Segmenter;
  readonly history: PlaylistHistory = new PlaylistHistory();
  #now = Date.UTC(2027);
  #offset = 0;
  #time = 0;
  #info = INFOS[0]!;
  #init: Uint8Array = new Uint8Array();
  #broadcasts = 0;

  constructor() {
    this.segmenter = new Segmenter(() => this.#now);
    this.#begin();
  }

  #begin(): void {
    const id = String(this.#broadcasts++).padStart(32, "0");
    this.segmenter.begin(id, this.#offset);
  }

  /** What happens next: a byte chooses, the other says how much. */
  step(what: number, much: number): void {
    const { segmenter } = this;
    this.#now += 100;
    switch (what % 16) {
      case 0:
        segmenter.finish({ end: this.#offset, time: this.#time });
        this.#info = INFOS[much % INFOS.length]!;
        return this.#begin();
      case 1:
        return segmenter.trim(this.#offset - much * 50);
      case 2:
        this.#init = new Uint8Array([much]);
        break;
      case 3:
        this.#time += much - 128;
        break;
      default:
        this.#time += much / 32;
    }
    this.#offset += what < 128 ? much : 0;
    segmenter.join(
      {
        ...{ offset: this.#offset, init: this.#init, prefix: undefined },
        time: what % 32 === 31 ? undefined : this.#time,
        arrival: this.#now,
      },
      this.#info,
      what % 5 > 0,
    );
  }

  /** Loads the playlist, which must follow from the one before. */
  load(): void {
    const { listed: segments, targetSeconds } = this.segmenter;
    if (segments.length === 0) return;
    const playlist = this.history.add(mediaPlaylist({
      ...{ segments, targetSeconds, isOver: false },
      segmentUri: ({ broadcast, base, start, end }) =>
        `${broadcast}/${start - base}-${end - base}`,
      mapUri: ({ broadcast, map }) => `${broadcast}/init-${map}`,
    }));
    assertEquals(playlist.segments.length, segments.length);
    for (const { broadcast, base, start, end } of segments) {
      assert(start < end, "an empty segment");
      const found = this.segmenter.find(broadcast, start - base, end - base);
      assert(found?.start === start, "a segment that cannot be found");
    }
  }
}

/** Whatever joins, jumps and ends: each playlist is valid, and follows from the one before. */
const segmenter: FuzzTarget = {
  name: "hls-segmenter",
  cases: HISTORY_CASES,
  words: [
    "\x04\x40",
    "\x04\xff",
    "\x00\x00",
    "\x01\x10",
    "\x02\x01",
    "\x03\x00",
  ],
  check(bytes): void {
    const channel = new Channel();
    // As many steps as a seed has: a long history costs more than it finds.
    for (let at = 0; at + 1 < Math.min(bytes.length, 400); at += 2) {
      channel.step(bytes[at]!, bytes[at + 1]!);
      channel.load();
    }
  },
};

/** Addresses and playlists of HLS. */
export const HLS_TARGETS: readonly FuzzTarget[] = [path, segmenter];
