import { assert, assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import { WebSocketDecoder } from "../../lib/websocket/decoder.ts";
import {
  IDLE_FRAMES_PER_SECOND,
  MAX_IDLE_FRAMES,
} from "../../lib/websocket/idle_frame_limit.ts";
import { OPCODE } from "../../lib/websocket/opcodes.ts";
import { WebSocketError } from "../../lib/websocket/websocket_error.ts";
import {
  everySplitOf,
  piecesOf,
  randomPiecesOf,
} from "../helpers/chunkings.ts";
import { maskFragments, maskFrame } from "../helpers/mask_frame.ts";
import { pattern } from "../helpers/pattern.ts";
import {
  assertDecoded,
  decode,
  type Item,
} from "../helpers/websocket_decoding.ts";
import { bytesOf, ping, row, text } from "./autobahn_case.ts";

/** RFC 6455 §5.7, as a client sends them; unmasked examples get the mask of the first. */
const RFC_EXAMPLES = [
  row("a single-frame masked text message", [
    bytesOf("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
  ], [text("Hello")]),
  row("a fragmented text message", [
    maskFrame(1, "Hel", { fin: false }),
    maskFrame(0, "lo"),
  ], [text("Hello")]),
  row("a masked pong", [
    bytesOf("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
  ], [{ type: "pong", data: bytesOf("Hello") }]),
  row("256 bytes of binary", [maskFrame(2, pattern(0, 256))], [
    pattern(0, 256),
  ]),
  row("64 KiB of binary", [maskFrame(2, pattern(0, 65_536))], [
    pattern(0, 65_536),
  ]),
];

Deno.test("WebSocketDecoder reads the examples of RFC 6455 §5.7", () => {
  for (const { id, frames, items } of RFC_EXAMPLES) {
    assertDecoded(decode(frames), { items: [...items] }, id);
  }
});

/** Everything that a conversation may hold: each event, fragments, all three forms of a length. */
function conversation(): { bytes: Uint8Array; items: Item[] } {
  const media = pattern(0, 3000);
  const fragments = maskFragments(2, media, 700);
  fragments.splice(2, 0, maskFrame(9, "in between"));
  const frames = [
    maskFrame(1, '{"type":"start"}'),
    ...fragments,
    maskFrame(10),
    maskFrame(1, "λ", { fin: false }),
    maskFrame(0),
    maskFrame(2, pattern(0, 66_000)),
    maskFrame(8, bytesOf("\x03\xe8bye")),
  ];
  return {
    bytes: concat(frames),
    items: [
      text('{"type":"start"}'),
      media.subarray(0, 1400),
      ping("in between"),
      media.subarray(1400),
      { type: "pong", data: new Uint8Array() },
      text("λ"),
      pattern(0, 66_000),
      { type: "close", code: 1000, reason: "bye" },
    ],
  };
}

Deno.test("WebSocketDecoder gives the same whatever the chunking", () => {
  const { bytes, items } = conversation();
  for (const size of [1, 2, 3, 5, 7, 13, 125, 127, 1021, 65_536]) {
    assertDecoded(decode(piecesOf(bytes, size)), { items }, `size ${size}`);
  }
  for (let seed = 0; seed < 20; seed++) {
    const chunks = randomPiecesOf(bytes, 3000, seed);
    assertDecoded(decode(chunks), { items }, `seed ${seed}`);
  }
});

Deno.test("WebSocketDecoder gives the same wherever a short conversation is cut", () => {
  const bytes = concat([
    maskFrame(1, "é", { fin: false }),
    maskFrame(9, "p"),
    maskFrame(0, "é"),
    maskFrame(2, pattern(0, 200)),
    maskFrame(8),
  ]);
  const { items } = decode([bytes]);
  assertEquals(items.length, 4);
  for (const chunks of everySplitOf(bytes)) {
    assertDecoded(decode(chunks), { items }, `cut at ${chunks[0]!.length}`);
  }
});

Deno.test("WebSocketDecoder unmasks at every alignment of frame and chunk", () => {
  const media = pattern(0, 300);
  for (let shift = 0; shift < 16; shift++) {
    for (let first = 0; first < 70; first++) {
      const frame = maskFrame(OPCODE.binary, media);
      const buffer = new Uint8Array(shift + frame.length);
      buffer.set(frame, shift);
      const out: Uint8Array[] = [];
      const decoder = decoderInto(out);
      decoder.push(buffer.subarray(shift, shift + first));
      decoder.push(buffer.subarray(shift + first));
      assertEquals(concat(out), media);
    }
  }
});

function decoderInto(out: unknown[], maxTextBytes = 100): WebSocketDecoder {
  return new WebSocketDecoder(
    { maxTextBytes, now: () => 0 },
    (item) => out.push(item),
  );
}

Deno.test("WebSocketDecoder passes on payload in place, as it arrives", () => {
  const out: Uint8Array[] = [];
  const decoder = decoderInto(out);
  const frame = maskFrame(OPCODE.binary, pattern(0, 100_000));
  const [head, rest] = [frame.subarray(0, 50_000), frame.subarray(50_000)];
  decoder.push(head);
  assertEquals(out.length, 1);
  assert(out[0]!.buffer === frame.buffer, "payload was copied");
  assertEquals(out[0]!.byteLength, 50_000 - 14);
  decoder.push(rest);
  assertEquals(out.length, 2);
  assertEquals(decoder.heldBytes, 0);
});

Deno.test("WebSocketDecoder never touches a byte outside its chunk", () => {
  const frames = maskFragments(OPCODE.binary, pattern(0, 999), 10);
  const chunk = concat(frames);
  const buffer = new Uint8Array(chunk.length + 64).fill(0xaa);
  buffer.set(chunk, 32);
  decoderInto([]).push(buffer.subarray(32, 32 + chunk.length));
  const outside = [buffer.subarray(0, 32), buffer.subarray(-32)];
  assertEquals(concat(outside), new Uint8Array(64).fill(0xaa));
});

Deno.test("WebSocketDecoder joins tiny fragments of a chunk into one array", () => {
  const out: Uint8Array[] = [];
  const media = pattern(0, 9000);
  decoderInto(out).push(concat(maskFragments(OPCODE.binary, media, 1)));
  assertEquals(out, [media]);
});

Deno.test("WebSocketDecoder emits what is in front of an error before it throws", () => {
  const out: unknown[] = [];
  const chunk = concat([
    maskFrame(9, "a"),
    maskFrame(2, pattern(0, 5)),
    maskFrame(3),
  ]);
  const error = assertThrows(
    () => decoderInto(out).push(chunk),
    WebSocketError,
  );
  assertEquals(error.code, 1002);
  assertEquals(out, [ping("a"), pattern(0, 5)]);
});

/** Headers that are rejected without a byte of payload: two of 16-bit, five of 64-bit lengths. */
const BAD_LENGTHS: readonly (readonly [string, Uint8Array, number])[] = [
  ["0 in 16 bits", maskFrame(2, "", { length: 0, lengthBytes: 2 }), 1002],
  ["125 in 16 bits", maskFrame(2, "", { length: 125, lengthBytes: 2 }), 1002],
  ["0 in 64 bits", maskFrame(2, "", { length: 0, lengthBytes: 8 }), 1002],
  [
    "65535 in 64 bits",
    maskFrame(2, "", { length: 65_535, lengthBytes: 8 }),
    1002,
  ],
  ["2^63", maskFrame(2, "", { length: 2 ** 63, lengthBytes: 8 }), 1002],
  ["2^62", maskFrame(2, "", { length: 2 ** 62, lengthBytes: 8 }), 1009],
  ["2^53", maskFrame(2, "", { length: 2 ** 53, lengthBytes: 8 }), 1009],
];

Deno.test("WebSocketDecoder rejects lengths that are not minimal or absurd", () => {
  for (const [name, frame, code] of BAD_LENGTHS) {
    assertEquals(decode([frame]), { items: [], code }, name);
    assertEquals(decode(piecesOf(frame, 1)), { items: [], code }, name);
  }
});

Deno.test("WebSocketDecoder takes a frame as long as can be counted", () => {
  const frame = maskFrame(2, "media", {
    length: Number.MAX_SAFE_INTEGER,
    lengthBytes: 8,
  });
  assertEquals(decode([frame]), { items: [bytesOf("media")] });
});

Deno.test("WebSocketDecoder rejects a frame that is not masked", () => {
  for (const opcode of Object.values(OPCODE)) {
    const frame = new Uint8Array([0x80 | opcode, 0]);
    const code = 1002;
    assertEquals(decode([frame]), { items: [], code }, `opcode ${opcode}`);
  }
});

Deno.test("WebSocketDecoder rejects a bad header before the rest of it arrives", () => {
  for (const first of [0xc1, 0x83, 0x09, 0x8b]) {
    assertEquals(decode([new Uint8Array([first])]).code, 1002, `${first}`);
  }
  assertEquals(decode([new Uint8Array([0x89, 0xfe])]).code, 1002);
});

Deno.test("WebSocketDecoder takes text up to the cap, and rejects more by its header alone", () => {
  const most = "x".repeat(1000);
  assertEquals(decode([maskFrame(1, most)], 1000), { items: [text(most)] });
  const header = maskFrame(1, "", { length: 1001 });
  assertEquals(decode([header], 1000), { items: [], code: 1009 });
  const parts = [
    maskFrame(1, most, { fin: false }),
    maskFrame(9),
    maskFrame(0, "", { length: 1 }),
  ];
  assertEquals(decode(parts, 1000), { items: [ping("")], code: 1009 });
});

Deno.test("WebSocketDecoder.heldBytes stays within the cap for text in tiny fragments", () => {
  const out: unknown[] = [];
  const decoder = decoderInto(out, 1000);
  const frames = maskFragments(1, new Uint8Array(1000).fill(0x78), 1);
  let most = 0;
  for (const frame of frames) {
    decoder.push(frame);
    most = Math.max(most, decoder.heldBytes);
  }
  assertEquals(most, 1000);
  assertEquals(decoder.heldBytes, 0);
  assertEquals(out, [text("x".repeat(1000))]);
});

Deno.test("WebSocketDecoder keeps a byte order mark in a text message", () => {
  assertEquals(decode([maskFrame(1, "\ufeffx")]).items, [text("\ufeffx")]);
});

Deno.test("WebSocketDecoder copies the data of a ping", () => {
  const out: unknown[] = [];
  const frame = maskFrame(9, "data");
  decoderInto(out).push(frame);
  frame.fill(0);
  assertEquals(out, [ping("data")]);
});

Deno.test("WebSocketDecoder ignores everything behind a close frame", () => {
  const out: unknown[] = [];
  const decoder = decoderInto(out);
  decoder.push(concat([maskFrame(8), new Uint8Array([0xff, 0xff])]));
  decoder.push(maskFrame(2, "media"));
  decoder.push(new Uint8Array(100).fill(0xff));
  assertEquals(out, [{ type: "close", reason: "" }]);
});

/** Frames without data of every kind. */
const IDLE_FRAMES = {
  "empty pings": maskFrame(9),
  "pings with data": maskFrame(9, "data"),
  pongs: maskFrame(10),
  "empty fragments": maskFrame(0, "", { fin: false }),
};

Deno.test("WebSocketDecoder bounds frames without data in a row", () => {
  for (const [name, frame] of Object.entries(IDLE_FRAMES)) {
    const begin = maskFrame(2, "x", { fin: false });
    const most = new Array<Uint8Array>(MAX_IDLE_FRAMES).fill(frame);
    assertEquals(decode([begin, ...most]).code, undefined, name);
    assertEquals(decode([begin, ...most, frame]).code, 1008, name);
  }
  const empty = new Array<Uint8Array>(MAX_IDLE_FRAMES + 1).fill(maskFrame(1));
  assertEquals(decode(empty).code, 1008);
});

Deno.test("WebSocketDecoder counts frames without data from zero behind data", () => {
  const pings = new Array<Uint8Array>(MAX_IDLE_FRAMES).fill(maskFrame(9));
  const media = maskFrame(2, "x");
  assertEquals(decode([...pings, media, ...pings]).code, undefined);
});

Deno.test("WebSocketDecoder tolerates pongs at a moderate rate without end", () => {
  let now = 0;
  const decoder = new WebSocketDecoder(
    { maxTextBytes: 0, now: () => now },
    () => {},
  );
  const pong = (): void => decoder.push(maskFrame(10));
  for (let count = 0; count < 20 * MAX_IDLE_FRAMES; count++) {
    pong();
    now += 1000 / IDLE_FRAMES_PER_SECOND;
  }
  const error = assertThrows(() => {
    for (let count = 0; count < 2 * MAX_IDLE_FRAMES + 2; count++) pong();
  }, WebSocketError);
  assertEquals(error.code, 1008);
});

Deno.test("WebSocketDecoder rejects half a close code, whatever its value", () => {
  for (let byte = 0; byte < 256; byte++) {
    const frame = maskFrame(8, new Uint8Array([byte]));
    assertEquals(decode([frame]), { items: [], code: 1002 }, `byte ${byte}`);
  }
});
