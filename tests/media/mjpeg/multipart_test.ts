import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { detect } from "../../../lib/media/detect/detect.ts";
import { MPJPEG } from "../../../lib/media/mjpeg/multipart.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { decodeSuite } from "../../suites/decode_suite.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

/** A stream whose parts do not state their length. */
function withoutLengths(sample: Uint8Array): Uint8Array {
  // Not with TextDecoder, whose latin1 is windows-1252.
  const text = Array.from(sample, (byte) => String.fromCharCode(byte)).join("")
    .replaceAll(/Content-length: \d+\r\n/gi, "");
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

const FFMPEG = mediaSample("mpjpeg_ffmpeg.mpjpeg");

for (
  const [name, sample] of [
    ["mpjpeg_ffmpeg.mpjpeg", FFMPEG],
    ["mpjpeg_gstreamer.mpjpeg", mediaSample("mpjpeg_gstreamer.mpjpeg")],
    ["mpjpeg without lengths", withoutLengths(FFMPEG)],
  ] as const
) {
  joinSuite(name, MPJPEG.tracker, sample);
  decodeSuite(name, MPJPEG.tracker, sample, "mpjpeg");

  Deno.test(`${name}: every part is a join point`, () => {
    const { joins, infos } = track(MPJPEG.tracker, [sample]);
    assertEquals(joins.length, 20);
    for (const { offset } of joins) {
      assertEquals([...sample.subarray(offset, offset + 2)], [0x2d, 0x2d]);
    }
    assertEquals(infos.map(({ codecs }) => codecs), [["mjpeg"]]);
  });
}

Deno.test("mpjpeg: garbage is one corruption, and the next part is found", () => {
  const { joins } = track(MPJPEG.tracker, [FFMPEG]);
  const at = joins[10]!.offset;
  const garbage = Uint8Array.of(0x2d, 0x2d, 0xff, 0x2d, 0x00, 0x0d, 0x0a);
  const bytes = concat([FFMPEG.subarray(0, at), garbage, FFMPEG.subarray(at)]);
  const found = track(MPJPEG.tracker, [bytes]);
  assertEquals(found.corruptions, ["no boundary line where one is due"]);
  assertEquals(
    found.joins.map(({ offset }) => offset),
    joins.map(({ offset }) => offset < at ? offset : offset + garbage.length),
  );
});

Deno.test("mpjpeg: other multipart streams are not taken for it", () => {
  for (
    const text of [
      "--x\r\nContent-Type: text/plain\r\n\r\nhello",
      "-- a list\n-- of things\n\n",
      "--x\r\nContent-Type: image/jpeg\r\nContent-Length: 99999999999\r\n\r\n",
    ]
  ) {
    const found = detect(new TextEncoder().encode(text), true);
    assertEquals(found !== "more" && found.name, "raw", text);
  }
});

Deno.test("mpjpeg: a head is printable text", () => {
  const head = (byte: number): Uint8Array =>
    Uint8Array.from(
      `--x\r\nX: ${
        String.fromCharCode(byte)
      }\r\nContent-Type: image/jpeg\r\n\r\n`,
      (char) => char.charCodeAt(0),
    );
  const isRead = (byte: number): boolean => {
    const found = detect(head(byte), true);
    return found !== "more" && found.name === "mpjpeg";
  };
  const bytes = [0x00, 0x1f, 0x20, 0x7e, 0x7f, 0xff];
  assertEquals(bytes.map(isRead), [false, false, true, true, false, false]);
});
