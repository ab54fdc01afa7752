import { assert, assertEquals } from "@std/assert";
import { StreamPosition } from "../../../../lib/web/pages/watch/stream_position.js";

const PLACE = { id: "00ff", offset: 1000, lead: 10 };

/** The position after a decoder was given messages of these lengths. */
function after(...lengths: readonly number[]): string | undefined {
  const position = new StreamPosition(PLACE);
  for (const length of lengths) position.add(length);
  return position.text;
}

Deno.test("StreamPosition counts media, and not the lead before it, however it is cut into messages", () => {
  assertEquals(after(10), "00ff:1000");
  assertEquals(after(10, 5), "00ff:1005");
  assertEquals(after(4, 6, 5, 0, 3), "00ff:1008");
  assertEquals(after(15), "00ff:1005");
  assertEquals(after(...new Array<number>(13).fill(1)), "00ff:1003");
});

Deno.test("StreamPosition has no text while lead is missing, or without the server's word", () => {
  assertEquals(after(), undefined);
  assertEquals(after(9), undefined);
  assertEquals(new StreamPosition({}).text, undefined);
  assertEquals(new StreamPosition({ id: "00ff", offset: 1 }).text, undefined);
  assertEquals(new StreamPosition({ id: "00ff", lead: 0 }).text, undefined);
  assertEquals(new StreamPosition({ offset: 1, lead: 0 }).text, undefined);
});

Deno.test("StreamPosition is continued by the same byte of the same broadcast, without lead", () => {
  const position = new StreamPosition({ ...PLACE, lead: 0 });
  const continues = (place: object): boolean =>
    position.isContinuedBy(new StreamPosition({ ...PLACE, lead: 0, ...place }));
  assert(continues({}));
  assert(!continues({ lead: 1 }));
  assert(!continues({ offset: 1001 }));
  assert(!continues({ id: "00fe" }));
  assert(!new StreamPosition({}).isContinuedBy(new StreamPosition({})));
});
