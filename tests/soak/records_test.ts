import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import { randomPiecesOf } from "../helpers/chunkings.ts";
import { makeRecord, RECORD_BYTES, RecordChecker } from "./records.ts";

/** Records of channel 1, one behind the other. */
function records(broadcast: number, from: number, to: number): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let sequence = from; sequence < to; sequence++) {
    all.push(makeRecord({ channel: 1, broadcast, sequence }));
  }
  return all;
}

/** Feeds a checker in random pieces. */
function check(parts: readonly Uint8Array[], seed = 1): RecordChecker {
  const checker = new RecordChecker(1);
  for (const piece of randomPiecesOf(concat(parts), 2 * RECORD_BYTES, seed)) {
    checker.push(piece);
  }
  return checker;
}

Deno.test("RecordChecker takes what follows, however it is cut", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const checker = check(records(1, 5, 25), seed);
    assertEquals([checker.records, checker.seams], [20, 0]);
  }
});

Deno.test("RecordChecker takes a torn record where the next broadcast begins, and only there", () => {
  const torn = records(1, 3, 4)[0]!.subarray(0, 1000);
  const zeros = new Uint8Array(RECORD_BYTES - 1000);
  for (const tail of [[], [torn], [torn, zeros]]) {
    const stream = [...records(1, 0, 3), ...tail, ...records(2, 0, 5)];
    const checker = check(stream);
    assertEquals([checker.records, checker.seams], [8, 1]);
  }
  const within = [...records(1, 0, 3), torn, ...records(1, 4, 20)];
  assertThrows(() => check(within), Error, "torn in mid-stream");
});

Deno.test("RecordChecker refuses gaps, repetitions, and what is another's", () => {
  const flipped = records(1, 3, 4)[0]!;
  flipped[2000]! ^= 1;
  const foreign = makeRecord({ channel: 2, broadcast: 1, sequence: 3 });
  const cases: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ["record 4 instead of 3", records(1, 4, 6)],
    ["record 2 instead of 3", records(1, 2, 6)],
    ["record 1 instead of 0", records(2, 1, 3)],
    ["a record of channel 2", [foreign]],
    ["torn in mid-stream", [flipped, ...records(1, 4, 9)]],
  ];
  for (const [why, parts] of cases) {
    assertThrows(() => check([...records(1, 0, 3), ...parts]), Error, why);
  }
  const back = [...records(2, 0, 2), ...records(1, 2, 4)];
  assertThrows(() => check(back), Error, "broadcast 1 again");
});
