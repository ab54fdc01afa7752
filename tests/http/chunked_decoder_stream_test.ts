import { assert, assertEquals, assertRejects } from "@std/assert";
import { ChunkedDecoder } from "../../lib/http/chunked_decoder.ts";
import { ChunkedDecoderStream } from "../../lib/http/chunked_decoder_stream.ts";
import { HttpError } from "../../lib/http/http_error.ts";
import { decodeBody, type DecodedBody } from "../helpers/body_decoding.ts";
import { piecesOf } from "../helpers/chunkings.ts";
import { bytesOf } from "../helpers/wire_bytes.ts";
import { type DecoderCase, decoderSuite } from "../suites/decoder_suite.ts";
import { CHUNKED_BODIES, type ChunkedBody } from "./chunked_bodies.ts";

function caseOf(
  { name, bytes, data, problem }: ChunkedBody,
): DecoderCase<DecodedBody> {
  return {
    name: `${problem === undefined ? "takes" : "rejects"} ${name}`,
    bytes,
    expected: problem === undefined
      ? { data: bytesOf(data!) }
      : { status: 400, problem },
  };
}

decoderSuite(
  "ChunkedDecoderStream",
  (chunks) => decodeBody(new ChunkedDecoderStream(), chunks),
  CHUNKED_BODIES.map(caseOf),
);

Deno.test("ChunkedDecoderStream ends with the last chunk, though the connection stays open", async () => {
  const { readable, writable } = new ChunkedDecoderStream();
  const writer = writable.getWriter();
  const written = writer.write(bytesOf("1\r\nx\r\n0\r\n\r\n"));
  const pieces = await Array.fromAsync(readable);
  await written;
  assertEquals(pieces, [bytesOf("x")]);
  await assertRejects(() => writer.write(bytesOf("GET")), TypeError);
});

Deno.test("ChunkedDecoderStream passes data on as views of what came", async () => {
  const bytes = bytesOf("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n");
  const pieces = await Array.fromAsync(
    ReadableStream.from([bytes]).pipeThrough(new ChunkedDecoderStream()),
  );
  assertEquals(pieces, [bytesOf("hello"), bytesOf("!")]);
  for (const piece of pieces) assert(piece.buffer === bytes.buffer);
});

Deno.test("ChunkedDecoderStream passes on the data of a chunk that has not ended", async () => {
  const { readable, writable } = new ChunkedDecoderStream();
  const reader = readable.getReader();
  const written = writable.getWriter().write(bytesOf("100000000\r\nhello"));
  assertEquals((await reader.read()).value, bytesOf("hello"));
  await written;
  await reader.cancel();
});

Deno.test("ChunkedDecoderStream passes on what came before a violation", async () => {
  const reader = ReadableStream.from([bytesOf("1\r\nx\r\n"), bytesOf("!")])
    .pipeThrough(new ChunkedDecoderStream()).getReader();
  assertEquals((await reader.read()).value, bytesOf("x"));
  await assertRejects(() => reader.read(), HttpError, "chunk size");
});

Deno.test("ChunkedDecoder.push() leaves what follows the body", () => {
  for (const size of [1, 2, 3, 5, 100]) {
    const decoder = new ChunkedDecoder();
    const body = bytesOf("5\r\nhello\r\n0\r\na: b\r\n\r\n");
    let used = 0;
    let text = "";
    for (const piece of piecesOf(bytesOf(body, "GET /"), size)) {
      used += decoder.push(piece, (data) => {
        assert(data.length > 0, "empty data");
        text += new TextDecoder().decode(data);
      });
    }
    assertEquals([used, text, decoder.ended], [body.length, "hello", true]);
  }
});
