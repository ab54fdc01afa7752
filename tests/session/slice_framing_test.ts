import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  MAX_COPY_BYTES,
  SharedFraming,
  SliceFraming,
} from "../../lib/session/slice_framing.ts";

/** Puts the length before a piece, and `.` behind it. */
const DOTTED = {
  header: (length: number): Uint8Array => text(`${length}:`),
  trailer: text("."),
};

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

Deno.test("SliceFraming copies a slice once for all watchers, and none that is large", () => {
  const framing = new SliceFraming(DOTTED);
  const slice = text("media");
  const [framed] = framing.wrap(slice, 0);
  assertEquals(framed, text("5:media."));
  assertStrictEquals(framing.wrap(slice, 0)[0], framed);
  assert(framing.wrap(text("other"), 0)[0] !== framed);
  const most = new Uint8Array(MAX_COPY_BYTES);
  assertEquals(framing.wrap(most, 0).length, 1);
  const large = new Uint8Array(MAX_COPY_BYTES + 1);
  const parts = framing.wrap(large, 0);
  assertEquals([parts[0], parts[2]], [text(`${large.length}:`), text(".")]);
  assertStrictEquals(parts[1], large);
  const bare = new SliceFraming({ ...DOTTED, trailer: new Uint8Array() });
  assertEquals(bare.wrap(large, 0).length, 2);
});

Deno.test("SharedFraming has one framing for each channel", () => {
  const shared = new SharedFraming(() => DOTTED);
  const [one, other] = [{}, {}];
  assertStrictEquals(shared.of(one), shared.of(one));
  assert(shared.of(one) !== shared.of(other));
});
