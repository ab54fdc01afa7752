import { assertEquals, assertThrows } from "@std/assert";
import { EventParser } from "../../../../lib/web/pages/admin/event_parser.js";

/** What a server sends: two events, and a comment between them. */
const STREAM = 'event: stats\ndata: {"channels":[]}\n\n:\n\n' +
  'event: lost\ndata: {"count": 3}\n\n';

const EVENTS = [
  { event: "stats", data: '{"channels":[]}' },
  { event: "lost", data: '{"count": 3}' },
];

Deno.test("EventParser finds each event, wherever the text is cut", () => {
  for (let first = 0; first <= STREAM.length; first++) {
    for (let second = first; second <= STREAM.length; second += 7) {
      const parser = new EventParser();
      const parts = [
        STREAM.slice(0, first),
        STREAM.slice(first, second),
        STREAM.slice(second),
      ];
      assertEquals(parts.flatMap((part) => parser.push(part)), EVENTS);
    }
  }
});

Deno.test("EventParser finds each event in a text that comes by the character", () => {
  const parser = new EventParser();
  assertEquals([...STREAM].flatMap((each) => parser.push(each)), EVENTS);
});

Deno.test("EventParser keeps colons and braces of the data, and skips fields without any", () => {
  const parser = new EventParser();
  const data = '{"text":"a: b"}';
  assertEquals(
    parser.push(`id: 1\n\ndata: ${data}\n\n`),
    [{ event: "message", data }],
  );
});

Deno.test("EventParser rejects an event without an end", () => {
  const parser = new EventParser();
  const mebi = "x".repeat(1024 * 1024);
  assertThrows(() => {
    for (let n = 0; n < 9; n++) parser.push(mebi);
  }, RangeError);
});
