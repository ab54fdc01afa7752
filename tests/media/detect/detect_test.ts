import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import {
  containerNamed,
  detect,
  MAX_DETECT_BYTES,
} from "../../../lib/media/detect/detect.ts";
import {
  DetectingTracker,
  detectingTracker,
} from "../../../lib/media/detect/detecting_tracker.ts";
import { trackerFor } from "../../../lib/media/tracker_for.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { randomPiecesOf } from "../../helpers/chunkings.ts";
import { seededRandom } from "../../helpers/rng.ts";
import { mutated, track } from "../../suites/join_suite.ts";

const FOLDER = new URL("../../vectors/media/", import.meta.url);

/** Containers of samples whose name begins with something else than the container's. */
const BY_PREFIX: Readonly<Record<string, string>> = {
  fmp4: "mp4",
  ts: "mpegts",
};

/** Every sample with the container that its name begins with. */
function samples(): [string, string][] {
  return [...Deno.readDirSync(FOLDER)]
    .map((entry) => entry.name)
    .filter((name) => /\.(?!sh$|md$|txt$|json$)\w+$/.test(name))
    .sort()
    .map((name) => {
      const prefix = name.split(/[._]/)[0] ?? "";
      const known = containerNamed(BY_PREFIX[prefix] ?? prefix);
      assert(known, `no container begins ${name}`);
      return [name, known.name];
    });
}

function containerOf(head: Uint8Array, ended: boolean): string {
  const found = detect(head, ended);
  return found === "more" ? found : found.name;
}

/** Bytes that are as good as random. */
function noise(length: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  return new Uint8Array(length).map(() => random(256));
}

Deno.test("detect() finds the container of every sample, and never a wrong one before", () => {
  const names = samples();
  assert(names.length >= 25, `only ${names.length} samples`);
  for (const [name, container] of names) {
    const bytes = mediaSample(name);
    assertEquals(containerOf(bytes, false), container, name);
    for (let length = 0; length < MAX_DETECT_BYTES; length++) {
      const early = containerOf(bytes.subarray(0, length), false);
      const where = `${name}, ${length} bytes: ${early}`;
      assert(early === "more" || early === container, where);
      if (early === container) break;
    }
  }
});

Deno.test("detect() takes random bytes for raw", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const bytes = noise(MAX_DETECT_BYTES, seed);
    assertEquals(containerOf(bytes, false), "raw", `seed ${seed}`);
    assertEquals(containerOf(bytes.subarray(0, seed), true), "raw");
  }
  for (const value of [0x00, 0x20, 0xff]) {
    const bytes = new Uint8Array(MAX_DETECT_BYTES).fill(value);
    assertEquals(containerOf(bytes, false), "raw", `${value}`);
  }
});

Deno.test("detect() finds transport packets in a stream that starts inside one", () => {
  for (const [stride, cut] of [[188, 1], [188, 100], [188, 187], [204, 50]]) {
    const packets = Array.from({ length: 30 }, (_, i) => {
      const packet = noise(stride ?? 0, i);
      packet[0] = 0x47;
      return packet;
    });
    const bytes = concat(packets).subarray(cut);
    assertEquals(containerOf(bytes, false), "mpegts", `cut ${cut}`);
    assertEquals(containerOf(bytes.subarray(0, 300), false), "more");
  }
});

Deno.test("detect() distinguishes video with start codes by its first unit", () => {
  const cases: [string, string][] = [
    ["00000001 67 64", "h264"],
    ["000001 27 42", "h264"],
    ["00000001 09 f0", "h264"],
    ["00000001 06 05", "h264"],
    ["00000001 41 9a", "h264"],
    ["00000001 68 ee", "h264"],
    ["00000001 40 01", "hevc"],
    ["00000001 46 01", "hevc"],
    ["000001 42 01", "hevc"],
    ["00000001 4e 01", "hevc"],
    ["00000001 26 01", "hevc"],
    ["00000001 28 01", "hevc"],
    ["000001 ba 44", "mpegps"],
    ["000001 b3 14", "mpegvideo"],
    ["000001 b0 01", "m4v"],
    ["000001 00 000001 20", "m4v"],
    ["000001 20 00", "m4v"],
    // A picture and a slice of MPEG-2, and a profile of H.264 that there is not.
    ["000001 00 000f fff8", "raw"],
    ["000001 07 12", "raw"],
    ["00000001 67 05", "raw"],
    ["0000000001 67 64", "raw"],
  ];
  for (const [hex, container] of cases) {
    const pairs = hex.replaceAll(" ", "").match(/../g) ?? [];
    const head = Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
    const bytes = concat([head, noise(MAX_DETECT_BYTES, 1)]);
    assertEquals(containerOf(bytes, false), container, hex);
  }
});

Deno.test("detect() looks behind ID3 tags, and takes a tag without end for that of an MP3", () => {
  const tag = Uint8Array.of(0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 20);
  const head = concat([tag, new Uint8Array(20)]);
  const aac = concat([head, head, mediaSample("adts.aac")]);
  assertEquals(containerOf(aac, false), "adts");
  const hidden = new Uint8Array(MAX_DETECT_BYTES);
  hidden.set([0x49, 0x44, 0x33, 4, 0, 0, 0, 1, 0, 0]);
  assertEquals(containerOf(hidden.subarray(0, 3000), false), "more");
  assertEquals(containerOf(hidden.subarray(0, 3000), true), "mp3");
  assertEquals(containerOf(hidden, false), "mp3");
});

Deno.test("containerNamed() knows containers and ffmpeg's names, and nothing else", () => {
  const cases: [string, string | undefined][] = [
    ["auto", undefined],
    ["raw", "raw"],
    ["MPEGTS", "mpegts"],
    ["ts", "mpegts"],
    ["mkv", "matroska"],
    ["webm", "webm"],
    ["fmp4", "mp4"],
    ["aac", "adts"],
    ["eac3", "ac3"],
    ["jpeg", "mjpeg"],
    ["yuv4mpegpipe", "y4m"],
    ["", undefined],
    ["toString", undefined],
    ["mp5", undefined],
  ];
  for (const [name, container] of cases) {
    assertEquals(containerNamed(name)?.name, container, name);
  }
});

Deno.test("DetectingTracker reports what the container's own tracker reports", () => {
  for (const [name, container] of samples()) {
    const bytes = mediaSample(name);
    const own = track(containerNamed(container)!.tracker, [bytes]);
    if (own.gaveUp !== undefined) continue;
    for (const format of ["auto", container] as const) {
      for (const pieces of [[bytes], randomPiecesOf(bytes, 900, 1)]) {
        assertEquals(
          track(trackerFor({ bufsize: 0, format }), pieces),
          own,
          name,
        );
      }
    }
  }
});

Deno.test("DetectingTracker joins at chunks when nothing fits", () => {
  const bytes = noise(6000, 1);
  const pieces = [100, 1000, 2000, 6000].map((end, i, ends) =>
    bytes.subarray(ends[i - 1] ?? 0, end)
  );
  const { joins, infos, corruptions } = track(detectingTracker(), pieces);
  // 100 bytes could still be transport packets; with 1000 it is decided, and they are one push.
  assertEquals(joins.map((join) => join.offset), [0, 1000, 2000]);
  assertEquals(infos.map((info) => info.container), ["raw"]);
  assertEquals(corruptions, []);
});

Deno.test("DetectingTracker.decide() decides by what has arrived", () => {
  const offsets: number[] = [];
  const tracker = new DetectingTracker({
    init: () => {},
    join: ({ offset }) => offsets.push(offset),
    info: () => {},
    corruption: () => {},
    giveUp: () => {},
  });
  tracker.decide();
  assertEquals(tracker.decided, false);
  tracker.push(noise(100, 1));
  assertEquals([tracker.decided, tracker.heldBytes], [false, 100]);
  tracker.decide();
  assertEquals([tracker.decided, tracker.heldBytes], [true, 0]);
  tracker.push(noise(100, 2));
  assertEquals(offsets, [0, 100]);
});

Deno.test("DetectingTracker falls back to chunks when the container's tracker gives up", () => {
  const flac = mediaSample("flac_pipe.flac");
  const junk = new Uint8Array(100_000);
  const pieces = [flac, ...Array(20).fill(junk)];
  const { joins, infos, corruptions, gaveUp } = track(
    detectingTracker(),
    pieces,
  );
  assertEquals(gaveUp, undefined);
  assertEquals(corruptions, [
    "no FLAC frame in 1048576 bytes; joins at chunks from here on",
  ]);
  assertEquals(infos.map((info) => info.container), ["flac", "raw"]);
  // From the push after the one that made it give up; without init.
  const raw = joins.filter((join) => join.offset >= flac.length);
  assertEquals(
    raw.map((join) => join.offset - flac.length),
    Array.from({ length: 9 }, (_, i) => (i + 11) * 100_000),
  );
  assertEquals(raw[0]?.init.length, 0);
});

Deno.test("DetectingTracker never gives up on corrupted streams, whatever their container", () => {
  for (const [name] of samples()) {
    for (let seed = 1; seed <= 8; seed++) {
      const bytes = mutated(mediaSample(name), seed);
      const { gaveUp } = track(
        detectingTracker(),
        randomPiecesOf(bytes, 9000, seed),
      );
      assertEquals(gaveUp, undefined, `${name}, seed ${seed}`);
    }
  }
});
