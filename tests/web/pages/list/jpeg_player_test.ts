import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { JpegFinder } from "../../../../lib/web/pages/list/jpeg_player.js";
import { fromRoot } from "../../../helpers/root.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What is found in bytes that come in chunks. */
function found(bytes: Bytes, chunk: number): Bytes | undefined {
  const finder = new JpegFinder();
  for (let at = 0; at < bytes.length; at += chunk) {
    const jpeg = finder.push(bytes.slice(at, at + chunk));
    if (jpeg) return jpeg;
  }
  return undefined;
}

/** A segment (ITU-T T.81, B.1.1.4): marker, length and content. */
function segment(marker: number, content: Bytes): Bytes {
  const length = content.length + 2;
  return concat([
    new Uint8Array([0xff, marker, length >> 8, length & 0xff]),
    content,
  ]) as Bytes;
}

/** An image with a preview in its metadata, fill bytes, restarts, and an FF in its coded data. */
const IMAGE = concat([
  new Uint8Array([0xff, 0xd8]),
  segment(0xe1, new Uint8Array([0xff, 0xd8, 0xff, 0xd9])),
  new Uint8Array([0xff, 0xff]),
  segment(0xda, new Uint8Array(6)),
  new Uint8Array([1, 0xff, 0, 2, 0xff, 0xd0, 3, 0xff, 0xd9]),
]) as Bytes;

Deno.test("JpegFinder finds an image behind anything, wherever it is cut", () => {
  const before = new TextEncoder().encode("--part\r\nType: image/jpeg\r\n\r\n");
  for (const lead of [new Uint8Array(), before, new Uint8Array([0xff, 0xd8])]) {
    const bytes = concat([lead, IMAGE, IMAGE]) as Bytes;
    for (let chunk = 1; chunk <= bytes.length; chunk++) {
      assertEquals(found(bytes, chunk), IMAGE, `chunks of ${chunk}`);
    }
  }
});

Deno.test("JpegFinder finds nothing in an image that is cut off, or in none", () => {
  assertEquals(found(IMAGE.slice(0, -1), 7), undefined);
  assertEquals(found(new Uint8Array(1000).fill(0xff), 100), undefined);
  assertEquals(found(new Uint8Array(), 1), undefined);
});

Deno.test("JpegFinder finds the first image of what ffmpeg and GStreamer send", async () => {
  for (
    const file of [
      ...["mjpeg.mjpeg", "mpjpeg_ffmpeg.mpjpeg", "mpjpeg_gstreamer.mpjpeg"],
    ]
  ) {
    const bytes = await Deno.readFile(fromRoot(`tests/vectors/media/${file}`));
    const jpeg = found(bytes, 999);
    assert(jpeg && jpeg.length > 500 && jpeg.length < bytes.length / 2, file);
    assertEquals([...jpeg.slice(0, 3), ...jpeg.slice(-2)], [
      ...[0xff, 0xd8, 0xff, 0xff, 0xd9],
    ]);
  }
});
