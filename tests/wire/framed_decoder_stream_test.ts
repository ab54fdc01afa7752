import { assertEquals, assertLessOrEqual } from "@std/assert";
import { concat } from "@std/bytes";
import { encodeFrame } from "../../lib/wire/frame.ts";
import {
  FRAME_TYPE,
  framedHeader,
  MAX_FRAME_BYTES,
  MAX_TEXT_BYTES,
} from "../../lib/wire/framed.ts";
import type { FramedDecoderOptions } from "../../lib/wire/framed_decoder.ts";
import { FramedDecoderStream } from "../../lib/wire/framed_decoder_stream.ts";
import { encodeMessage, parseMessage } from "../../lib/wire/framed_message.ts";
import { formatPosition, parsePosition } from "../../lib/wire/position.ts";
import {
  everySplitOf,
  piecesOf,
  randomPiecesOf,
} from "../helpers/chunkings.ts";
import { pattern } from "../helpers/pattern.ts";
import { seededRandom } from "../helpers/rng.ts";

/** Items with neighbours of one kind joined, so that chunkings can be compared; `fail` is the error's message. */
async function decode(
  chunks: Iterable<Uint8Array>,
  options: FramedDecoderOptions = {},
): Promise<string[]> {
  const items: string[] = [];
  const push = (kind: string, hex: string): void => {
    const last = items.at(-1);
    if (last?.startsWith(kind)) items[items.length - 1] = last + hex;
    else items.push(kind + hex);
  };
  const copies = [...chunks].map((chunk) => chunk.slice());
  const stream = ReadableStream.from(copies).pipeThrough(
    new FramedDecoderStream(options),
  );
  try {
    for await (const item of stream) {
      if (item instanceof Uint8Array) push("media ", item.toHex());
      else if (item.type === "lead") push("lead ", item.bytes.toHex());
      else items.push(`text ${item.text}`);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    items.push(`fail ${error.message}`);
  }
  return items;
}

function frame(type: 0 | 1 | 2, ...bytes: number[]): Uint8Array {
  return concat([framedHeader(type, bytes.length), Uint8Array.from(bytes)]);
}

const CASES: readonly (readonly [string, Uint8Array, readonly string[]])[] = [
  ["nothing", new Uint8Array(), []],
  ["a text", encodeFrame("ok,frames=1"), ["text ok,frames=1"]],
  ["an empty text", frame(0), ["text "]],
  ["media", frame(1, 1, 2, 3), ["media 010203"]],
  ["empty media", concat([frame(1), frame(1, 7)]), ["media 07"]],
  ["lead", frame(2, 9, 8), ["lead 0908"]],
  [
    "a jump between media",
    concat([frame(1, 1), encodeFrame("jump"), frame(2, 2), frame(1, 3, 4)]),
    ["media 01", "text jump", "lead 02", "media 0304"],
  ],
  [
    "an unknown type",
    Uint8Array.from([0, 0, 0, 1, 3, 0]),
    ["fail Cannot read frame: unknown type 3"],
  ],
  [
    "media above the cap",
    framedHeader(FRAME_TYPE.media, MAX_FRAME_BYTES + 1),
    [
      `fail Cannot read frame: length ${MAX_FRAME_BYTES + 1} exceeds ` +
      `maximum allowed ${MAX_FRAME_BYTES}`,
    ],
  ],
  [
    "text above the cap",
    framedHeader(FRAME_TYPE.text, MAX_TEXT_BYTES + 1),
    [
      `fail Cannot read frame: length ${MAX_TEXT_BYTES + 1} exceeds ` +
      `maximum allowed ${MAX_TEXT_BYTES}`,
    ],
  ],
  [
    "text that is not UTF-8",
    frame(0, 0xff),
    ["fail Cannot read frame: the text is not UTF-8"],
  ],
  [
    "an end within a header",
    Uint8Array.from([0, 0, 0]),
    ["fail Cannot read frame: the stream ended within it"],
  ],
  [
    "an end within a text",
    Uint8Array.from([0, 0, 0, 2, 0, 65]),
    ["fail Cannot read frame: the stream ended within it"],
  ],
];

for (const [name, bytes, expected] of CASES) {
  Deno.test(`FramedDecoderStream decodes ${name}, in chunks of any size`, async () => {
    for (const joinMedia of [false, true]) {
      for (const chunks of everySplitOf(bytes)) {
        assertEquals(await decode(chunks, { joinMedia }), expected);
      }
      assertEquals(await decode(piecesOf(bytes, 1), { joinMedia }), expected);
    }
  });
}

Deno.test("FramedDecoderStream with joinMedia makes one piece of a chunk's media, whatever the frames", async () => {
  const random = seededRandom(9);
  const media = pattern(0, 200_000);
  const frames = [...randomPiecesOf(media, 3000, 4)].map((piece) =>
    concat([framedHeader(FRAME_TYPE.media, piece.length), piece])
  );
  const text = encodeFrame("jump");
  const bytes = concat([...frames, text, ...frames]);
  const chunks = [...randomPiecesOf(bytes, 20_000, random(100))];
  const items = await Array.fromAsync(
    ReadableStream.from(chunks.map((chunk) => chunk.slice()))
      .pipeThrough(new FramedDecoderStream({ joinMedia: true })),
  );
  const jump = items.findIndex((item) => !(item instanceof Uint8Array));
  for (const half of [items.slice(0, jump), items.slice(jump + 1)]) {
    assertEquals(concat(half as Uint8Array[]), media);
  }
  assertLessOrEqual(items.length, chunks.length + 2);
});

Deno.test("FramedDecoderStream passes media on although its frame never ends", async () => {
  const bytes = Uint8Array.from([0, 0, 0, 9, 1, 5, 6]);
  assertEquals(await decode([bytes]), [
    "media 0506",
    "fail Cannot read frame: the stream ended within it",
  ]);
});

Deno.test("encodeMessage() writes what parseMessage() reads, commas as semicolons", () => {
  const bytes = encodeMessage("end", { reason: "restart", message: "a, b" });
  const text = new TextDecoder().decode(bytes.subarray(5));
  assertEquals(text, "end,reason=restart,message=a; b");
  const { word, values } = parseMessage(text);
  assertEquals([word, [...values]], ["end", [
    ["reason", "restart"],
    ["message", "a; b"],
  ]]);
});

Deno.test("parseMessage() takes a value with the first word", () => {
  const { word, values } = parseMessage("received=5");
  assertEquals([word, [...values]], ["received", [["received", "5"]]]);
});

Deno.test("parsePosition() reads what formatPosition() writes, and nothing else", () => {
  const position = { id: "00ff", offset: 2 ** 40 };
  assertEquals(parsePosition(formatPosition(position)), position);
  for (
    const text of [
      "",
      ":",
      "00ff",
      "00ff:",
      ":5",
      "00FF:5",
      "zz:5",
      "00ff:-1",
      "00ff:1.5",
      "00ff:5:6",
      `00ff:${"9".repeat(16)}`,
      `${"0".repeat(65)}:5`,
    ]
  ) {
    assertEquals(parsePosition(text), undefined, text);
  }
});
