import { assertEquals } from "@std/assert";
import type { ContainerFormat } from "../../../lib/media/container.ts";
import { AIFF } from "../../../lib/media/pcm/aiff.ts";
import { AU } from "../../../lib/media/pcm/au.ts";
import { CAF } from "../../../lib/media/pcm/caf.ts";
import { spliceLead } from "../../../lib/media/splice.ts";
import { decodeJoins, mediaSample } from "../../helpers/decode_joins.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

/** Each sample with its container, bytes before the samples, and bytes of a block. */
const SAMPLES: readonly [string, ContainerFormat, number, number][] = [
  ["au_pipe.au", AU, 32, 2],
  ["aiff_file.aiff", AIFF, 54, 4],
  ["aiff_float.aifc", AIFF, 72, 4],
  ["caf_pipe.caf", CAF, 130, 2],
];

for (const [name, format, headerBytes, blockBytes] of SAMPLES) {
  const sample = mediaSample(name);
  joinSuite(name, format.tracker, sample);
  decodeJoins(name, format.tracker, false);

  Deno.test(`${name}: joins at blocks of samples, 20 ms apart`, () => {
    const { joins, infos, time } = track(format.tracker, [sample]);
    const step = 160 * blockBytes;
    assertEquals(joins.length, 100);
    joins.forEach(({ offset, time }, i) => {
      assertEquals(offset, headerBytes + i * step);
      assertEquals(time!.toFixed(2), (i * 0.02).toFixed(2));
    });
    assertEquals(time?.toFixed(2), "2.00");
    assertEquals(infos.map(({ container }) => container), [format.name]);
  });

  Deno.test(`${name}: missingBytes completes a block, and only the same format is followed`, () => {
    const ignore = (): void => {};
    for (let more = 0; more < 2 * blockBytes; more++) {
      const tracker = format.tracker({
        init: ignore,
        join: ignore,
        info: ignore,
        corruption: ignore,
        giveUp: ignore,
      });
      tracker.push(sample.subarray(0, headerBytes + 640 + more));
      const over = more % blockBytes;
      assertEquals(tracker.missingBytes, over && blockBytes - over);
    }
    const { joins, infos } = track(format.tracker, [sample]);
    const stream = { info: infos[0], init: joins[0]!.init, time: undefined };
    assertEquals(spliceLead(stream, stream), new Uint8Array());
    const other = { ...stream, init: stream.init.slice(0, -1) };
    assertEquals(spliceLead(stream, other), undefined);
  });
}

Deno.test("aiff: takes rates from 1 to 10,000,000 and blocks up to 64 KiB", () => {
  const aiff = mediaSample("aiff_file.aiff");
  // Where a Common chunk has the channels and, behind the exponent, the rate as a number of 32 bits.
  const [channelsAt, exponentAt] = [12 + 8, 12 + 8 + 8];
  const rejects = ([channels, rate]: readonly [number, number]): boolean => {
    const changed = aiff.slice();
    const view = new DataView(changed.buffer);
    const bits = rate === 0 ? 0 : Math.floor(Math.log2(rate));
    view.setUint16(channelsAt, channels);
    view.setUint16(exponentAt, 16383 + bits);
    view.setUint32(exponentAt + 2, rate * 2 ** (31 - bits));
    return track(AIFF.tracker, [changed]).gaveUp !== undefined;
  };
  const rows = [[1, 0], [1, 1], [1, 9_999_999], [1, 10_000_000]] as const;
  assertEquals(rows.map((row) => rejects(row)), [true, false, false, true]);
  const blocks = [[0, 8000], [32768, 8000], [32769, 8000]] as const;
  assertEquals(blocks.map((row) => rejects(row)), [true, false, true]);
});

Deno.test("au, aiff, caf: give up on what has no constant rate", () => {
  const au = mediaSample("au_pipe.au").slice();
  au[15] = 23; // G.721, in blocks of 5 bits
  assertEquals(
    track(AU.tracker, [au]).gaveUp,
    "a format that is unknown in AU",
  );
  const aifc = mediaSample("aiff_float.aifc").slice();
  aifc.set(new TextEncoder().encode("ima4"), 12 + 12 + 8 + 18);
  const rejected = track(AIFF.tracker, [aifc]).gaveUp;
  const caf = mediaSample("caf_pipe.caf").slice();
  caf.fill(0, 8 + 12 + 16, 8 + 12 + 20);
  assertEquals([rejected, track(CAF.tracker, [caf]).gaveUp], [
    "samples of AIFF without a constant rate",
    "samples of CAF without a constant rate",
  ]);
});
