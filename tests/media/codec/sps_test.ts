import { assert, assertEquals } from "@std/assert";
import { avcCodec, parseH264Sps } from "../../../lib/media/codec/h264.ts";
import { hevcCodec, parseH265Sps } from "../../../lib/media/codec/h265.ts";
import { unescapeNal } from "../../../lib/media/codec/nal_unit.ts";

/** SPS as x264 wrote them: what they are, bytes, codec, width, height. */
const H264: readonly [string, string, string, number, number][] = [
  [
    "cropped 4:2:0",
    "67640028acd940780227e5c044000003000400000300c83c60c658",
    "avc1.640028",
    1920,
    1080,
  ],
  [
    "cropped 4:2:2",
    "677a001ebcd940a02fea2f011000000300100000030320f162d960",
    "avc1.7a001e",
    638,
    358,
  ],
  [
    "cropped 4:4:4",
    "67f4001e919b281485fc7cf808800000030080000019078b16cb",
    "avc1.f4001e",
    642,
    362,
  ],
  [
    "baseline",
    "6742c01fd9005005bb011000000300100000030320f1832480",
    "avc1.42c01f",
    1280,
    720,
  ],
  [
    "interlaced",
    "67640028acd94078044fde0220000003002000000643e2c5b2c0",
    "avc1.640028",
    1920,
    1080,
  ],
];

/** SPS as x265 wrote them. */
const HEVC: readonly [string, string, string, number, number][] = [
  [
    "cropped main",
    "420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000c84",
    "hvc1.1.6.L120.90",
    1920,
    1080,
  ],
  [
    "cropped main 10",
    "42010102200000030090000003000003005da00284802d9c92365959a4932bc05a020000030002000003003210",
    "hvc1.2.4.L93.90",
    1282,
    722,
  ],
  [
    "4:4:4",
    "4201020408000003009e0800000300003f00009000a0402d2cb2b3159a4932bc05a02000000300200000030321",
    "hvc1.4.10.L63.9E.8",
    640,
    360,
  ],
  [
    "high tier",
    "420101216000000300900000030000030099a001e020021c596566924caf016808000003000800000300c840",
    "hvc1.1.6.H153.90",
    3840,
    2160,
  ],
];

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(hex.match(/../g)!.map((byte) => parseInt(byte, 16)));
}

for (
  const [codecs, parse] of [
    [H264, parseH264Sps],
    [HEVC, parseH265Sps],
  ] as const
) {
  for (const [what, hex, codec, width, height] of codecs) {
    Deno.test(`${parse.name}() reads ${what}`, () => {
      assertEquals(parse(bytesOf(hex)), { codec, width, height });
    });
  }

  Deno.test(`${parse.name}() takes no SPS that is cut before its size`, () => {
    for (const [what, hex, codec] of codecs) {
      const nal = bytesOf(hex);
      for (let length = 0; length < nal.length; length++) {
        const sps = parse(nal.subarray(0, length));
        if (length < 8) assertEquals(sps, undefined, `${what}, ${length}`);
        else if (sps) assertEquals(sps.codec, codec);
      }
    }
  });

  Deno.test(`${parse.name}() takes no other unit and no impossible size`, () => {
    for (const [, hex] of codecs) {
      const nal = bytesOf(hex);
      nal[0] = 0x40;
      assertEquals(parse(nal), undefined);
      const absurd = bytesOf(hex).fill(0, 4);
      assertEquals(parse(absurd), undefined);
    }
  });
}

Deno.test("parseH264Sps() passes over scaling lists", () => {
  // Profile 100, then: id 0, chroma 1, depths 8, no bypass, 8 lists of which the first is one that
  // ends early and the last one of 64 steps of 0, frame numbers, 20 x 15 macroblocks, no cropping.
  const lists = "1" + "1" + "000010001" + "0".repeat(6) + "1" + "1".repeat(64);
  const bits = "1" + "010" + "1" + "1" + "0" + lists + "1" + "1" + "1" +
    "00101" + "0" + "000010100" + "0001111" + "1" + "1" + "0" + "0" + "1";
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0");
  const tail = padded.match(/.{8}/g)!.map((byte) => parseInt(byte, 2));
  const sps = parseH264Sps(new Uint8Array([0x67, 100, 0, 13, ...tail]));
  assertEquals(sps, { codec: "avc1.64000d", width: 320, height: 240 });
});

Deno.test("avcCodec() pads each byte", () => {
  assertEquals(avcCodec(0x42, 0x00, 0x0a), "avc1.42000a");
});

/** The 12 bytes of a general profile, tier and level. */
const HEVC_CODECS: readonly [string, string][] = [
  ["0160000000b000000000005d", "hvc1.1.6.L93.B0"],
  ["216000000090000000000099", "hvc1.1.6.H153.90"],
  ["411234567800000000000a00", "hvc1.A1.1E6A2C48.L0.0.0.0.0.0.A"],
  ["c100000000000000000000ff", "hvc1.C1.0.L255"],
];

Deno.test("hevcCodec() reverses the flags and leaves trailing zeros out", () => {
  for (const [hex, codec] of HEVC_CODECS) {
    assertEquals(hevcCodec(bytesOf(hex)), codec);
  }
});

Deno.test("unescapeNal() takes out the 03 of 00 00 03 alone", () => {
  assertEquals(
    unescapeNal(bytesOf("670000030000030103000003")),
    bytesOf("67000000000103 0000".replace(" ", "")),
  );
  const plain = bytesOf("6700030003");
  assertEquals(unescapeNal(plain), plain);
  assert(unescapeNal(new Uint8Array()).length === 0);
});
