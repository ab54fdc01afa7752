import { assertEquals, assertThrows } from "@std/assert";
import type { Sample } from "./sampler.ts";
import { trends } from "./verdict.ts";

/** Samples of a server whose memory and files go as told. */
function samples(
  rss: (at: number) => number,
  files: (at: number) => number,
): Sample[] {
  return Array.from({ length: 100 }, (_, at) => ({
    ...{ at, rssMb: rss(at), files: files(at) },
    ...{ answerMs: 3, delayMs: 3, watchers: 1, connections: 1 },
  }));
}

function rising(all: readonly Sample[]): string[] {
  return trends(all).filter(({ rises }) => rises).map(({ name }) => name);
}

Deno.test("trends() calls noise and warming up flat, and a leak rising", () => {
  const noise = (at: number): number => 150 + at % 7;
  const warming = (at: number): number => Math.min(150, at * 10);
  const leak = (at: number): number => 100 + at;
  assertEquals(rising(samples(noise, noise)), []);
  assertEquals(rising(samples(warming, warming)), []);
  assertEquals(rising(samples(leak, noise)), ["resident memory, MB"]);
  assertEquals(rising(samples(noise, leak)), ["open files"]);
});

Deno.test("trends() needs four samples", () => {
  const few = samples(() => 1, () => 1).slice(0, 3);
  assertThrows(() => trends(few), RangeError, "4 are needed");
});
