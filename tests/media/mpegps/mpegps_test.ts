import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { MPEGPS } from "../../../lib/media/mpegps/mpegps.ts";
import { readStreamMap } from "../../../lib/media/mpegps/packets.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { needsFfmpeg } from "../../helpers/ffmpeg.ts";
import { countBad, thumbnails } from "../../helpers/thumbnails.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

/** Each sample with its number of join points. */
const SAMPLES: readonly [string, number][] = [
  ["mpegps_vob.vob", 4],
  ["mpegps_mpeg1.mpg", 3],
  ["mpegps_ac3.vob", 3],
];

for (const [name, count] of SAMPLES) {
  const sample = new Uint8Array(mediaSample(name));
  joinSuite(name, MPEGPS.tracker, sample);

  Deno.test(`${name}: joins at the packs of key frames`, () => {
    const { joins, infos, time } = track(MPEGPS.tracker, [sample]);
    assertEquals(joins.length, count);
    for (const { offset } of joins) {
      const start = [...sample.subarray(offset, offset + 4)];
      assertEquals(start, [0, 0, 1, 0xba]);
    }
    const { codecs, width, height } = infos.at(-1)!;
    assertEquals([codecs, width, height], [["mp4v.61"], 160, 120]);
    assert(joins[1]!.time! > joins[0]!.time! && joins[1]!.time! < time!);
  });

  Deno.test({
    ...needsFfmpeg(
      `${name}: every join point decodes, without a wrong picture`,
    ),
    fn: async () => {
      const right = await thumbnails(sample, "mpeg");
      const { joins } = track(MPEGPS.tracker, [sample]);
      let before = right.length + 1;
      for (const { offset } of joins.slice(0, 3)) {
        const shown = await thumbnails(sample.subarray(offset), "mpeg");
        assert(shown.length > 20 && shown.length < before, `${shown.length}`);
        assertEquals(countBad(shown, right), 0, `from ${offset}`);
        before = shown.length;
      }
    },
  });
}

Deno.test("mpegps: missingBytes leads to the next pack or packet", () => {
  const sample = mediaSample("mpegps_vob.vob");
  const ignore = (): void => {};
  for (let cut = 1; cut < 20_000; cut += 7) {
    const tracker = MPEGPS.tracker({
      init: ignore,
      join: ignore,
      info: ignore,
      corruption: ignore,
      giveUp: ignore,
    });
    tracker.push(sample.subarray(0, cut));
    const next = cut + tracker.missingBytes;
    const start = [...sample.subarray(next, next + 3)];
    // A head that is cut does not tell the length; it is completed itself.
    const before = sample.subarray(cut - 5, cut - 2).join();
    const isHead = tracker.missingBytes < 14 || before === "0,0,1";
    assert(isHead || start.join() === "0,0,1", `cut at ${cut}: ${start}`);
  }
});

Deno.test("mpegps: audio alone is joined at packs", () => {
  const sample = mediaSample("mpegps_audio.vob");
  const { joins, infos } = track(MPEGPS.tracker, [sample]);
  assertEquals(joins.map(({ offset }) => offset), [6144, 8192, 10240]);
  assertEquals(infos.at(-1)?.video, false);
});

Deno.test("mpegps: garbage is one corruption, and the next pack is found", () => {
  const sample = mediaSample("mpegps_vob.vob");
  const { joins } = track(MPEGPS.tracker, [sample]);
  const at = joins[1]!.offset;
  const garbage = new Uint8Array(3000).fill(0x55);
  const bytes = concat([sample.subarray(0, at), garbage, sample.subarray(at)]);
  const found = track(MPEGPS.tracker, [bytes]);
  assertEquals(found.corruptions, ["no pack or packet"]);
  assertEquals(
    found.joins.map(({ offset }) => offset),
    joins.map(({ offset }) => offset < at ? offset : offset + garbage.length),
  );
});

Deno.test("readStreamMap() reads the types of a program stream map", () => {
  const map = Uint8Array.of(
    ...[0, 0, 1, 0xbc, 0, 20, 0xe0, 0xff, 0, 2, 9, 9, 0, 10],
    ...[0x1b, 0xe0, 0, 2, 7, 7, 0x0f, 0xc0, 0, 0, 1, 2, 3, 4],
  );
  assertEquals([...readStreamMap(map)], [[0xe0, 0x1b], [0xc0, 0x0f]]);
  assertEquals(readStreamMap(map.subarray(0, 12)).size, 0);
});
