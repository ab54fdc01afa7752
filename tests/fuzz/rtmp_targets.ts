import { assert, assertEquals } from "@std/assert";
import { concat, equals } from "@std/bytes";
import { Refusal } from "../../lib/errors.ts";
import { trackerFor } from "../../lib/media/tracker_for.ts";
import { MAX_DEPTH } from "../../lib/rtmp/amf.ts";
import { decodeAmf } from "../../lib/rtmp/amf_decoder.ts";
import { encodeAmf } from "../../lib/rtmp/amf_encoder.ts";
import { ChunkDecoder } from "../../lib/rtmp/chunk_decoder.ts";
import { isCommand, parseCommand } from "../../lib/rtmp/command.ts";
import { MAX_HELD_BYTES, RtmpDecoder } from "../../lib/rtmp/decoder.ts";
import { answerToUserControl } from "../../lib/rtmp/encode.ts";
import { FlvMuxer } from "../../lib/rtmp/flv_muxer.ts";
import { MESSAGE, type RtmpMessage } from "../../lib/rtmp/message.ts";
import { RtmpError } from "../../lib/rtmp/rtmp_error.ts";
import { rtmpRequest } from "../../lib/session/rtmp_request.ts";
import { chunksOf, type SentMessage } from "../helpers/rtmp_client.ts";
import { track } from "../suites/join_suite.ts";
import { CHEAP_CASES, cutAtRandom, type FuzzTarget, textOf } from "./target.ts";
import { keptMessage } from "../helpers/kept_message.ts";

/** What a call returns; `undefined` when the peer broke the protocol. */
function unlessBroken<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof RtmpError) return undefined;
    throw error;
  }
}

/** What a decoder makes of chunks, and how it failed. */
interface Decoded {
  readonly messages: readonly RtmpMessage[];
  readonly error: string | undefined;
}

function decode(chunks: readonly Uint8Array[]): Decoded {
  const decoder = new RtmpDecoder();
  const messages: RtmpMessage[] = [];
  try {
    for (const chunk of chunks) {
      const bytes = chunk.slice();
      decoder.push(bytes);
      for (let next = decoder.next(); next; next = decoder.next()) {
        if ("payload" in next) messages.push(keptMessage(next));
        // One message in progress may have grown before it is refused.
        assert(decoder.heldBytes <= 2 * MAX_HELD_BYTES, "too much is held");
      }
      bytes.fill(0xff); // As the next read does.
      decoder.takeAcknowledgement();
    }
  } catch (error) {
    if (!(error instanceof RtmpError)) throw error;
    return { messages, error: error.message };
  }
  return { messages, error: undefined };
}

/** Any cutting gives the same; what comes out can be read and muxed, or is refused. */
const decoder: FuzzTarget = {
  name: "rtmp",
  cases: CHEAP_CASES,
  words: [
    ...["\x02\0\0\0\0\0\x04\x01\0\0\0\0\0\0", "\x02\0\0\0\0\0\x04\x02\0\0\0\0"],
    ...["\0\0\0\0", "\x7f\x7f\x7f", "\x03", "\x43", "\x04", "\x01\0", "\x16"],
    ...[
      "connect",
      "publish",
      "@setDataFrame",
      "onMetaData",
      "\x08\0",
      "\x09\0",
    ],
  ],
  check(bytes, random): void {
    const whole = decode([bytes]);
    const cut = decode(cutAtRandom(bytes, random));
    assertEquals(cut.error, whole.error);
    assertEquals(cut.messages.length, whole.messages.length);
    let total = 0;
    for (const [i, message] of whole.messages.entries()) {
      const { payload, ...head } = message;
      const { payload: other, ...otherHead } = cut.messages[i]!;
      assertEquals(otherHead, head);
      assert(equals(other, payload), "a payload differs");
      total += payload.length;
    }
    assert(total <= bytes.length, "more came out than went in");
    muxAll(whole.messages);
  },
};

/** Reads and muxes messages as a session does. */
function muxAll(messages: readonly RtmpMessage[]): void {
  const muxer = new FlvMuxer();
  for (const message of messages) {
    if (isCommand(message)) unlessBroken(() => parseCommand(message));
    else if (message.type === MESSAGE.userControl) {
      answerToUserControl(message.payload);
    } else unlessBroken(() => muxer.mux(message));
  }
}

/** Bytes that a message of a round trip has at most. */
const MOST_BYTES = 400;

/** What ends a round trip. */
const LAST: SentMessage = { type: 9, payload: new Uint8Array([1]) };

/** Messages in any form of chunks, interleaved, come out as they were. */
const roundTrip: FuzzTarget = {
  name: "rtmp-round-trip",
  cases: CHEAP_CASES,
  words: [],
  check(bytes, random): void {
    const chunkBytes = 1 + random(200);
    const sent: SentMessage[] = [];
    const queues = Array.from({ length: 3 }, () => [] as Uint8Array[]);
    for (let at = 0; at < bytes.length && sent.length < 40;) {
      const payload = bytes.subarray(at, at + 1 + random(MOST_BYTES));
      at += payload.length;
      const id = random(queues.length);
      const message = {
        ...{ type: 8 + random(2), streamId: 1, payload },
        timestamp: random(4) ? random(1000) : 2 ** 32 - 1 - random(2 ** 25),
      };
      sent.push(message);
      const extendedOnce = random(2) === 0;
      const form = { id: [3, 64, 65_599][id]!, chunkBytes, extendedOnce };
      queues[id]!.push(...chunksOf(message, form));
    }
    // Until more comes, the end of a message may look like a timestamp that is repeated.
    sent.push(LAST);
    const last = concat(chunksOf(LAST, { chunkBytes }));
    const decoder = new ChunkDecoder(MOST_BYTES, 1 << 20);
    decoder.setChunkBytes(chunkBytes);
    const got: RtmpMessage[] = [];
    const chunks = concat([...woven(queues, random), last]);
    for (const piece of cutAtRandom(chunks, random)) {
      const bytes = piece.slice();
      decoder.push(bytes);
      for (let next = decoder.next(); next; next = decoder.next()) {
        got.push(keptMessage(next));
      }
      bytes.fill(0xff);
    }
    assert(decoder.isBetweenMessages, "something is left");
    assertEquals(got.map(textOfMessage).sort(), sent.map(textOfMessage).sort());
  },
};

function textOfMessage(
  { type, timestamp = 0, payload }: SentMessage | RtmpMessage,
): string {
  return `${type} ${timestamp} ${payload.toHex()}`;
}

/** Takes chunks of the queues at random. */
function* woven(
  queues: readonly Uint8Array[][],
  random: (below: number) => number,
): Generator<Uint8Array> {
  for (;;) {
    const open = queues.filter((queue) => queue.length > 0);
    if (open.length === 0) return;
    yield open[random(open.length)]!.shift()!;
  }
}

/** What is read is written so that the same is read again. */
const amf: FuzzTarget = {
  name: "rtmp-amf",
  cases: CHEAP_CASES,
  words: [
    ...["\x03\0\x01a", "\0\0\x09", "\x0a\0\0\0\x02", "\x08\0\0\0\0", "\x05"],
    ...["\x02\0\x04live", "\x0c\0\0\0\x01", "\x10\0\x01C", "__proto__", "\x0b"],
  ],
  check(bytes): void {
    const values = unlessBroken(() => decodeAmf(bytes));
    if (!values) return;
    const again = encodeAmf(...values);
    assertEquals(decodeAmf(again), values);
    assert(depthOf(values) <= MAX_DEPTH + 1, "too deep");
  },
};

function depthOf(value: unknown): number {
  if (!(value instanceof Map) && !Array.isArray(value)) return 0;
  return 1 + Math.max(0, ...[...value.values()].map(depthOf));
}

/** Whatever the messages hold, what is muxed is FLV: tag behind tag. */
const flv: FuzzTarget = {
  name: "rtmp-flv",
  cases: CHEAP_CASES,
  words: [
    "@setDataFrame",
    "onMetaData",
    "videocodecid",
    "\x02\0\x0a",
    "\0\0\x09",
  ],
  check(bytes, random): void {
    const types = [8, 9, MESSAGE.data, MESSAGE.amf3Data, MESSAGE.aggregate];
    const muxer = new FlvMuxer();
    const parts: Uint8Array[] = [];
    for (const piece of cutAtRandom(bytes, random).slice(0, 50)) {
      const decoder = new ChunkDecoder(1 << 20, 1 << 21);
      const type = types[random(types.length)]!;
      const timestamp = random(2 ** 32);
      decoder.push(concat(chunksOf({ type, timestamp, payload: piece })));
      const part = unlessBroken(() => muxer.mux(decoder.next()!));
      if (part) parts.push(part);
    }
    if (parts.length === 0) return;
    const { corruptions } = track(
      trackerFor({ bufsize: 0, format: "flv" }),
      parts,
    );
    assertEquals(corruptions, []);
  },
};

/** An address names a user and a channel, or is refused. */
const address: FuzzTarget = {
  name: "rtmp-address",
  cases: CHEAP_CASES,
  words: [
    ...["/", "?", "&", "=", "%41", "%", "password=", "token=", "hold=1", "\n"],
    ...["channel_password=", "rtmp://", "@", ":", "user_password", "__proto__"],
  ],
  check(bytes): void {
    const [app = "", key = "", url = ""] = textOf(bytes).split("\n");
    try {
      const request = rtmpRequest({ app, key, url });
      assert(request.user !== "" && request.channel !== "");
      assertEquals(request.format, "flv");
      assertEquals(rtmpRequest({ app: `/${app}`, key, url }), request);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      assertEquals(error.code, "bad-request");
    }
  },
};

/** What an RTMP publisher sends. */
export const RTMP_TARGETS: readonly FuzzTarget[] = [
  decoder,
  roundTrip,
  amf,
  flv,
  address,
];
