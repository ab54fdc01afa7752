import { assertAlmostEquals, assertEquals } from "@std/assert";
import { ClockJumps } from "../../lib/hub/clock_jumps.ts";
import { Broadcast } from "../../lib/hub/broadcast.ts";
import { trackerFor } from "../../lib/media/tracker_for.ts";
import { fromRoot } from "../helpers/root.ts";

const INIT = new Uint8Array();

/** Seconds on the media's clock, and seconds that have passed since the join point before. */
type Steps = readonly (readonly [time: number, passed: number])[];

function jumpsOf(steps: Steps): [count: number, seconds: number] {
  const jumps = new ClockJumps();
  let arrival = 0;
  for (const [time, passed] of steps) {
    arrival += passed * 1000;
    jumps.join({ time, arrival, init: INIT }, false);
  }
  return [jumps.count, jumps.seconds];
}

Deno.test("ClockJumps counts what goes back and what leaps, and nothing else", () => {
  const cases: readonly [
    why: string,
    steps: Steps,
    count: number,
    by: number,
  ][] = [
    ["steady", [[5, 0], [7, 2], [9, 2], [11, 2]], 0, 0],
    ["back", [[5, 0], [7, 2], [0, 2], [2, 2]], 1, -7],
    ["reordered", [[5, 0], [5.1, 0.1], [5, 0.1], [5.2, 0.1]], 0, 0],
    ["ahead", [[5, 0], [7, 2], [3609, 2], [3611, 2]], 1, 3600],
    ["late network", [[5, 0], [7, 2], [9, 12], [11, 0], [13, 0]], 0, 0],
    ["a pause", [[5, 0], [7, 2], [69, 62], [71, 2]], 0, 0],
    ["sent at once", [[0, 0], [12, 0], [24, 0], [30, 0], [42, 0]], 0, 0],
    ["there and back", [[0, 0], [2, 2], [90, 2], [4, 0], [6, 2]], 2, -86],
  ];
  for (const [why, steps, count, by] of cases) {
    const [counted, seconds] = jumpsOf(steps);
    assertEquals(counted, count, why);
    assertAlmostEquals(seconds, by, 1e-9, why);
  }
});

/** Containers with a clock, each with a sample of some seconds. */
const SAMPLES: readonly string[] = [
  ...["mpegts_h264_aac.mpegts", "fmp4_h264_aac.mp4", "matroska_h264_aac.mkv"],
  ...["webm_opus.webm", "flv_h264_aac.flv", "nut_h264_aac.nut"],
  ...["mpegps_vob.vob"],
];

/** Containers that have no clock, or one that starts again by right. */
const WITHOUT: readonly string[] = [
  ...["ogg_opus.ogg", "adts.aac", "h264_default.h264"],
];

async function jumpsIn(name: string, times: number): Promise<ClockJumps> {
  const media = await Deno.readFile(fromRoot(`tests/vectors/media/${name}`));
  const broadcast = new Broadcast({
    ...{ begin: 0, now: () => 0 },
    tracker: trackerFor({ bufsize: 0, format: undefined }),
  });
  for (let i = 0; i < times; i++) broadcast.push(media);
  broadcast.close(media.length * times);
  return broadcast.clockJumps;
}

for (const name of SAMPLES) {
  Deno.test(`a file that is sent again makes its clock jump back: ${name}`, async () => {
    assertEquals((await jumpsIn(name, 1)).count, 0);
    const { count, seconds } = await jumpsIn(name, 3);
    assertEquals([count, seconds < 0], [2, true]);
  });
}

for (const name of WITHOUT) {
  Deno.test(`nothing is a jump without a clock that runs on: ${name}`, async () => {
    assertEquals((await jumpsIn(name, 3)).count, 0);
  });
}

Deno.test("no recording's clock jumps by itself", async () => {
  for await (const { name } of Deno.readDir(fromRoot("tests/vectors/media"))) {
    if (name.endsWith(".sh")) continue;
    assertEquals((await jumpsIn(name, 1)).count, 0, name);
  }
});
