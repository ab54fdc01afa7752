import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import type { AmfValue } from "../../lib/rtmp/amf.ts";
import { encodeAmf } from "../../lib/rtmp/amf_encoder.ts";
import { ChunkDecoder } from "../../lib/rtmp/chunk_decoder.ts";
import { flvHeader } from "../../lib/rtmp/flv.ts";
import { FlvMuxer } from "../../lib/rtmp/flv_muxer.ts";
import { MESSAGE, type RtmpMessage } from "../../lib/rtmp/message.ts";
import { RtmpError } from "../../lib/rtmp/rtmp_error.ts";
import {
  messageBytes,
  messagesOf,
  type SentMessage,
} from "../helpers/rtmp_client.ts";
import { bytesOf } from "../helpers/wire_bytes.ts";

const VECTORS = new URL("../vectors/media/", import.meta.url);

/** A message as the decoder gives it, with room around its payload. */
function received(message: SentMessage): RtmpMessage {
  const decoder = new ChunkDecoder(1024 * 1024, 2 * 1024 * 1024);
  decoder.push(messageBytes(message));
  return decoder.next()!;
}

function mux(...messages: readonly SentMessage[]): Uint8Array {
  const muxer = new FlvMuxer();
  return concat(
    messages.map((message) => muxer.mux(received(message)) ?? new Uint8Array()),
  );
}

for (const name of ["flv_h264_aac.flv", "flv_mp3.flv", "flv_flv1_mp3.flv"]) {
  Deno.test(`FlvMuxer makes ${name} of its own messages, byte for byte`, async () => {
    const file = await Deno.readFile(new URL(name, VECTORS));
    const messages = messagesOf(file);
    assertEquals(mux(...messages), file);
  });
}

const AUDIO = { type: 8, timestamp: 0x12345678, payload: bytesOf("abc") };
const AUDIO_TAG = bytesOf(
  "\x08\0\0\x03",
  new Uint8Array([0x34, 0x56, 0x78, 0x12, 0, 0, 0]),
  "abc\0\0\0\x0e",
);

Deno.test("FlvMuxer writes timestamps of 32 bits, and one header for both tracks where nothing is known", () => {
  assertEquals(
    mux(AUDIO, { ...AUDIO, streamId: 7 }),
    concat([flvHeader(), AUDIO_TAG, AUDIO_TAG]),
  );
  assertEquals([...flvHeader()], [
    ...[0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0],
  ]);
});

Deno.test("FlvMuxer announces the tracks that the metadata names", () => {
  const cases: [properties: Record<string, AmfValue>, flags: number][] = [
    [{ videocodecid: 7 }, 1],
    [{ audiocodecid: 10 }, 4],
    [{ audiocodecid: "mp4a", videocodecid: "hvc1" }, 5],
    [{ videodatarate: 500, audiocodecid: 0 }, 1],
    [{ duration: 0 }, 5],
  ];
  for (const [properties, flags] of cases) {
    const metadata = new Map(Object.entries(properties));
    const payload = encodeAmf("@setDataFrame", "onMetaData", metadata);
    const flv = mux({ type: MESSAGE.data, payload });
    assertEquals(flv[4], flags, JSON.stringify(properties));
    const script = encodeAmf("onMetaData", metadata);
    assertEquals(flv.slice(24, -4), script);
  }
});

Deno.test("FlvMuxer passes metadata on that it cannot read", () => {
  const payload = concat([encodeAmf("onMetaData"), new Uint8Array([99, 1])]);
  const flv = mux({ type: MESSAGE.data, payload });
  assertEquals([flv[4], flv.slice(24, -4)], [5, payload]);
});

Deno.test("FlvMuxer takes AMF 3 data for AMF 0 behind its first byte", () => {
  const script = encodeAmf("onTextData", new Map([["text", "hello"]]));
  const payload = concat([new Uint8Array(1), script]);
  const flv = mux({ type: MESSAGE.amf3Data, payload });
  assertEquals([flv[13], flv.slice(24, -4)], [18, script]);
});

Deno.test("FlvMuxer leaves out what is no media", () => {
  const control = encodeAmf("@clearDataFrame", "onMetaData");
  const muxed = mux(
    { type: MESSAGE.data, payload: control },
    { type: MESSAGE.data, payload: new Uint8Array([0, 1, 2]) },
    { type: MESSAGE.data, payload: new Uint8Array([2]) },
    { type: MESSAGE.command, payload: encodeAmf("x", 0) },
    { type: 99, payload: new Uint8Array(9) },
  );
  assertEquals(muxed.length, 0);
});

/** An aggregate of tags whose timestamps begin at some time of their own. */
function aggregate(...times: readonly number[]): Uint8Array {
  return concat(times.map((time) => {
    const tag = AUDIO_TAG.slice();
    const view = new DataView(tag.buffer);
    view.setUint32(4, time << 8 | time >>> 24);
    view.setUint8(8, 9); // A stream id, which FLV does not have.
    return tag;
  }));
}

Deno.test("FlvMuxer makes tags of an aggregate, with the message's timestamps", () => {
  const expected = mux(
    { ...AUDIO, timestamp: 0xffffff },
    { ...AUDIO, timestamp: 0x1000005 },
  );
  const payload = aggregate(1000, 1006);
  const message = { type: MESSAGE.aggregate, timestamp: 0xffffff, payload };
  assertEquals(mux(message), expected);
  // The size behind the last tag may be missing.
  assertEquals(mux({ ...message, payload: payload.slice(0, -4) }), expected);
});

Deno.test("FlvMuxer reads all 32 bits of an aggregate's timestamps", () => {
  const times = [0x7ffffff, 0x8000001, 0xffffffff];
  const payload = aggregate(...times);
  const message = { type: MESSAGE.aggregate, timestamp: 10, payload };
  const expected = [10, 12, 10 + 0xf8000000].map((timestamp) => ({
    ...AUDIO,
    timestamp,
  }));
  assertEquals(mux(message), mux(...expected));
});

Deno.test("FlvMuxer rejects a malformed aggregate", () => {
  const whole = aggregate(0, 1);
  const unknown = whole.slice();
  unknown[0] = 7;
  for (
    const payload of [
      ...[5, 12, 13, 20, 30].map((end) => whole.slice(0, end)),
      unknown,
    ]
  ) {
    const message = { type: MESSAGE.aggregate, payload };
    assertThrows(() => mux(message), RtmpError, "aggregate");
  }
});
