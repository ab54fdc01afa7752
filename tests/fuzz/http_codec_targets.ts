import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { ChunkedDecoder } from "../../lib/http/chunked_decoder.ts";
import { ChunkedDecoderStream } from "../../lib/http/chunked_decoder_stream.ts";
import {
  CHUNK_END,
  chunkHeader,
  LAST_CHUNK,
} from "../../lib/http/chunked_encoder_stream.ts";
import {
  acceptsGzip,
  byteRange,
  notModified,
} from "../../lib/http/content_headers.ts";
import { replyHead } from "../../lib/http/reply_head.ts";
import {
  parseRequestHead,
  type RequestHead,
  requestUrl,
} from "../../lib/http/request_head.ts";
import { decodeBody } from "../helpers/body_decoding.ts";
import { CHEAP_CASES, cutAtRandom, type FuzzTarget } from "./target.ts";

/** Blanks around a value, which do not belong to it. */
const BLANKS = /^[ \t]+|[ \t]+$/g;

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** Parsing never throws; what has no problem makes a Request, and reads the same when written out again. */
const requestHead: FuzzTarget = {
  name: "request-head",
  cases: CHEAP_CASES,
  words: [
    ...["GET ", "POST /", "OPTIONS * ", " HTTP/1.1\r\n", " HTTP/1.0\r\n"],
    ...["\r\n", "\r\n\r\n", "\n", "\r", "\r\n ", ": ", " :", "Host: a\r\n"],
    ...["http://a", "//", "%", "%2F", "#", "?", "\\", "@", "[::1]", ":65536"],
    ...[
      "Content-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\n",
      "\0",
      "xn--",
    ],
    ...[
      "Connection: close\r\n",
      "Expect: 100-continue\r\n",
      "__proto__: x\r\n",
    ],
  ],
  check(bytes): void {
    const head = parseRequestHead(latin1(bytes));
    if (!head) return;
    for (const secure of [false, true]) {
      assert(URL.canParse(requestUrl(head, secure)), "no URL");
    }
    new Headers([...head.headers]);
    if (head.problem === undefined) checkAccepted(head);
  },
};

function checkAccepted(head: RequestHead): void {
  const { headers, minorVersion, body } = head;
  const { host, protocol } = new URL(requestUrl(head, false));
  const sent = headers.get("host");
  assertEquals(protocol, "http:");
  if (sent !== undefined) assertEquals(host, new URL(`http://${sent}`).host);
  assert(minorVersion === 0 || sent !== undefined, "no host");
  assert(head.target === "*" || head.path.startsWith("/"), "no path");
  const framings = Number(headers.has("content-length")) +
    Number(headers.has("transfer-encoding"));
  assertEquals(framings, Number(body.kind !== "none"));
  if (body.kind === "length") {
    assert(Number.isSafeInteger(body.bytes) && body.bytes >= 0);
  }
  // A name that occurs again without a value leaves a blank, which is trimmed when it is read again.
  const trimmed = [...headers].map(([name, value]) =>
    [name, value.replace(BLANKS, "")] as const
  );
  const expected = { ...head, headers: new Map(trimmed) };
  assertEquals(parseRequestHead(write(head)), expected);
}

function write({ method, target, minorVersion, headers }: RequestHead): string {
  let text = `${method} ${target} HTTP/1.${minorVersion}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return `${text}\r\n`;
}

/** Any chunking gives the same, what follows the body is left, and data is coded so that it decodes again. */
const chunked: FuzzTarget = {
  name: "chunked",
  cases: CHEAP_CASES,
  words: [
    ...["0\r\n\r\n", "5\r\nhello\r\n", "\r\n", "\n", "\r", ";", "a=b", '"'],
    ...["ffffffff", "100000000", "100000001", "0x", "+", "-", " ", "0000"],
  ],
  async check(bytes, random): Promise<void> {
    const whole = await decodeBody(new ChunkedDecoderStream(), [bytes]);
    const pieces = cutAtRandom(bytes, random);
    const again = await decodeBody(new ChunkedDecoderStream(), pieces);
    assertEquals(again, whole);
    if (!("data" in whole)) {
      assertEquals(whole.status, 400);
      return;
    }
    checkBodyEnd(bytes, whole.data);
    const coded = encode(cutAtRandom(whole.data, random));
    const decoded = await decodeBody(new ChunkedDecoderStream(), [coded]);
    assertEquals(decoded, whole);
  },
};

/** Without its last byte a body is open, and what stands behind it changes nothing. */
function checkBodyEnd(bytes: Uint8Array, data: Uint8Array): void {
  const decoder = new ChunkedDecoder();
  let length = 0;
  const used = decoder.push(bytes, (piece) => length += piece.length);
  assertEquals([decoder.ended, length], [true, data.length]);
  const open = new ChunkedDecoder();
  open.push(bytes.subarray(0, used - 1), () => {});
  assertEquals(open.ended, false);
}

function encode(pieces: readonly Uint8Array[]): Uint8Array {
  return concat([
    ...pieces.flatMap((data) => [chunkHeader(data.length), data, CHUNK_END]),
    LAST_CHUNK,
  ]);
}

/** The first line is a header's value: sent, it stays one; received, it says something or nothing. */
const headerValue: FuzzTarget = {
  name: "header-value",
  cases: CHEAP_CASES,
  words: [
    ...["gzip", ";q=0", ";q=1", "*", ",", '"', 'W/"', '"a"', "bytes=0-", "\0"],
    ...["x-gzip", "identity", "\r\n", "\r", " ", "\t", "\xff", "q=0.001"],
  ],
  check(bytes): void {
    const value = latin1(bytes);
    acceptsGzip(value);
    const range = byteRange(value, 100);
    if (typeof range === "object") {
      const { from, to } = range;
      assert(0 <= from && from < to && to <= 100, "no such range");
    }
    if (notModified(value, '"a"') && value.trim() !== "*") {
      assert(value.includes('"a"'), "a tag that is not there");
    }
    let head: string;
    try {
      head = latin1(replyHead(200, { "x": value, date: "" }));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return;
    }
    const request = head.replace("HTTP/1.1 200 OK", "GET / HTTP/1.0");
    const parsed = parseRequestHead(request);
    assertEquals(parsed?.problem, undefined);
    assertEquals([...parsed!.headers], [
      ["x", value.replace(BLANKS, "")],
      ["date", ""],
    ]);
  },
};

/** HTTP/1.1 as bytes: heads, bodies and values. */
export const HTTP_CODEC_TARGETS: readonly FuzzTarget[] = [
  requestHead,
  chunked,
  headerValue,
];
