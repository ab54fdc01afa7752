import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { ChunkDecoder } from "../../lib/rtmp/chunk_decoder.ts";
import { isCommand, parseCommand } from "../../lib/rtmp/command.ts";
import {
  answerToUserControl,
  CHUNK_BYTES,
  encodeAcknowledgement,
  encodeChunkSize,
  encodeCommand,
  encodePeerBandwidth,
  encodeWindowSize,
} from "../../lib/rtmp/encode.ts";
import { encodeServerHello, RANDOM_BYTES } from "../../lib/rtmp/handshake.ts";
import { MESSAGE, type RtmpMessage } from "../../lib/rtmp/message.ts";
import { encodeConnected } from "../../lib/rtmp/status.ts";
import { pattern } from "../helpers/pattern.ts";
import { keptMessage } from "../helpers/kept_message.ts";

function decode(bytes: Uint8Array): RtmpMessage[] {
  const decoder = new ChunkDecoder(100_000, 100_000);
  decoder.setChunkBytes(CHUNK_BYTES); // As `encodeConnected()` announces it.
  decoder.push(bytes);
  const messages: RtmpMessage[] = [];
  for (let next = decoder.next(); next; next = decoder.next()) {
    messages.push(keptMessage(next));
  }
  return messages;
}

Deno.test("encodeCommand() makes one chunk of a long command", () => {
  const text = "x".repeat(1000);
  const [message] = decode(encodeCommand(7, "onStatus", 0, null, text));
  assertEquals([message!.streamId, isCommand(message!)], [7, true]);
  assertEquals(parseCommand(message!), {
    name: "onStatus",
    transaction: 0,
    properties: new Map(),
    values: [text],
  });
});

Deno.test("control messages have the numbers of the specification", () => {
  const bytes = concat([
    encodeAcknowledgement(0xfffffffe),
    encodeWindowSize(2_500_000),
    encodePeerBandwidth(1),
    encodeChunkSize(),
  ]);
  assertEquals(
    decode(bytes).map(({ type, streamId, payload }) => [
      ...[type, streamId, ...payload],
    ]),
    [
      [3, 0, 255, 255, 255, 254],
      [5, 0, 0, 0x26, 0x25, 0xa0],
      [6, 0, 0, 0, 0, 1, 2],
      [1, 0, 0, 1, 0, 0],
    ],
  );
});

Deno.test("answerToUserControl() answers a ping with its own time, and nothing else", () => {
  const ping = new Uint8Array([0, 6, 1, 2, 3, 4]);
  const [pong] = decode(answerToUserControl(ping)!);
  assertEquals(pong!.type, MESSAGE.userControl);
  assertEquals([...pong!.payload], [0, 7, 1, 2, 3, 4]);
  assertEquals(answerToUserControl(ping.slice(0, 5)), undefined);
  assertEquals(answerToUserControl(new Uint8Array(6)), undefined);
});

Deno.test("encodeConnected() tells an encoder of Enhanced RTMP that every codec is passed on, and no other encoder", () => {
  const info = (properties: ReadonlyMap<string, string>): unknown => {
    const messages = decode(encodeConnected(1, properties));
    const { name, values } = parseCommand(messages.at(-1)!);
    assertEquals(name, "_result");
    return values[0];
  };
  const plain = [
    ["level", "status"],
    ["code", "NetConnection.Connect.Success"],
    ["description", "connected"],
    ["objectEncoding", 0],
  ] as const;
  assertEquals(info(new Map()), new Map<string, unknown>(plain));
  assertEquals(
    info(new Map([["fourCcList", ""]])),
    new Map<string, unknown>([
      ...plain,
      ["fourCcList", ["*"]],
      ["videoFourCcInfoMap", new Map([["*", 4]])],
      ["audioFourCcInfoMap", new Map([["*", 4]])],
    ]),
  );
});

Deno.test("encodeServerHello() sends the client's bytes back behind its own", () => {
  const c1 = pattern(0, 1536);
  const random = pattern(9, RANDOM_BYTES);
  const hello = encodeServerHello(c1, random);
  assertEquals(hello.length, 1 + 1536 + 1536);
  assertEquals([...hello.slice(0, 9)], [3, 0, 0, 0, 0, 0, 0, 0, 0]);
  assertEquals(hello.slice(9, 1537), random);
  assertEquals(hello.slice(1537), c1);
});
