import { assertEquals } from "@std/assert";
import {
  parseRequestHead,
  type RequestHead,
} from "../../lib/http/request_head.ts";
import { RequestDecoder } from "../../lib/session/request_decoder.ts";
import {
  type Decoded,
  decodeRequests,
  LIMITS,
} from "../helpers/request_decoding.ts";
import { bytesOf, frameOf } from "../helpers/wire_bytes.ts";
import { type DecoderCase, decoderSuite } from "../suites/decoder_suite.ts";

const WATCH = "watch,user=fier";

function headOf(text: string): { type: "head"; head: RequestHead } {
  const head = parseRequestHead(text);
  if (!head) throw new Error(`Cannot read a head: ${text}`);
  return { type: "head", head };
}

const WEBSOCKET = "GET /fier HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n" +
  "Upgrade: websocket\r\n\r\n";
const CHALLENGED =
  "SOURCE /fier HTTP/1.0\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
const SOURCE = "PUT /fier HTTP/1.1\r\nHost: a\r\n" +
  "Authorization: Basic OjEyMw==\r\n\r\n";
const ASTERISK = "OPTIONS * HTTP/1.1\r\nHost: a\r\n" +
  "Upgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n";

/** Requests of HTTP in a row; what follows the last one belongs to it. */
const IN_A_ROW: readonly [
  name: string,
  heads: readonly string[],
  rest: string,
][] = [
  ["two pipelined requests", [get("/a"), get("/b")], ""],
  ["a WebSocket behind a request", [get("/a"), WEBSOCKET], "\x82\x00GET"],
  ["a POST behind a request", [get("/a"), post("Content-Length: 3")], "\0\0\0"],
  ["a POST in chunks", [post("Transfer-Encoding: chunked")], "0\r\n\r\n"],
  ["an upload without media, then a request", [
    post("Content-Length: 0"),
    get("/"),
  ], ""],
  ["an Icecast source", [SOURCE], "\0\0\0\x04\0token"],
  [
    "a source that is challenged first",
    [CHALLENGED, SOURCE],
    "\0\0\0\x01g\x42",
  ],
  [
    "OPTIONS, a challenged source, a source",
    [ASTERISK, CHALLENGED, SOURCE],
    "ID3",
  ],
];

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
}

function post(header: string): string {
  return `POST /fier HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n`;
}

function* pipelinedCases(): Generator<DecoderCase<Decoded>> {
  for (const [name, heads, rest] of IN_A_ROW) {
    yield {
      name: `reads ${name}`,
      bytes: bytesOf(heads.join(""), rest),
      expected: { requests: heads.map(headOf), media: bytesOf(rest) },
    };
  }
}

decoderSuite("RequestDecoder", decodeRequests, pipelinedCases());

decoderSuite<Decoded>("RequestDecoder", decodeRequests, [{
  name: "takes a request frame behind a request that is kept alive",
  bytes: bytesOf(get("/a"), get("/b"), frameOf(WATCH), "m"),
  expected: {
    requests: [
      headOf(get("/a")),
      headOf(get("/b")),
      { type: "frame", version: 2, text: WATCH },
    ],
    media: bytesOf("m"),
  },
}]);

Deno.test("RequestDecoder reads requests that wait one by one", () => {
  const count = 2000;
  const decoder = new RequestDecoder(LIMITS);
  decoder.push(bytesOf(get("/").repeat(count), "GET"));
  for (let at = 1; at <= count; at++) {
    assertEquals(decoder.next(), {
      ...headOf(get("/")),
      next: "G".charCodeAt(0),
    });
    assertEquals(decoder.rest.length, (count - at) * get("/").length + 3);
  }
  assertEquals(decoder.next(), undefined);
  assertEquals(decoder.rest.length, 0);
});
