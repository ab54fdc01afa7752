import { assertEquals } from "@std/assert";
import { packagingOf } from "../../lib/hls/packaging.ts";
import { timestampTag } from "../../lib/hls/timestamp_tag.ts";

const NOTHING = new Uint8Array();

function suffixOf(
  container: string,
  mime: string,
  init: Uint8Array = NOTHING,
): string | undefined {
  const info = { container, mime, codecs: [], video: false };
  return packagingOf(info, init)?.suffix;
}

/** Packets with so many bytes from one to the next. */
function packets(stride: number, lead = 0): Uint8Array {
  const bytes = new Uint8Array(2 * stride);
  bytes[lead] = bytes[stride + lead] = 0x47;
  return bytes;
}

Deno.test("packagingOf() knows the containers that HLS carries", () => {
  assertEquals(suffixOf("mpegts", "video/mp2t", packets(188)), "ts");
  assertEquals(suffixOf("mp4", "video/mp4"), "m4s");
  assertEquals(suffixOf("mp3", "audio/mpeg"), "mp3");
  assertEquals(suffixOf("adts", "audio/aac"), "aac");
  assertEquals(suffixOf("ac3", "audio/ac3"), "ac3");
  assertEquals(suffixOf("ac3", "audio/eac3"), "eac3");
});

Deno.test("packagingOf() leaves the others, and packets that do not follow each other directly", () => {
  for (const container of ["matroska", "webm", "flv", "ogg", "raw", "latm"]) {
    assertEquals(suffixOf(container, "video/mp4"), undefined, container);
  }
  assertEquals(suffixOf("mpegts", "video/mp2t", packets(192, 4)), undefined);
  assertEquals(suffixOf("mpegts", "video/mp2t", packets(204)), undefined);
});

Deno.test("timestampTag() is an ID3 tag with a PRIV frame, in ticks of 33 bits", () => {
  const tag = timestampTag(1.5);
  const text = new TextDecoder("latin1").decode(tag);
  assertEquals(text.slice(0, 3), "ID3");
  assertEquals(tag[9], tag.length - 10);
  assertEquals(text.slice(10, 14), "PRIV");
  assertEquals(tag[17], tag.length - 20);
  const owner = "com.apple.streaming.transportStreamTimestamp\0";
  assertEquals(text.slice(20, 20 + owner.length), owner);
  const stamp = (bytes: Uint8Array): bigint =>
    new DataView(bytes.buffer).getBigUint64(bytes.length - 8);
  assertEquals(tag.length, 20 + owner.length + 8);
  assertEquals(stamp(tag), 135_000n);
  assertEquals(stamp(timestampTag(2 ** 33 / 90_000 + 1)), 90_000n);
});
