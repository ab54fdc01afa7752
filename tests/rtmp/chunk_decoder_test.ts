import { assertEquals, assertGreaterOrEqual, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import {
  ChunkDecoder,
  MAX_CHUNK_STREAMS,
} from "../../lib/rtmp/chunk_decoder.ts";
import type { RtmpMessage } from "../../lib/rtmp/message.ts";
import { RtmpError } from "../../lib/rtmp/rtmp_error.ts";
import { pattern } from "../helpers/pattern.ts";
import {
  type Chunking,
  chunksOf,
  messageBytes,
  type SentMessage,
} from "../helpers/rtmp_client.ts";
import { type DecoderCase, decoderSuite } from "../suites/decoder_suite.ts";

/** Bytes of a message that no test exceeds by accident. */
const AMPLE_BYTES = 1024 * 1024;

type Decoded = Omit<RtmpMessage, "payload"> & { readonly payload: Uint8Array };

function decode(
  chunks: Iterable<Uint8Array>,
  decoder = new ChunkDecoder(AMPLE_BYTES, 2 * AMPLE_BYTES),
): Promise<Decoded[]> {
  const messages: Decoded[] = [];
  for (const chunk of chunks) {
    const bytes = chunk.slice();
    decoder.push(bytes);
    for (let next = decoder.next(); next; next = decoder.next()) {
      messages.push({ ...next, payload: next.payload.slice() });
    }
    bytes.fill(0xff); // As the next read does.
  }
  return Promise.resolve(messages);
}

const VIDEO: SentMessage & { timestamp: number; streamId: number } = {
  type: 9,
  timestamp: 40,
  streamId: 1,
  payload: pattern(0, 300),
};
const AUDIO = { type: 8, timestamp: 41, streamId: 1, payload: pattern(5, 200) };

/** A message in any form of header. */
function one(
  name: string,
  chunking: Chunking,
  message = VIDEO,
): DecoderCase<Decoded[]> {
  const bytes = messageBytes(message, chunking);
  return { name, bytes, expected: [message] };
}

/** Messages of one chunk stream whose headers have these formats and timestamps. */
function sequence(
  name: string,
  sent: readonly (readonly [format: 0 | 1 | 2 | 3, field: number])[],
  timestamps: readonly number[],
): DecoderCase<Decoded[]> {
  const bytes = concat(
    sent.map(([format, timestamp]) =>
      messageBytes({ ...VIDEO, timestamp }, { format })
    ),
  );
  const expected = timestamps.map((timestamp) => ({ ...VIDEO, timestamp }));
  return { name, bytes, expected };
}

function interleaved(): DecoderCase<Decoded[]> {
  const video = chunksOf(VIDEO, { id: 6 });
  const audio = chunksOf(AUDIO, { id: 4 });
  const bytes = concat([
    ...[video[0]!, audio[0]!, video[1]!, audio[1]!, video[2]!],
  ]);
  return { name: "interleaved messages", bytes, expected: [AUDIO, VIDEO] };
}

const LATE = { ...VIDEO, timestamp: 0x01234567 };

decoderSuite("ChunkDecoder reads", decode, [
  one("a message", {}),
  one("a message in a chunk stream of two bytes", { id: 300 }),
  one("a message in a chunk stream of three bytes", { id: 65_599 }),
  one("a timestamp of 32 bits", {}, LATE),
  one("a timestamp of 32 bits that is not repeated", {
    extendedOnce: true,
  }, LATE),
  one("the smallest timestamp of 32 bits", {}, {
    ...VIDEO,
    timestamp: 0xffffff,
  }),
  interleaved(),
  sequence("differences", [[0, 1000], [1, 20], [2, 30], [3, 0]], [
    ...[1000, 1020, 1050, 1080],
  ]),
  sequence("a header of format 3 behind one of format 0", [[0, 40], [3, 0]], [
    ...[40, 80],
  ]),
  sequence(
    "a difference of 32 bits",
    [[0, 5], [1, 0x1000000], [3, 0x1000000]],
    [
      ...[5, 0x1000005, 0x2000005],
    ],
  ),
  sequence("a timestamp that wraps", [[0, 0xfffffff0], [2, 32]], [
    ...[0xfffffff0, 16],
  ]),
  {
    name: "no message without bytes",
    bytes: concat([
      messageBytes({ ...VIDEO, payload: new Uint8Array() }),
      messageBytes(AUDIO),
    ]),
    expected: [AUDIO],
  },
]);

Deno.test("ChunkDecoder leaves room for a tag around each payload", () => {
  const decoder = new ChunkDecoder(AMPLE_BYTES, AMPLE_BYTES);
  for (const length of [1, 128, 4096, 4097, 100_000]) {
    const payload = pattern(0, length);
    decoder.push(messageBytes({ ...VIDEO, payload }));
    const { payload: got } = decoder.next()!;
    assertEquals(got, payload);
    assertEquals(got.byteOffset, 11);
    assertGreaterOrEqual(got.buffer.byteLength, 11 + length + 4);
  }
});

Deno.test("ChunkDecoder.setChunkBytes() changes the chunks that follow", () => {
  for (const chunkBytes of [1, 127, 4096, 0x7fffffff]) {
    const decoder = new ChunkDecoder(AMPLE_BYTES, AMPLE_BYTES);
    decoder.setChunkBytes(chunkBytes);
    decoder.push(messageBytes(VIDEO, { chunkBytes }));
    assertEquals(decoder.next()?.payload, VIDEO.payload);
  }
  const decoder = new ChunkDecoder(AMPLE_BYTES, AMPLE_BYTES);
  for (const bytes of [0, 0x80000000, 0xffffffff]) {
    assertThrows(() => decoder.setChunkBytes(bytes), RtmpError);
  }
});

Deno.test("ChunkDecoder.abort() drops the message in progress of one chunk stream", () => {
  const decoder = new ChunkDecoder(AMPLE_BYTES, AMPLE_BYTES);
  const [first, ...rest] = chunksOf(VIDEO, { id: 6 });
  const [sound, ...more] = chunksOf(AUDIO, { id: 4 });
  decoder.push(concat([first!, sound!]));
  assertEquals(decoder.next(), undefined);
  decoder.abort(6);
  decoder.abort(9); // One that does not exist.
  decoder.push(concat(more));
  assertEquals(decoder.next()?.type, 8);
  assertEquals(decoder.isBetweenMessages, true);
  decoder.push(messageBytes(VIDEO, { id: 6 }));
  assertEquals(decoder.next()?.payload, VIDEO.payload);
  assertEquals(rest.length, 2);
});

Deno.test("ChunkDecoder.isBetweenMessages tells a message in progress, and a header", () => {
  const bytes = messageBytes(VIDEO);
  for (let at = 0; at < bytes.length; at++) {
    const decoder = new ChunkDecoder(AMPLE_BYTES, AMPLE_BYTES);
    decoder.push(bytes.subarray(0, at));
    assertEquals(decoder.next(), undefined);
    assertEquals(decoder.isBetweenMessages, at === 0, `${at} bytes`);
  }
});

/** Fails when its bytes are read. */
function assertFails(
  bytes: Uint8Array,
  message: string,
  decoder = new ChunkDecoder(1000, 50_000),
): void {
  decoder.push(bytes);
  assertThrows(
    () => {
      while (decoder.next());
    },
    RtmpError,
    message,
  );
}

Deno.test("ChunkDecoder rejects what no encoder sends", () => {
  assertFails(messageBytes(VIDEO, { format: 3 }), "never came");
  assertFails(messageBytes(VIDEO, { format: 2 }), "never came");
  const [first] = chunksOf(VIDEO);
  assertFails(concat([first!, messageBytes(VIDEO)]), "within another");
});

Deno.test("ChunkDecoder accepts a first header of format 1, as some encoders send it", async () => {
  const bytes = messageBytes(VIDEO, { format: 1 });
  assertEquals(await decode([bytes]), [{ ...VIDEO, streamId: 0 }]);
});

Deno.test("ChunkDecoder has a cap on each message, on all of them, and on chunk streams", () => {
  const of = (length: number): SentMessage => ({
    ...VIDEO,
    payload: new Uint8Array(length),
  });
  assertFails(messageBytes(of(1001)), "exceeds 1000 bytes");
  const begun = Array.from(
    { length: MAX_CHUNK_STREAMS + 1 },
    (_, i) => chunksOf(of(1000), { id: 2 + i })[0]!,
  );
  assertFails(concat(begun), "in progress exceed 50000 bytes");
  const ample = new ChunkDecoder(AMPLE_BYTES, AMPLE_BYTES);
  assertFails(concat(begun), "more than 64 chunk streams", ample);
});

Deno.test("ChunkDecoder takes memory for bytes that come, not for those announced", () => {
  const decoder = new ChunkDecoder(AMPLE_BYTES, AMPLE_BYTES);
  const payload = new Uint8Array(AMPLE_BYTES);
  const [first, ...rest] = chunksOf({ ...VIDEO, payload });
  decoder.push(first!);
  assertEquals(decoder.next(), undefined);
  assertEquals(decoder.heldBytes, 11 + 4 * 1024 + 4);
  decoder.push(concat(rest.slice(0, 500)));
  assertEquals(decoder.next(), undefined);
  assertEquals(decoder.heldBytes < 2 * 501 * 128 + 100, true);
});
