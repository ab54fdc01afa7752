import { assert, assertEquals } from "@std/assert";
import { type Piece, Splice } from "../../lib/cluster/splice.ts";
import { seededRandom } from "../helpers/rng.ts";

function piece(offset: number, length: number): Piece {
  const bytes = Uint8Array.from({ length }, (_, i) => (offset + i) % 251);
  return { offset, bytes, age: 0 };
}

Deno.test("Splice gives every byte once and in order, whatever is lost, doubled or out of order", () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = seededRandom(seed);
    const start = random(1000);
    const splice = new Splice(start);
    let [given, head] = [start, start];
    for (let step = 0; step < 200; step++) {
      const length = 1 + random(50);
      // What arrives, what is asked for again, and anything.
      const kind = random(4);
      if (kind === 0 && random(3) > 0) head += length; // lost
      const offset = kind < 2
        ? head
        : kind === 2
        ? splice.next
        : Math.max(0, head - random(200));
      const got = splice.take(piece(offset, length));
      head = Math.max(head, offset + length);
      for (const { offset: at, bytes } of got) {
        assertEquals(at, given);
        assertEquals(bytes, piece(at, bytes.length).bytes);
        given += bytes.length;
      }
      assertEquals(splice.next, given);
      assert(splice.next <= head);
    }
    splice.take(piece(given, head - given));
    assertEquals([splice.next, splice.hasGap], [head, false]);
  }
});

Deno.test("Splice keeps no view of what it holds, and holds no more than its cap", () => {
  const splice = new Splice(0);
  const late = piece(10, 5);
  splice.take(late);
  const wanted = late.bytes.slice();
  late.bytes.fill(255);
  assertEquals(splice.take(piece(0, 10)).at(-1)?.bytes, wanted);
  const megabyte = new Uint8Array(1024 * 1024);
  for (let at = 1; at <= 20; at++) {
    splice.take({ offset: 15 + at * megabyte.length, bytes: megabyte, age: 0 });
  }
  splice.take({ offset: 15, bytes: megabyte, age: 0 });
  assertEquals(splice.next, 15 + 9 * megabyte.length, "eight were held");
});
