import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import {
  CHUNK_END,
  ChunkedEncoderStream,
  chunkHeader,
  LAST_CHUNK,
} from "../../lib/http/chunked_encoder_stream.ts";
import { ChunkedDecoderStream } from "../../lib/http/chunked_decoder_stream.ts";
import { decodeBody } from "../helpers/body_decoding.ts";
import { bytesOf } from "../helpers/wire_bytes.ts";

Deno.test("chunkHeader() writes the size in hex", () => {
  for (
    const [length, text] of [
      [1, "1\r\n"],
      [15, "f\r\n"],
      [16, "10\r\n"],
      [65536, "10000\r\n"],
      [2 ** 32, "100000000\r\n"],
    ] as const
  ) {
    assertEquals(chunkHeader(length), bytesOf(text));
  }
});

Deno.test("chunkHeader() refuses what would end the body or is no length", () => {
  for (const length of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => chunkHeader(length), RangeError);
  }
});

Deno.test("ChunkedEncoderStream writes each chunk in one piece, and leaves out empty ones", async () => {
  const chunks = ["hello", "", "!"].map((text) => bytesOf(text));
  const coded = await Array.fromAsync(
    ReadableStream.from(chunks).pipeThrough(new ChunkedEncoderStream()),
  );
  assertEquals(coded, [
    bytesOf("5\r\nhello\r\n"),
    bytesOf("1\r\n!\r\n"),
    LAST_CHUNK,
  ]);
});

Deno.test("the pieces of the chunked coding decode to what they frame", async () => {
  for (const length of [1, 9, 10, 255, 256, 65536]) {
    const data = new Uint8Array(length).fill(0x0a);
    const coded = concat([chunkHeader(length), data, CHUNK_END, LAST_CHUNK]);
    assertEquals(await decodeBody(new ChunkedDecoderStream(), [coded]), {
      data,
    });
  }
});
