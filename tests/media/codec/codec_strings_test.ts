import { assertEquals } from "@std/assert";
import {
  aacCodecOf,
  av1CodecOf,
  avcCodecOf,
  avcSpsOf,
  esdsCodecOf,
  videoCodecOf,
  vp9FeaturesCodecOf,
} from "../../../lib/media/codec/codec_strings.ts";

/** Bytes written in hexadecimal. */
function hex(digits: string): Uint8Array {
  const pairs = digits.replaceAll(" ", "").match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
}

const HVCC = hex(`01 01 60000000 900000000000 5d ${"00".repeat(10)}`);

Deno.test("videoCodecOf() keeps the name of the sample entry", () => {
  assertEquals(videoCodecOf("avc1", hex("01 64 00 1f ff e0")), "avc1.64001f");
  assertEquals(videoCodecOf("avc3", hex("01 42 c0 1e ff e0")), "avc3.42c01e");
  assertEquals(videoCodecOf("hvc1", HVCC), "hvc1.1.6.L93.90");
  assertEquals(videoCodecOf("hev1", HVCC), "hev1.1.6.L93.90");
  assertEquals(
    videoCodecOf("vp09", hex("01000000 00 1f 80 02 02 02 0000")),
    "vp09.00.31.08",
  );
  assertEquals(
    videoCodecOf("vp09", hex("01000000 00 00 80 02 02 02 0000")),
    "vp09.00.10.08",
  );
  assertEquals(videoCodecOf("mp4v", hex("01 64 00 1f")), undefined);
});

Deno.test("codec strings of records that are cut short are unknown", () => {
  assertEquals(avcCodecOf(hex("01 64 00")), undefined);
  assertEquals(avcCodecOf(hex("02 64 00 1f")), undefined);
  assertEquals(videoCodecOf("hvc1", HVCC.subarray(0, 12)), undefined);
  assertEquals(videoCodecOf("vp09", hex("01000000 00 1f")), undefined);
  assertEquals(av1CodecOf(hex("81 05")), undefined);
  assertEquals(aacCodecOf(hex("")), undefined);
  assertEquals(esdsCodecOf(hex("00000000 03 80")), undefined);
});

Deno.test("av1CodecOf() tells profile, level, tier and depth", () => {
  assertEquals(av1CodecOf(hex("81 05 0c 00")), "av01.0.05M.08");
  assertEquals(av1CodecOf(hex("81 0d cc 00")), "av01.0.13H.10");
  assertEquals(av1CodecOf(hex("81 50 6c 00")), "av01.2.16M.12");
});

Deno.test("vp9FeaturesCodecOf() needs profile, level and depth", () => {
  assertEquals(
    vp9FeaturesCodecOf(hex("01 01 00 02 01 0a 03 01 08")),
    "vp09.00.10.08",
  );
  assertEquals(vp9FeaturesCodecOf(hex("01 01 00")), "vp9");
  assertEquals(vp9FeaturesCodecOf(hex("")), "vp9");
});

Deno.test("aacCodecOf() tells the audio object type, the escaped ones too", () => {
  assertEquals(aacCodecOf(hex("12 10")), "mp4a.40.2");
  assertEquals(aacCodecOf(hex("2b 92 08 00")), "mp4a.40.5");
  assertEquals(aacCodecOf(hex("f9 48")), "mp4a.40.42");
});

Deno.test("esdsCodecOf() finds the configuration behind optional fields and long sizes", () => {
  const config = "04 11 40 15 000000 00000000 00000000 05 02 12 10";
  assertEquals(
    esdsCodecOf(hex(`00000000 03 16 0001 00 ${config}`)),
    "mp4a.40.2",
  );
  assertEquals(
    esdsCodecOf(
      hex(`00000000 03 80808080 1b 0001 e0 0000 02 6161 0000 ${config}`),
    ),
    undefined,
  );
  assertEquals(
    esdsCodecOf(
      hex(`00000000 03 8080801d 0001 e0 0000 02 6161 0000 ${config}`),
    ),
    "mp4a.40.2",
  );
  const mp3 = "04 0d 6b 15 000000 00000000 00000000";
  assertEquals(esdsCodecOf(hex(`00000000 03 12 0001 00 ${mp3}`)), "mp3");
});

Deno.test("avcSpsOf() reads the size of the picture", () => {
  const file = new URL("../../vectors/media/flv_h264_aac.flv", import.meta.url);
  const bytes = Deno.readFileSync(file);
  const name = new TextEncoder().encode("\x17\0\0\0\0\x01d");
  let at = 0;
  while (!name.every((byte, i) => bytes[at + i] === byte)) at++;
  const info = avcSpsOf(bytes.subarray(at + 5));
  assertEquals([info?.width, info?.height], [160, 120]);
  assertEquals(avcSpsOf(hex("01 64 00 1f ff e0 00")), undefined);
});
