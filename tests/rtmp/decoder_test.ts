import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import {
  MAX_MESSAGE_BYTES,
  RtmpDecoder,
  WINDOW_BYTES,
} from "../../lib/rtmp/decoder.ts";
import { MESSAGE } from "../../lib/rtmp/message.ts";
import { RtmpError } from "../../lib/rtmp/rtmp_error.ts";
import { pattern } from "../helpers/pattern.ts";
import {
  controlBytes,
  HELLO,
  messageBytes,
  openingBytes,
} from "../helpers/rtmp_client.ts";
import { decoderSuite } from "../suites/decoder_suite.ts";

/** What came out: the hello's first byte, the types of messages, and what failed. */
function decode(chunks: Iterable<Uint8Array>): Promise<unknown[]> {
  const decoder = new RtmpDecoder();
  const out: unknown[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let next = decoder.next(); next; next = decoder.next()) {
        out.push("c1" in next ? `hello of ${next.c1.length}` : next.type);
      }
    }
  } catch (error) {
    if (!(error instanceof RtmpError)) throw error;
    out.push(error.message);
  }
  return Promise.resolve(out);
}

const payload = pattern(0, 200);

decoderSuite("RtmpDecoder reads", decode, [
  {
    name: "what OBS sends before media",
    bytes: openingBytes({ app: "fier", key: "hall?password=123" }),
    expected: ["hello of 1536", 20, 20, 20, 20, 20],
  },
  {
    name: "a new chunk size",
    bytes: concat([
      HELLO,
      controlBytes(MESSAGE.chunkSize, 1000),
      messageBytes({ type: 9, payload }, { chunkBytes: 1000 }),
    ]),
    expected: ["hello of 1536", 9],
  },
  {
    name: "a chunk size of nothing",
    bytes: concat([HELLO, controlBytes(MESSAGE.chunkSize, 0)]),
    expected: ["hello of 1536", "the chunk size is not possible"],
  },
  {
    name: "control messages, without passing them on",
    bytes: concat([
      HELLO,
      controlBytes(MESSAGE.abort, 5),
      controlBytes(MESSAGE.windowSize, 5),
      controlBytes(MESSAGE.acknowledgement, 5),
      controlBytes(MESSAGE.peerBandwidth, 5),
    ]),
    expected: ["hello of 1536", MESSAGE.peerBandwidth],
  },
  {
    name: "a control message that is too short",
    bytes: concat([
      HELLO,
      messageBytes({ type: MESSAGE.abort, payload: payload.slice(0, 3) }),
    ]),
    expected: ["hello of 1536", "a control message is too short"],
  },
]);

Deno.test("RtmpDecoder rejects another version at its first byte", () => {
  const decoder = new RtmpDecoder();
  assertThrows(() => decoder.push(new Uint8Array([6])), RtmpError, "version");
});

Deno.test("RtmpDecoder has a cap on messages", () => {
  const video = (length: number): Uint8Array =>
    messageBytes(
      { type: 9, payload: new Uint8Array(length) },
      { chunkBytes: 0xffffff },
    );
  const decoder = new RtmpDecoder();
  decoder.push(concat([HELLO, controlBytes(MESSAGE.chunkSize, 0xffffff)]));
  decoder.next();
  assertEquals(decoder.next(), undefined);
  decoder.push(video(MAX_MESSAGE_BYTES));
  const got = decoder.next();
  assertEquals(
    got && "payload" in got && got.payload.length,
    MAX_MESSAGE_BYTES,
  );
  decoder.push(video(MAX_MESSAGE_BYTES + 1));
  assertThrows(() => decoder.next(), RtmpError, "exceeds 4194304 bytes");
});

Deno.test("RtmpDecoder.takeAcknowledgement() gives the bytes received, once in each window", () => {
  const decoder = new RtmpDecoder();
  const taken: (number | undefined)[] = [];
  const push = (bytes: Uint8Array): void => {
    decoder.push(bytes);
    while (decoder.next());
    taken.push(decoder.takeAcknowledgement());
  };
  push(concat([HELLO, controlBytes(MESSAGE.windowSize, 100_000)]));
  const bytes = HELLO.length + 16;
  const video = messageBytes({ type: 9, payload: new Uint8Array(60_000) });
  push(video);
  push(video);
  push(video);
  assertEquals(taken, [
    undefined,
    undefined,
    bytes + 2 * video.length,
    undefined,
  ]);
});

Deno.test("RtmpDecoder.takeAcknowledgement() has a window of its own, and a smallest one", () => {
  const decoder = new RtmpDecoder();
  const video = messageBytes({ type: 9, payload: new Uint8Array(60_000) });
  let sent = HELLO.length;
  decoder.push(HELLO);
  while (sent < WINDOW_BYTES) {
    assertEquals(decoder.takeAcknowledgement(), undefined);
    while (decoder.next());
    decoder.push(video);
    sent += video.length;
  }
  assertEquals(decoder.takeAcknowledgement(), sent);
  while (decoder.next());
  decoder.push(controlBytes(MESSAGE.windowSize, 1));
  while (decoder.next());
  assertEquals(decoder.takeAcknowledgement(), undefined);
  decoder.push(video);
  while (decoder.next());
  decoder.push(video);
  assertEquals(decoder.takeAcknowledgement(), sent + 16 + 2 * video.length);
});

Deno.test("RtmpDecoder.isBetweenMessages is false within the handshake", () => {
  const decoder = new RtmpDecoder();
  decoder.push(HELLO.subarray(0, 3000));
  decoder.next();
  assertEquals(decoder.next(), undefined);
  assertEquals(decoder.isBetweenMessages, false);
  decoder.push(HELLO.subarray(3000));
  assertEquals(decoder.next(), undefined);
  assertEquals(decoder.isBetweenMessages, true);
});
