import { assert, assertEquals } from "@std/assert";
import { Cursor } from "../../lib/hub/cursor.ts";
import { JoinIndex } from "../../lib/hub/join_index.ts";
import { SEGMENT_BYTES } from "../../lib/hub/segment_log.ts";
import { drain, openChannel } from "./scripted_media.ts";

const NO_INIT = new Uint8Array();

/** An index with joins at these arrivals in milliseconds; the offset is the place in the list. */
function arrivedAt(arrivals: readonly number[]): JoinIndex {
  const joins = new JoinIndex();
  arrivals.forEach((now, offset) => joins.add({ offset }, 0, NO_INIT, now));
  return joins;
}

/** Every join's offset, oldest first; trims the index empty. */
function offsets(joins: JoinIndex): number[] {
  const found: number[] = [];
  for (let join = joins.oldest; join; join = joins.oldest) {
    found.push(join.offset);
    joins.trim(join.offset + 1);
  }
  return found;
}

Deno.test("JoinIndex is empty at first", () => {
  const joins = new JoinIndex();
  assertEquals(joins.newest, undefined);
  assertEquals(joins.oldest, undefined);
  assertEquals(joins.back(1, undefined, 0), undefined);
  assertEquals(joins.atOrAfter(0), undefined);
});

Deno.test("JoinIndex.add() keeps what a joiner needs, on the log's offsets", () => {
  const joins = new JoinIndex();
  const init = new Uint8Array([1]);
  const prefix = new Uint8Array([2]);
  const reset = new Uint8Array([3]);
  joins.add({ offset: 7, prefix, reset, time: 1.5 }, 100, init, 33);
  assertEquals(joins.newest, {
    offset: 107,
    leave: 107,
    init,
    prefix,
    reset,
    time: 1.5,
    arrival: 33,
  });
});

Deno.test("JoinIndex.add() thins to one in 50 ms, and keeps the newest exact", () => {
  const arrivals = Array.from({ length: 101 }, (_, i) => i * 10); // 0 … 1000 ms
  for (let count = 1; count <= arrivals.length; count++) {
    const joins = arrivedAt(arrivals.slice(0, count));
    assertEquals(joins.newest?.offset, count - 1);
  }
  const kept = offsets(arrivedAt(arrivals)).map((offset) => offset * 10);
  for (let i = 1; i < kept.length - 1; i++) {
    assert(kept[i]! - kept[i - 1]! >= 50, kept.join(" "));
    assert(kept[i]! - kept[i - 1]! <= 60, kept.join(" "));
  }
  assertEquals(kept[0], 0);
});

Deno.test("JoinIndex.add() keeps joins that are far apart", () => {
  assertEquals(offsets(arrivedAt([0, 500, 1000, 1500])), [0, 1, 2, 3]);
});

Deno.test("JoinIndex.add() keeps a bounded number, the newest of them", () => {
  const arrivals = Array.from({ length: 10_000 }, (_, i) => i * 100);
  const kept = offsets(arrivedAt(arrivals));
  assert(kept.length <= 2048, `${kept.length}`);
  assert(kept.length >= 1024, `${kept.length}`);
  assertEquals(kept.at(-1), 9999);
});

Deno.test("JoinIndex.trim() forgets what lies before an offset", () => {
  const joins = arrivedAt([0, 100, 200, 300]);
  joins.trim(0);
  assertEquals(joins.oldest?.offset, 0);
  joins.trim(2);
  assertEquals(joins.oldest?.offset, 2);
  joins.trim(99);
  assertEquals(joins.oldest, undefined);
  assertEquals(joins.newest, undefined);
});

Deno.test("JoinIndex.atOrAfter() finds the first one from an offset on", () => {
  const joins = new JoinIndex();
  for (const offset of [10, 20, 30]) {
    joins.add({ offset }, 0, NO_INIT, offset * 100);
  }
  const found = [0, 10, 11, 20, 30, 31].map((at) => joins.atOrAfter(at));
  assertEquals(found.map((join) => join?.offset), [
    10,
    10,
    20,
    20,
    30,
    undefined,
  ]);
});

Deno.test("JoinIndex.back() goes back by arrival where the media has no clock", () => {
  const joins = arrivedAt([0, 1000, 2000, 3000]);
  const back = (seconds: number): number | undefined =>
    joins.back(seconds, undefined, 3500)?.offset;
  assertEquals([0.5, 0.6, 1.5, 2.4, 3.5].map(back), [3, 2, 2, 1, 0]);
  assertEquals(back(60), 0); // the oldest, when none is so old
});

Deno.test("JoinIndex.back() goes back by media time where it came faster than it plays", () => {
  const joins = new JoinIndex();
  // Ten seconds of media in one second.
  for (let i = 0; i < 10; i++) {
    joins.add({ offset: i, time: 50 + i }, 0, NO_INIT, i * 100);
  }
  const back = (seconds: number): number | undefined =>
    joins.back(seconds, 60, 1000)?.offset;
  assertEquals([1, 3, 3.5, 10].map(back), [9, 7, 6, 0]);
});

Deno.test("JoinIndex counts init that neighbours share once, and what is forgotten not at all", () => {
  const joins = new JoinIndex();
  const [first, second] = [new Uint8Array(100), new Uint8Array(1000)];
  const [prefix, reset] = [new Uint8Array(4), new Uint8Array(3)];
  joins.add({ offset: 0 }, 0, first, 0);
  joins.add({ offset: 1, prefix, reset }, 0, first, 100);
  assertEquals(joins.heldBytes, 107);
  joins.add({ offset: 2 }, 0, second, 200);
  joins.add({ offset: 3 }, 0, second, 300);
  assertEquals(joins.heldBytes, 1107);
  joins.trim(1);
  assertEquals(joins.heldBytes, 1107);
  joins.trim(3);
  assertEquals(joins.heldBytes, 1000);
  joins.trim(4);
  assertEquals(joins.heldBytes, 0);
});

Deno.test("JoinIndex forgets old join points when each brings an init of its own, and keeps the newest", () => {
  const joins = new JoinIndex();
  const bytes = 300 * 1024;
  for (let offset = 0; offset < 100; offset++) {
    joins.add({ offset }, 0, new Uint8Array(bytes), offset * 100);
    assert(joins.heldBytes <= 1024 * 1024);
    assertEquals(joins.newest?.offset, offset);
  }
  assertEquals(joins.heldBytes, 3 * bytes);
  assertEquals(offsets(joins), [97, 98, 99]);
});

Deno.test("JoinIndex counts join points that are thinned out not at all", () => {
  const joins = new JoinIndex();
  for (let offset = 0; offset < 1000; offset++) {
    joins.add({ offset }, 0, new Uint8Array(10), offset);
  }
  const kept = offsets(joins).length;
  assert(kept < 30, `${kept}`);
  assertEquals(joins.heldBytes, 0);
});

Deno.test("Cursor starts at a fallback once no join point is in the backlog, and only then", () => {
  const { channel, media, clock } = openChannel(2);
  const start = (): number | undefined => {
    const cursor = new Cursor(channel, { start: "join", burst: 0 });
    const { bytes } = drain(cursor);
    return bytes[0];
  };
  /** Appends a segment that begins with its number, at which decoding can start. */
  const append = (kind: "join" | "fallbackJoin", number: number): void => {
    clock.now += 1000;
    media.sink[kind]?.({ offset: number * SEGMENT_BYTES });
    channel.append(new Uint8Array(SEGMENT_BYTES).fill(number));
  };
  append("join", 0);
  append("fallbackJoin", 1);
  assertEquals(start(), 0);
  append("fallbackJoin", 2);
  append("fallbackJoin", 3);
  assertEquals(channel.log.first > 0, true);
  assertEquals(start(), 3);
  append("join", 4);
  append("fallbackJoin", 5);
  assertEquals(start(), 4);
});

Deno.test("JoinIndex.interval is known although the backlog never holds two join points", () => {
  const joins = arrivedAt([1000]);
  assertEquals(joins.interval(-Infinity), undefined);
  joins.trim(1);
  assertEquals(joins.interval(-Infinity), undefined);
  joins.add({ offset: 1 }, 0, NO_INIT, 11_000);
  assertEquals(joins.interval(-Infinity), 10);
  joins.trim(2);
  assertEquals(joins.interval(-Infinity), 10);
  joins.add({ offset: 2, time: 7 }, 0, NO_INIT, 19_000);
  assertEquals(joins.interval(-Infinity), 8);
  joins.add({ offset: 3, time: 9 }, 0, NO_INIT, 29_000);
  assertEquals(joins.interval(-Infinity), 2, "of those that are kept");
});

Deno.test("JoinIndex.interval() goes by the arrivals once the media's clock has jumped", () => {
  const joins = new JoinIndex();
  const init = new Uint8Array();
  for (const [index, time] of [0, 2, 3602, 3604].entries()) {
    joins.add({ offset: index, time }, 0, init, index * 2000);
  }
  assertEquals(joins.interval(4000), 2);
  joins.trim(2);
  assertEquals(joins.interval(4000), 2, "what is left is behind the jump");
  joins.trim(3);
  assertEquals(joins.interval(6000), 2);
});
