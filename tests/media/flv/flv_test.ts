import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { FLV } from "../../../lib/media/flv/flv.ts";
import { breakSuite, decodeSuite } from "../../suites/decode_suite.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const VECTORS = new URL("../../vectors/media/", import.meta.url);

const SAMPLES = [
  ["flv_h264_aac.flv", "avc1.640009,mp4a.40.2", 3],
  ["flv_mp3.flv", "mp3", 116],
] as const;

for (const [file, codecs, joins] of SAMPLES) {
  const sample = Deno.readFileSync(new URL(file, VECTORS));
  joinSuite(file, FLV.tracker, sample);
  decodeSuite(file, FLV.tracker, sample, "flv");
  breakSuite(file, FLV.tracker, sample);
  Deno.test(`${file}: info and number of join points`, () => {
    const tracked = track(FLV.tracker, [sample]);
    assertEquals(tracked.infos.length, 1);
    assertEquals(tracked.infos[0]?.codecs.join(), codecs);
    assertEquals(tracked.joins.length, joins);
  });
}

const VIDEO = 9;
const AUDIO = 8;

/** A file header whose flags are 1 for video and 4 for audio. */
function header(flags: number): Uint8Array {
  return Uint8Array.of(0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0);
}

/** A tag with the size that follows it. */
function tag(
  type: number,
  milliseconds: number,
  ...data: number[]
): Uint8Array {
  const bytes = new Uint8Array(11 + data.length + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type * 2 ** 24 + data.length);
  view.setUint32(4, (milliseconds << 8) >>> 0);
  bytes[7] = milliseconds >>> 24;
  bytes.set(data, 11);
  view.setUint32(11 + data.length, 11 + data.length);
  return bytes;
}

const AVC_CONFIG = [0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xe0, 0];
const AVC_KEY = [0x17, 1, 0, 0, 0, 9, 9, 9];
const AVC_INTER = [0x27, 1, 0, 0, 0, 9, 9, 9];
const AVC_END = [0x17, 2, 0, 0, 0];
const AAC_CONFIG = [0xaf, 0, 0x12, 0x10];
const AAC_FRAME = [0xaf, 1, 7, 7, 7];

function joinTimes(...stream: Uint8Array[]): (number | undefined)[] {
  return track(FLV.tracker, stream).joins.map((join) => join.time);
}

Deno.test("FlvTracker joins at key frames alone, once there is a configuration", () => {
  assertEquals(
    joinTimes(
      header(5),
      tag(AUDIO, 0, ...AAC_CONFIG),
      tag(AUDIO, 0, ...AAC_FRAME),
      tag(VIDEO, 500, ...AVC_KEY),
      tag(VIDEO, 1000, ...AVC_CONFIG),
      tag(VIDEO, 1000, ...AVC_KEY),
      tag(VIDEO, 1040, ...AVC_INTER),
      tag(VIDEO, 2000, ...AVC_KEY),
      tag(VIDEO, 2040, ...AVC_END),
    ),
    [1, 2],
  );
});

Deno.test("FlvTracker joins at sound when a promised picture does not come", () => {
  const stream = [0, 5000, 9900, 10_000, 11_000].map((time) =>
    tag(AUDIO, time, ...AAC_FRAME)
  );
  const config = tag(AUDIO, 0, ...AAC_CONFIG);
  assertEquals(joinTimes(header(4), config, ...stream).length, 5);
  assertEquals(joinTimes(header(5), config, ...stream), [10, 11]);
});

Deno.test("FlvTracker has the newest metadata and configurations in init", () => {
  const script = [...new TextEncoder().encode("\x02\0\x0aonMetaData\0\0\0")];
  const stream = [
    header(5),
    tag(18, 0, ...script),
    tag(VIDEO, 0, ...AVC_CONFIG),
    tag(AUDIO, 0, ...AAC_CONFIG),
  ];
  const config = tag(VIDEO, 1000, ...AVC_CONFIG, 1, 2, 3);
  const { joins, infos } = track(FLV.tracker, [
    ...[...stream, tag(VIDEO, 0, ...AVC_KEY)],
    ...[config, tag(VIDEO, 1000, ...AVC_KEY)],
  ]);
  assertEquals(joins[0]?.init, concat(stream));
  assertEquals(
    joins[1]?.init,
    concat([...stream.slice(0, 2), config, ...stream.slice(3)]),
  );
  assertEquals(infos[0]?.codecs, ["avc1.64001f", "mp4a.40.2"]);
});

Deno.test("FlvTracker unwraps timestamps of 32 bits", () => {
  const config = tag(AUDIO, 0, ...AAC_CONFIG);
  const times = [2 ** 32 - 1000, 0, 2000].map((time) =>
    tag(AUDIO, time, ...AAC_FRAME)
  );
  assertEquals(
    joinTimes(header(4), config, ...times),
    [4294966.296, 4294967.296, 4294969.296],
  );
});

Deno.test("FlvTracker reads the codecs of Enhanced RTMP", () => {
  const [h, v, c, one] = [..."hvc1"].map((letter) => letter.charCodeAt(0));
  const fourcc = [h ?? 0, v ?? 0, c ?? 0, one ?? 0];
  const record = [1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93];
  const config = [0x90, ...fourcc, ...record, ...new Array<number>(10).fill(0)];
  const { joins, infos } = track(FLV.tracker, [
    header(1),
    tag(VIDEO, 0, ...config),
    tag(VIDEO, 0, 0x91, ...fourcc, 0, 0, 0, 9),
    tag(VIDEO, 40, 0xa3, ...fourcc, 9),
    tag(VIDEO, 80, 0x93, ...fourcc, 9),
    tag(VIDEO, 120, 0x92, ...fourcc),
  ]);
  assertEquals(joins.map((join) => join.time), [0, 0.08]);
  assertEquals(infos[0]?.codecs, ["hvc1.1.6.L93.90"]);
});

Deno.test("FlvTracker finds the next tag after garbage and after a lying length", () => {
  const start = [
    ...[header(1), tag(VIDEO, 0, ...AVC_CONFIG), tag(VIDEO, 0, ...AVC_KEY)],
    tag(VIDEO, 40, ...AVC_INTER),
  ];
  const liar = tag(VIDEO, 80, ...AVC_INTER);
  liar[3] = 60;
  const rest = [1000, 1040, 1080, 2000].map((time) =>
    tag(VIDEO, time, ...(time % 1000 ? AVC_INTER : AVC_KEY))
  );
  for (const corruption of [new Uint8Array(5000).fill(9), liar]) {
    const { joins, corruptions } = track(FLV.tracker, [
      ...start,
      corruption,
      ...rest,
    ]);
    assertEquals(corruptions, ["no tag"]);
    assertEquals(joins.at(-1)?.time, 2);
  }
});

Deno.test("FlvTracker takes a new file header for a new stream", () => {
  const first = [
    ...[header(1), tag(VIDEO, 0, ...AVC_CONFIG), tag(VIDEO, 9000, ...AVC_KEY)],
  ];
  const second = [
    ...[header(4), tag(AUDIO, 0, ...AAC_CONFIG), tag(AUDIO, 0, ...AAC_FRAME)],
  ];
  const { joins, infos } = track(FLV.tracker, [...first, ...second]);
  assertEquals(joins.map((join) => join.time), [9, 0]);
  assertEquals(joins[1]?.init, concat(second.slice(0, 2)));
  assertEquals(infos.map((info) => info.video), [true, false]);
});
