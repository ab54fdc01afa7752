import { assertEquals, assertRejects } from "@std/assert";
import { concat } from "@std/bytes";
import { AnswerCheckStream } from "../../lib/client/answer_check_stream.ts";
import { ConnectionError } from "../../lib/client/connection_error.ts";
import { encodeFrame } from "../../lib/wire/frame.ts";
import { everySplitOf, piecesOf } from "../helpers/chunkings.ts";

async function checked(chunks: Iterable<Uint8Array>): Promise<Uint8Array> {
  const stream = ReadableStream.from(chunks)
    .pipeThrough(new AnswerCheckStream("host:1"));
  return concat(await Array.fromAsync(stream));
}

Deno.test("AnswerCheckStream passes on an answer however it is cut", async () => {
  const frame = encodeFrame("ok,token=1");
  const answer = concat([frame, Uint8Array.of(0x16, 3, 1), frame]);
  for (const size of [1, 2, 3, 5, 7, answer.length]) {
    assertEquals(await checked(piecesOf(answer, size)), answer, `${size}`);
  }
  for (const parts of everySplitOf(answer)) {
    assertEquals(await checked(parts), answer);
  }
  assertEquals(await checked([]), new Uint8Array());
});

Deno.test("AnswerCheckStream recognises other protocols however their bytes are cut", async () => {
  const text = new TextEncoder();
  for (
    const [bytes, problem] of [
      [text.encode("HTTP/1.1 200 OK\r\n"), "http"],
      [text.encode("<html>"), "http"],
      [Uint8Array.of(0x15, 3, 1, 0, 2, 2, 70), "tls-expected"],
      [Uint8Array.of(0x15, 3), "tls-expected"],
      [Uint8Array.of(0x15, 9, 9, 9, 9, 9), "other-protocol"],
      [text.encode("SSH-2.0"), "other-protocol"],
    ] as const
  ) {
    for (const parts of everySplitOf(bytes)) {
      const error = await assertRejects(() => checked(parts), ConnectionError);
      assertEquals(error.problem, problem);
    }
  }
});
