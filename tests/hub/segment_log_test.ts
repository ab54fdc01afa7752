import { assert, assertEquals, assertThrows } from "@std/assert";
import { equals } from "@std/bytes";
import { SEGMENT_BYTES, SegmentLog } from "../../lib/hub/segment_log.ts";
import { pattern } from "../helpers/pattern.ts";

/** Everything that a log holds, read slice by slice. */
function contents(log: SegmentLog): Uint8Array {
  const bytes = new Uint8Array(log.last - log.first);
  for (let at = log.first; at < log.last;) {
    const slice = log.read(at);
    bytes.set(slice, at - log.first);
    at += slice.length;
  }
  return bytes;
}

Deno.test("SegmentLog is empty at first", () => {
  const log = new SegmentLog(1);
  assertEquals([log.first, log.last, log.heldBytes], [0, 0, 0]);
  assertEquals(log.read(0).length, 0);
});

Deno.test("SegmentLog.append() and read() agree around the end of a segment", () => {
  const lengths = [
    1,
    SEGMENT_BYTES - 1,
    SEGMENT_BYTES,
    SEGMENT_BYTES + 1,
    2 * SEGMENT_BYTES - 1,
    2 * SEGMENT_BYTES,
    2 * SEGMENT_BYTES + 1,
  ];
  for (const first of lengths) {
    for (const second of lengths) {
      const log = new SegmentLog(8 * SEGMENT_BYTES);
      log.append(pattern(0, first));
      log.append(pattern(first, second));
      assertEquals(log.last, first + second);
      assertEquals(log.first, 0);
      const same = equals(contents(log), pattern(0, first + second));
      assert(same, `${first} and ${second} bytes`);
    }
  }
});

Deno.test("SegmentLog.append() of many small chunks keeps their order", () => {
  const log = new SegmentLog(2 * SEGMENT_BYTES);
  const total = SEGMENT_BYTES + 12_345;
  for (let at = 0; at < total; at += 777) {
    log.append(pattern(at, Math.min(777, total - at)));
  }
  assert(equals(contents(log), pattern(0, total)));
});

Deno.test("SegmentLog.append() copies", () => {
  const log = new SegmentLog(SEGMENT_BYTES);
  const chunk = new Uint8Array([1, 2, 3]);
  log.append(chunk);
  chunk.fill(9);
  assertEquals(log.read(0), new Uint8Array([1, 2, 3]));
});

Deno.test("SegmentLog.read() ends at the segment's end", () => {
  const log = new SegmentLog(4 * SEGMENT_BYTES);
  log.append(pattern(0, SEGMENT_BYTES + 10));
  assertEquals(log.read(SEGMENT_BYTES - 3).length, 3);
  assertEquals(log.read(SEGMENT_BYTES).length, 10);
  assertEquals(log.read(SEGMENT_BYTES + 10).length, 0);
});

Deno.test("SegmentLog.read() at the head is empty when the head is at a segment's end", () => {
  const log = new SegmentLog(4 * SEGMENT_BYTES);
  log.append(pattern(0, SEGMENT_BYTES));
  assertEquals(log.read(SEGMENT_BYTES).length, 0);
});

Deno.test("SegmentLog drops whole segments from the tail, and keeps counting offsets", () => {
  const log = new SegmentLog(2 * SEGMENT_BYTES);
  log.append(pattern(0, 2 * SEGMENT_BYTES));
  assertEquals(log.first, 0); // exactly at the cap
  log.append(pattern(2 * SEGMENT_BYTES, 1));
  assertEquals(log.first, SEGMENT_BYTES);
  assertEquals(log.last, 2 * SEGMENT_BYTES + 1);
  assert(
    equals(contents(log), pattern(SEGMENT_BYTES, SEGMENT_BYTES + 1)),
  );
});

Deno.test("SegmentLog never holds more than the cap and one segment", () => {
  const log = new SegmentLog(3 * SEGMENT_BYTES);
  for (let i = 0; i < 40; i++) {
    log.append(new Uint8Array(100_000));
    assert(log.heldBytes <= 4 * SEGMENT_BYTES);
    assert(log.last - log.first <= 3 * SEGMENT_BYTES);
  }
  assertEquals(log.last, 4_000_000);
});

Deno.test("SegmentLog.append() of more than the cap keeps the newest of it", () => {
  const log = new SegmentLog(SEGMENT_BYTES);
  const total = 5 * SEGMENT_BYTES + 7;
  log.append(pattern(0, total));
  assertEquals([log.first, log.last], [5 * SEGMENT_BYTES, total]);
  assert(equals(contents(log), pattern(5 * SEGMENT_BYTES, 7)));
});

Deno.test("SegmentLog: a slice stays valid after its segment was dropped", () => {
  const log = new SegmentLog(SEGMENT_BYTES);
  log.append(pattern(0, SEGMENT_BYTES));
  const slice = log.read(1000);
  const copy = slice.slice();
  log.append(new Uint8Array(4 * SEGMENT_BYTES).fill(0xee));
  assert(log.first > 1000);
  assert(equals(slice, copy));
});

Deno.test("SegmentLog: a slice of the newest segment is not written to", () => {
  const log = new SegmentLog(SEGMENT_BYTES);
  log.append(pattern(0, 100));
  const slice = log.read(0);
  log.append(pattern(100, 100));
  assertEquals(slice, pattern(0, 100));
});

Deno.test("SegmentLog.read() throws RangeError for what it does not hold", () => {
  const log = new SegmentLog(SEGMENT_BYTES);
  log.append(new Uint8Array(SEGMENT_BYTES + 5));
  for (const offset of [-1, 0, SEGMENT_BYTES - 1, SEGMENT_BYTES + 6]) {
    const why = `Cannot read at offset ${offset}: the log holds ` +
      `${SEGMENT_BYTES} to ${SEGMENT_BYTES + 5}`;
    assertThrows(() => log.read(offset), RangeError, why);
  }
});

Deno.test("SegmentLog.freeOldest() lets memory go at once, but never the segment that is filled", () => {
  const log = new SegmentLog(8 * SEGMENT_BYTES);
  log.append(pattern(0, SEGMENT_BYTES + 10), 7);
  log.append(pattern(SEGMENT_BYTES + 10, SEGMENT_BYTES), 9);
  const slice = log.read(5);
  assertEquals(log.oldestAt, 7);
  log.freeOldest();
  assertEquals(slice.length, 0);
  assertEquals([log.first, log.oldestAt], [SEGMENT_BYTES, 7]);
  log.freeOldest();
  log.freeOldest();
  assertEquals([log.first, log.oldestAt], [2 * SEGMENT_BYTES, 9]);
  assertEquals(log.read(log.first), pattern(log.first, 10));
  log.append(pattern(log.last, 5), 11);
  assertEquals(log.read(log.first), pattern(log.first, 15));
});

Deno.test("SegmentLog.clear() drops every byte and frees it, and the log can be filled again", () => {
  const log = new SegmentLog(4 * SEGMENT_BYTES);
  log.append(pattern(0, SEGMENT_BYTES + 100), 7);
  const slice = log.read(10);
  log.clear();
  assertEquals([log.first, log.last], Array(2).fill(SEGMENT_BYTES + 100));
  assertEquals([log.heldBytes, log.oldestAt], [0, undefined]);
  assertEquals(slice.length, 0);
  assertEquals(log.read(log.last).length, 0);
  log.append(new Uint8Array([1, 2]));
  assertEquals(log.read(log.first), new Uint8Array([1, 2]));
});
