import { assert, assertEquals, assertThrows } from "@std/assert";
import { LengthDecoderStream } from "../../lib/http/length_decoder_stream.ts";
import { decodeBody, type DecodedBody } from "../helpers/body_decoding.ts";
import { bytesOf } from "../helpers/wire_bytes.ts";
import { type DecoderCase, decoderSuite } from "../suites/decoder_suite.ts";

function* casesOf(length: number): Generator<DecoderCase<DecodedBody>> {
  for (const came of [0, 1, 4, 5, 6, 500]) {
    const bytes = new Uint8Array(came).fill(0x78);
    const missing = length - came;
    yield {
      name: `of ${length} bytes is given ${came}`,
      bytes,
      expected: missing > 0
        ? {
          status: 400,
          problem: `the body ended ${missing} bytes too early`,
        }
        : { data: bytes.subarray(0, length) },
    };
  }
}

for (const length of [0, 1, 5, 500]) {
  decoderSuite(
    "LengthDecoderStream",
    (chunks) => decodeBody(new LengthDecoderStream(length), chunks),
    casesOf(length),
  );
}

Deno.test("LengthDecoderStream ends with the last byte, though the connection stays open", async () => {
  const { readable, writable } = new LengthDecoderStream(3);
  const written = writable.getWriter().write(bytesOf("abcGET"));
  assertEquals(await Array.fromAsync(readable), [bytesOf("abc")]);
  await written;
});

Deno.test("LengthDecoderStream of no bytes ends at once", async () => {
  const { readable } = new LengthDecoderStream(0);
  assertEquals(await Array.fromAsync(readable), []);
});

Deno.test("LengthDecoderStream passes data on as views of what came", async () => {
  const bytes = bytesOf("abcGET");
  const [piece] = await Array.fromAsync(
    ReadableStream.from([bytes]).pipeThrough(new LengthDecoderStream(3)),
  );
  assert(piece?.buffer === bytes.buffer);
});

Deno.test("LengthDecoderStream takes nothing but a length", () => {
  for (const bytes of [-1, NaN, 1.5, Infinity, 2 ** 53]) {
    assertThrows(() => new LengthDecoderStream(bytes), RangeError);
  }
});
