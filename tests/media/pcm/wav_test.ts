import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { WAV } from "../../../lib/media/pcm/wav.ts";
import { decodeJoins, mediaSample } from "../../helpers/decode_joins.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const PIPE = mediaSample("wav_pipe.wav");
const S24 = mediaSample("wav_s24.wav");

/** Each sample with where its samples begin, the bytes of a block, and its length in seconds. */
const SAMPLES: readonly [string, number, number, string][] = [
  ["wav_pipe.wav", 78, 2, "3.000"],
  ["wav_s24.wav", 102, 6, "2.000"],
  ["wav_rf64.wav", 114, 2, "2.000"],
  ["wav_adpcm.wav", 94, 1024, "4.082"],
];

for (const [name, from, block, seconds] of SAMPLES) {
  joinSuite(name, WAV.tracker, mediaSample(name), 100);
  decodeJoins(name, WAV.tracker, false);
  Deno.test(`${name}: joins at whole blocks, at most 50 in a second`, () => {
    const { joins, time } = track(WAV.tracker, [mediaSample(name)]);
    assertEquals(joins[0]?.offset, from);
    for (const { offset } of joins) assertEquals((offset - from) % block, 0);
    assertEquals(time?.toFixed(3), seconds);
    const least = Number(seconds) * 50;
    assertEquals(joins.length, block > 100 ? 32 : least);
  });
}

Deno.test("wav: init is a header of unknown length with the format alone", () => {
  const { joins, infos } = track(WAV.tracker, [PIPE]);
  const init = new TextDecoder("latin1").decode(joins[0]?.init);
  assertEquals(init.slice(0, 16), "RIFF\xff\xff\xff\xffWAVEfmt ");
  assertEquals(init.slice(36), "data\xff\xff\xff\xff");
  assertEquals(infos, [{
    container: "wav",
    mime: "audio/wav",
    codecs: ["1"],
    video: false,
  }]);
});

Deno.test("wav: a chunk after the samples is skipped, and a new RIFF starts again", () => {
  const list = Uint8Array.of(76, 73, 83, 84, 4, 0, 0, 0, 1, 2, 3, 4);
  const { joins, gaveUp } = track(WAV.tracker, [S24, list, S24]);
  assertEquals(gaveUp, undefined);
  assertEquals(joins.length, 200);
  assertEquals(joins[100]?.offset, S24.length + list.length + 102);
  assertEquals(joins[100]?.time, 2);
});

Deno.test("wav: gives up on a header that cannot be", () => {
  const cases: [Uint8Array, string][] = [
    [Uint8Array.of(...PIPE.subarray(0, 8), 0, 0, 0, 0), "no RIFF header"],
    [with32(PIPE, 16, 0xffffffff), "a format chunk of 4294967295 bytes"],
    [with32(PIPE, 28, 0), "a format without a byte rate"],
    [with32(PIPE, 40, 0xfffffff0), "a chunk of 4294967280 bytes"],
    [concat([PIPE.subarray(0, 12), PIPE.subarray(70)]), "samples without"],
  ];
  for (const [bytes, why] of cases) {
    const { gaveUp } = track(WAV.tracker, [bytes]);
    assertEquals(gaveUp?.slice(0, why.length), why);
  }
});

function with32(sample: Uint8Array, at: number, value: number): Uint8Array {
  const bytes = sample.slice();
  new DataView(bytes.buffer).setUint32(at, value, true);
  return bytes;
}

Deno.test("wav: missingBytes completes the block that the end cuts", () => {
  for (const [length, missing] of [[102, 0], [103, 5], [107, 1], [1000, 2]]) {
    const tracker = WAV.tracker({
      init: () => {},
      join: () => {},
      info: () => {},
      corruption: () => {},
      giveUp: () => {},
    });
    tracker.push(S24.subarray(0, length));
    assertEquals(tracker.missingBytes, missing, `after ${length} bytes`);
  }
});

/** A chunk with its padding byte. */
function chunk(name: string, data: Uint8Array, size = data.length): Uint8Array {
  const head = new TextEncoder().encode(`${name}    `);
  new DataView(head.buffer).setUint32(4, size, true);
  return concat([head, data, new Uint8Array(data.length % 2)]);
}

const RIFF = new TextEncoder().encode("RIFFxxxxWAVE");
const FORMAT = PIPE.subarray(12, 36);

Deno.test("wav: chunks of odd sizes are padded, before the samples and behind them", () => {
  const list = chunk("LIST", new Uint8Array(7));
  const samples = chunk("data", new Uint8Array(8001));
  const file = [RIFF, list, FORMAT, samples];
  const begin = RIFF.length + list.length + FORMAT.length + 8;
  const { joins } = track(WAV.tracker, [concat(file)]);
  assertEquals(joins[0]?.offset, begin);
  const both = track(WAV.tracker, [concat([...file, ...file])]);
  assertEquals(both.gaveUp, undefined);
  assertEquals(both.joins.length, 2 * joins.length);
  assertEquals(
    both.joins[joins.length]?.offset,
    concat(file).length + begin,
  );
});

Deno.test("wav: a chunk before the samples has 16 MiB at most", () => {
  const most = 16 * 1024 * 1024;
  const rejects = (size: number): boolean => {
    const head = chunk("junk", new Uint8Array(), size);
    const pieces = [RIFF, head, new Uint8Array(size), FORMAT];
    return track(WAV.tracker, pieces).gaveUp !== undefined;
  };
  assertEquals([rejects(most), rejects(most + 2)], [false, true]);
});

Deno.test("wav: the size in ds64 is that of its own file", () => {
  const sizes = new Uint8Array(28);
  new DataView(sizes.buffer).setUint32(8, 8000, true);
  const rf64 = RIFF.slice();
  rf64.set(new TextEncoder().encode("RF64"));
  const unknown = (bytes: number): Uint8Array =>
    chunk("data", new Uint8Array(bytes), 0xffffffff);
  const first = [rf64, chunk("ds64", sizes), FORMAT, unknown(8000)];
  const { joins } = track(WAV.tracker, [concat(first)]);
  const second = [RIFF, FORMAT, unknown(32_000)];
  const both = track(WAV.tracker, [concat([...first, ...second])]);
  assertEquals(both.gaveUp, undefined);
  assertEquals(both.joins.length, 5 * joins.length);
  const begin = concat(first).length + RIFF.length + FORMAT.length + 8;
  assertEquals(both.joins[joins.length]?.offset, begin);
});
