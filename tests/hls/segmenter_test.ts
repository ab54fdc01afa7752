import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  type MediaPlaylist,
  mediaPlaylist,
} from "../../lib/hls/media_playlist.ts";
import type { SegmentStart } from "../../lib/hls/packaging.ts";
import { Segmenter } from "../../lib/hls/segmenter.ts";
import { timestampTag } from "../../lib/hls/timestamp_tag.ts";
import type { MediaInfo } from "../../lib/media/tracker.ts";
import { PlaylistHistory } from "../helpers/playlist_checker.ts";

const MP3: MediaInfo = {
  ...{ container: "mp3", mime: "audio/mpeg", codecs: ["mp3"], video: false },
};
const MP4: MediaInfo = {
  ...{ container: "mp4", mime: "video/mp4", codecs: [], video: true },
};
const ID = "0123456789abcdef0123456789abcdef";

function start(
  offset: number,
  time: number | undefined,
  changes: Partial<SegmentStart> = {},
): SegmentStart {
  const arrival = (time ?? 0) * 1000;
  const init = new Uint8Array();
  return { offset, time, arrival, init, prefix: undefined, ...changes };
}

/** A segmenter of one broadcast, whose bytes and seconds are the same: 100 bytes are a second. */
class Cut {
  readonly segmenter = new Segmenter(() => Date.UTC(2027));
  readonly history = new PlaylistHistory();
  info = MP3;

  constructor() {
    this.segmenter.begin(ID, 0);
  }

  /** Joins at these seconds. */
  join(...times: number[]): this {
    for (const time of times) {
      this.segmenter.join(start(time * 100, time), this.info, true);
    }
    return this;
  }

  /** The playlist, checked. */
  load(isOver = false): ReturnType<PlaylistHistory["add"]> {
    const { listed: segments, targetSeconds } = this.segmenter;
    return this.history.add(mediaPlaylist({
      ...{ segments, targetSeconds, isOver },
      segmentUri: ({ broadcast, base, start, end }) =>
        `${broadcast}/${start - base}-${end - base}`,
      mapUri: ({ broadcast, map }) => `${broadcast}/init-${map}`,
    }));
  }

  /** Offsets and durations of what is listed. */
  get shown(): string[] {
    return this.load().segments.map(({ uri, seconds, isDiscontinuous }) =>
      `${isDiscontinuous ? "! " : ""}${uri.slice(33)} ${seconds}`
    );
  }
}

Deno.test("Segmenter ends a segment at the first join point behind its target", () => {
  const cut = new Cut().join(0, 0.5, 1, 1.5, 2.1, 3, 4, 4.1, 6.5, 12);
  assertEquals(cut.shown, [
    "0-210 2.1",
    "210-400 1.9",
    "400-650 2.5",
    "650-1200 5.5",
  ]);
});

Deno.test("Segmenter accepts key frames that come a little early", () => {
  assertEquals(new Cut().join(0, 1.96, 3.94).shown, [
    "0-196 1.96",
    "196-394 1.98",
  ]);
});

Deno.test("Segmenter never lowers the target duration", () => {
  const cut = new Cut().join(0, 2, 4, 6, 8);
  assertEquals(cut.load().targetSeconds, 2);
  cut.join(18);
  assertEquals(cut.load().targetSeconds, 10);
  for (let time = 20; time < 300; time += 2) {
    cut.join(time);
    assertEquals(cut.load().targetSeconds, 10);
  }
});

Deno.test("Segmenter lists three segments at least, a minute at most, and never one again", () => {
  const cut = new Cut();
  cut.join(0);
  for (let time = 2; time <= 600; time += 2) {
    cut.join(time);
    cut.segmenter.trim(Math.max(0, time - 200) * 100);
    const { segments } = cut.load();
    const listed = segments.reduce((sum, { seconds }) => sum + seconds, 0);
    assert(listed <= 60);
    if (time >= 6) assert(segments.length >= 3, `${time} s`);
  }
  assertEquals(cut.load().segments.length, 30);
  assertEquals(cut.history.segments.length, 300);
});

Deno.test("Segmenter keeps to its sequence when the backlog shrinks and grows", () => {
  const cut = new Cut();
  cut.join(0);
  for (let time = 2; time <= 400; time += 2) {
    const kept = time % 100 < 50 ? 80 : 10;
    cut.join(time);
    cut.segmenter.trim(Math.max(0, time - kept) * 100);
    cut.load(); // The history fails where a segment comes back.
  }
});

Deno.test("Segmenter ends a broadcast with its last segment, and begins the next with a discontinuity", () => {
  const cut = new Cut().join(0, 2, 4);
  cut.segmenter.finish({ end: 500, time: 5 });
  assertEquals(cut.shown, ["0-200 2", "200-400 2", "400-500 1"]);
  cut.segmenter.finish({ end: 600, time: 6 });
  cut.segmenter.begin("f".repeat(32), 500);
  cut.segmenter.join(start(500, 77), MP3, true);
  cut.segmenter.join(start(700, 79), MP3, true);
  assertEquals(cut.shown.slice(2), ["400-500 1", "! 0-200 2"]);
  // The discontinuity leaves the playlist with its segment.
  const { discontinuitySequence } = cut.load();
  for (let at = 81; at < 300; at += 2) {
    cut.segmenter.join(start(700 + at, at), MP3, true);
  }
  assertEquals(cut.load().discontinuitySequence, discontinuitySequence + 1);
});

Deno.test("Segmenter estimates the last segment by its bytes where its duration is not known", () => {
  const cut = new Cut().join(0, 3, 6);
  cut.segmenter.finish({ end: 700, time: 6.02 });
  assertEquals(cut.shown.at(-1), "600-700 1");
  const other = new Cut().join(0);
  other.segmenter.finish({ end: 9999, time: undefined });
  assertEquals(other.shown, ["0-9999 2"]);
});

Deno.test("Segmenter begins with a discontinuity where the clock jumps or the init segment changes", () => {
  const cut = new Cut().join(0, 2);
  const { segmenter } = cut;
  segmenter.join(start(300, 3), MP3, true);
  segmenter.join(start(310, 0.5, { arrival: 3500 }), MP3, true);
  segmenter.join(start(500, 2.5, { arrival: 5500 }), MP3, true);
  segmenter.join(start(600, 900, { arrival: 6000 }), MP3, true);
  const init = new Uint8Array([1]);
  segmenter.join(start(700, 901, { arrival: 7000, init }), MP3, true);
  segmenter.join(start(900, 903, { arrival: 9000, init }), MP3, true);
  assertEquals(cut.shown, [
    ...["200-310 1.5", "! 310-500 2", "500-600 0.5"],
    ...["! 600-700 1", "! 700-900 2"],
  ]);
});

Deno.test("Segmenter numbers init segments, so that their addresses never change", () => {
  const cut = new Cut();
  cut.info = MP4;
  const { segmenter } = cut;
  const init = (value: number): Partial<SegmentStart> => ({
    init: new Uint8Array([value]),
  });
  segmenter.join(start(0, 0, init(1)), MP4, true);
  segmenter.join(start(200, 2, init(1)), MP4, true);
  segmenter.join(start(400, 4, init(2)), MP4, true);
  segmenter.join(start(600, 6, init(2)), MP4, true);
  const maps = cut.load().segments.map(({ map }) => map?.slice(33));
  assertEquals(maps, ["init-0", "init-0", "init-1"]);
  assertEquals(segmenter.findMap(ID, 1)?.init, new Uint8Array([2]));
  segmenter.trim(400);
  assertEquals(segmenter.findMap(ID, 0), undefined);
});

Deno.test("Segmenter lists nothing of another container, whose init segment could not be revoked", () => {
  const cut = new Cut();
  cut.segmenter.join(start(0, 0), MP4, true);
  cut.segmenter.join(start(200, 2), MP4, true);
  cut.segmenter.finish({ end: 300, time: 3 });
  cut.segmenter.begin("f".repeat(32), 300);
  cut.segmenter.join(start(300, 0), MP3, true);
  cut.segmenter.join(start(500, 2), MP3, true);
  const { segments } = cut.load();
  assertEquals(segments.map(({ map, uri }) => [map, uri.slice(33)]), [
    [undefined, "0-200"],
  ]);
});

Deno.test("Segmenter cuts at a join point with faults only when no clean one comes", () => {
  const cut = new Cut().join(0);
  cut.segmenter.join(start(300, 3), MP3, false);
  cut.segmenter.join(start(410, 4.1), MP3, false);
  cut.join(6.1);
  assertEquals(cut.shown, ["0-410 4.1", "410-610 2"]);
});

Deno.test("Segmenter measures by arrival where the media has no clock", () => {
  const cut = new Cut();
  for (const seconds of [0, 1, 2, 3, 4]) {
    const arrival = seconds * 1000;
    const at = start(seconds * 100, undefined, { arrival });
    cut.segmenter.join(at, MP3, true);
  }
  assertEquals(cut.shown, ["0-200 2", "200-400 2"]);
});

Deno.test("Segmenter has no segments of what HLS cannot carry", () => {
  const cut = new Cut();
  cut.info = { ...MP3, container: "matroska" };
  cut.join(0, 2, 4);
  cut.segmenter.finish({ end: 900, time: 9 });
  assertEquals(cut.segmenter.listed, []);
});

Deno.test("Segmenter finds what it lists by broadcast and offsets, and knows what is gone", () => {
  const { segmenter } = new Cut().join(0, 2, 4, 6);
  assertEquals(segmenter.find(ID, 200, 400)?.start, 200);
  assertEquals(segmenter.find(ID, 200, 399), undefined);
  assertEquals(segmenter.find("f".repeat(32), 200, 400), undefined);
  segmenter.trim(201);
  assertEquals(segmenter.find(ID, 200, 400), undefined);
  assert(segmenter.hasDropped(ID, 200));
  assert(!segmenter.hasDropped(ID, 400));
  assert(!segmenter.hasDropped("f".repeat(32), 200));
});

Deno.test("Segmenter counts watchers by the most requests of a newest segment", () => {
  const { segmenter } = new Cut().join(0, 2, 4, 6);
  const [oldest, middle] = segmenter.listed;
  oldest!.requests = 5;
  middle!.requests = 3;
  assertEquals(segmenter.watchers, 5);
  const cut = new Cut().join(0, 2);
  cut.segmenter.listed[0]!.requests = 9;
  cut.join(4, 6, 8, 10, 12, 14, 16);
  assertEquals(cut.segmenter.watchers, 0);
});

Deno.test("Segmenter starts above the numbers of a channel that ended before", () => {
  const at = (ms: number): Segmenter => {
    const segmenter = new Segmenter(() => ms);
    segmenter.begin(ID, 0);
    for (let time = 0; time <= 200; time += 2) {
      segmenter.join(start(time * 100, time), MP3, true);
    }
    return segmenter;
  };
  const now = Date.UTC(2026, 11);
  const [before, after] = [at(now), at(now + 200_000)];
  assertGreater(
    after.listed[0]!.sequence,
    before.listed.at(-1)!.sequence,
  );
  assert(after.listed[0]!.sequence < 2 ** 31, "too large for some players");
});

Deno.test("Segmenter holds a limited number of segments, and reports what they hold", () => {
  const cut = new Cut();
  for (let time = 0; time <= 4000; time += 2) cut.join(time);
  assertEquals(cut.segmenter.find(ID, 0, 200), undefined);
  assert(cut.segmenter.hasDropped(ID, 0));
  assert(cut.segmenter.heldBytes > 0 && cut.segmenter.heldBytes < 200_000);
  cut.segmenter.trim(Infinity);
  assertEquals(cut.segmenter.heldBytes, 0);
});

Deno.test("Segmenter.peakBitrate is that of the densest segment, its timestamp included, in bits per second", () => {
  const { segmenter } = new Cut().join(0, 2, 4);
  const tagBytes = timestampTag(0).length;
  assertEquals(segmenter.peakBitrate, (200 + tagBytes) * 8 / 2);
  segmenter.finish({ end: 440, time: 4.5 });
  assertEquals(segmenter.peakBitrate, (40 + tagBytes) * 8 / 0.5);
});

Deno.test("mediaPlaylist() names an init segment once, and each that replaces it", () => {
  const segment = (map: number): MediaPlaylist["segments"][number] => ({
    ...new Cut().join(0, 2, 4).segmenter.listed[0]!,
    packaging: { hasMap: true } as never,
    map,
  });
  const text = mediaPlaylist({
    segments: [1, 1, 2, 2, 1].map(segment),
    ...{ targetSeconds: 2, isOver: false },
    segmentUri: () => "s",
    mapUri: ({ map }) => `init-${map}`,
  });
  const maps = text.match(/#EXT-X-MAP:.*|^s$/gm);
  const [one, two] = ['#EXT-X-MAP:URI="init-1"', '#EXT-X-MAP:URI="init-2"'];
  assertEquals(maps, [one, "s", "s", two, "s", "s", one, "s"]);
});
