import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { piecesOf, randomPiecesOf } from "../helpers/chunkings.ts";
import { slow } from "../helpers/fast.ts";
import { assertDecoded, decode } from "../helpers/websocket_decoding.ts";
import type { AutobahnCase } from "./autobahn_case.ts";
import { PROTOCOL_CASES } from "./autobahn_protocol.ts";
import { sizeCases } from "./autobahn_sizes.ts";
import { UTF8_CASES } from "./autobahn_utf8.ts";

/** Sizes of chunks, bytes; odd ones put every boundary somewhere. */
const CHUNK_BYTES = [1, 3, 7, 997];

function* chunkingsOf(
  { frames, chop }: AutobahnCase,
): Generator<[string, Iterable<Uint8Array>]> {
  const bytes = concat(frames);
  if (chop) return yield [`chunks of ${chop}`, piecesOf(bytes, chop)];
  yield ["one chunk", [bytes]];
  yield ["frame by frame", frames];
  for (const size of CHUNK_BYTES) {
    yield [`chunks of ${size}`, piecesOf(bytes, size)];
  }
  yield ["random chunks", randomPiecesOf(bytes, 40, 1)];
}

function check(each: AutobahnCase): void {
  const { items, code } = each;
  const expected = code === undefined
    ? { items: [...items] }
    : { items: [...items], code };
  for (const [name, chunks] of chunkingsOf(each)) {
    assertDecoded(decode(chunks), expected, `${each.id}, ${name}`);
  }
}

for (const [section, cases] of Object.entries(PROTOCOL_CASES)) {
  Deno.test(`WebSocketDecoder passes Autobahn section ${section}`, () => {
    for (const each of cases()) check(each);
  });
}

Deno.test("WebSocketDecoder passes Autobahn section 6 UTF-8", () => {
  for (const each of UTF8_CASES) check(each);
});

Deno.test(
  slow("WebSocketDecoder passes Autobahn sections 9 and 10 sizes"),
  () => {
    let count = 0;
    for (const each of sizeCases()) {
      count++;
      check(each);
    }
    assertEquals(count, 54 + 1);
  },
);

Deno.test("the tables have every case of the protocol sections, and six more close codes", () => {
  const counts = Object.values(PROTOCOL_CASES).map((cases) => cases().length);
  assertEquals(counts, [16, 11, 7, 10, 20, 37 + 6]);
  assertEquals(UTF8_CASES.length, 145);
});
