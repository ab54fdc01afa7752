import { assertEquals, assertThrows } from "@std/assert";
import { Refusal } from "../../lib/errors.ts";
import {
  parseRequestHead,
  type RequestHead,
} from "../../lib/http/request_head.ts";
import { RequestDecoder } from "../../lib/session/request_decoder.ts";
import { piecesOf } from "../helpers/chunkings.ts";
import {
  type Decoded,
  decodeRequests,
  LIMITS,
} from "../helpers/request_decoding.ts";
import { bytesOf, frameOf } from "../helpers/wire_bytes.ts";
import {
  assertSameInAnyChunks,
  type DecoderCase,
  decoderSuite,
} from "../suites/decoder_suite.ts";

/** What precedes the request frame; whether it is a request head; `undefined` in version 1. */
const OPENINGS: readonly [name: string, text: string, isHead?: boolean][] = [
  ["version 1", ""],
  ["two line feeds", "\n\n", false],
  ["two CRLF", "\r\n\r\n", false],
  ["LF and CRLF", "\n\r\n", false],
  ["an HTTP GET with LF", "GET / HTTP/1.0\nHost: a\n\n", true],
  ["an HTTP GET with CRLF", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", true],
  ["an HTTP GET without Host", "GET / HTTP/1.1\r\n\r\n", true],
  [
    "a line end before an HTTP GET",
    "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    true,
  ],
  ["an HTTP POST with CRLF", "POST / HTTP/1.1\r\nHost: a\r\n\r\n", true],
  ["an HTTP POST with LF", "POST /up HTTP/1.1\nHost: a\n\n", true],
  [
    "an HTTP POST with an unsupported coding",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
    true,
  ],
];

const TEXTS = [
  "watch,user=fier",
  "watch,user=fier,channel-password=456,start=oldest",
  "broadcast,user=fier,user_password=a=b==,reply=1",
  "token,user=Ä€😀",
];

/** Media may begin with what looks like a part of the framing. */
const MEDIA = ["", "G", "\n\n\0\0\0\u0004\0token"];

function* goodCases(): Generator<DecoderCase<Decoded>> {
  for (const [name, opening, isHead] of OPENINGS) {
    for (const text of TEXTS) {
      for (const media of MEDIA) {
        yield {
          name:
            `takes ${name}, ${text.length} characters, ${media.length} of media`,
          bytes: bytesOf(opening, frameOf(text), media),
          expected: accepted(text, media, opening, isHead),
        };
      }
    }
  }
}

function accepted(
  text: string,
  media: string,
  opening?: string,
  isHead?: boolean,
): Decoded {
  const version = isHead === undefined ? 1 : 2;
  const frame = { type: "frame", version, text } as const;
  const head = isHead ? [headOf(opening ?? "")] : [];
  return { requests: [...head, frame], media: bytesOf(media) };
}

/** What is read of a head; which protocol it begins is the subject of other tests. */
function headOf(text: string): { type: "head"; head: RequestHead } {
  const head = parseRequestHead(text.trimStart());
  if (!head) throw new Error(`Cannot read a head: ${text}`);
  return { type: "head", head };
}

decoderSuite("RequestDecoder", decodeRequests, goodCases());

function refused(why: string): Decoded {
  return { refused: "bad-request", why };
}

/** A header block of exactly that many bytes, its empty line included. */
function headerBlock(bytes: number): string {
  const head = "GET / HTTP/1.1\r\nCookie: ";
  const end = "\r\n\r\n";
  return head + "c".repeat(bytes - head.length - end.length) + end;
}

const WATCH = "watch,user=fier";

/** A head that is too long but begins like HTTP is answered in HTTP: its problem says so. */
function overlong(bytes: number): Decoded {
  const text = headerBlock(bytes).slice(0, LIMITS.headerBytes);
  const { head } = headOf(`${text}\r\n\r\n`);
  const problem = "more than 8192 bytes of head";
  return {
    requests: [{ type: "head", head: { ...head, problem } }],
    media: bytesOf(""),
  };
}

function tooLong(length: number): Decoded {
  return refused(`length ${length} exceeds maximum allowed 4096`);
}

decoderSuite<Decoded>("RequestDecoder", decodeRequests, [
  {
    name: "takes a header block of 8 KiB",
    bytes: bytesOf(headerBlock(8192), frameOf(WATCH), "m"),
    expected: accepted(WATCH, "m", headerBlock(8192), true),
  },
  {
    name: "refuses a header block of 8 KiB and a byte",
    bytes: bytesOf(headerBlock(8193), frameOf(WATCH), "m"),
    expected: overlong(8193),
  },
  {
    name: "refuses a header block without an end",
    bytes: bytesOf("x".repeat(9000)),
    expected: refused("more than 8192 bytes of head"),
  },
  {
    name: "refuses an HTTP head without an end",
    bytes: bytesOf(headerBlock(10_000).slice(0, 9000)),
    expected: overlong(10_000),
  },
  {
    name: "refuses header lines without a request line",
    bytes: bytesOf("fstream: 2\nhost: a\n\n", frameOf(WATCH)),
    expected: refused("the request head is malformed"),
  },
  {
    name: "refuses a request line in lower case",
    bytes: bytesOf("get / http/1.1\r\n\r\n", frameOf(WATCH)),
    expected: refused("the request head is malformed"),
  },
  {
    name: "takes a request frame of 4 KiB",
    bytes: bytesOf(frameOf("p".repeat(4096)), "m"),
    expected: accepted("p".repeat(4096), "m"),
  },
  {
    name: "takes a request frame of 4 KiB behind a header block of 8 KiB",
    bytes: bytesOf(headerBlock(8192), frameOf("p".repeat(4096)), "m"),
    expected: accepted("p".repeat(4096), "m", headerBlock(8192), true),
  },
  {
    name: "refuses a request frame of 4 KiB and a byte",
    bytes: frameOf("p".repeat(4097)),
    expected: tooLong(4097),
  },
  {
    name: "counts bytes, not characters: 2,049 letters of two bytes",
    bytes: frameOf("é".repeat(2049)),
    expected: tooLong(4098),
  },
  {
    name: "refuses the greatest length of version 1 by its header alone",
    bytes: frameOf("", 2 ** 24 - 1),
    expected: tooLong(2 ** 24 - 1),
  },
  {
    name: "refuses the greatest length of version 2 by its header alone",
    bytes: bytesOf("\n\n", frameOf("", 2 ** 32 - 1)),
    expected: tooLong(2 ** 32 - 1),
  },
  {
    name: "refuses a length of 16 MiB, for its first byte is no 0",
    bytes: frameOf("", 2 ** 24),
    expected: refused("first byte 1"),
  },
  {
    name: "refuses a fifth byte that is not 0",
    bytes: frameOf(WATCH, undefined, 1),
    expected: refused("byte 5 must be 0, current value is 1"),
  },
  {
    name: "refuses a length that counts five bytes too many",
    bytes: frameOf(WATCH, WATCH.length + 5),
    expected: refused("the connection ended before the request did"),
  },
  {
    name: "refuses text that is not UTF-8",
    bytes: frameOf(new Uint8Array([0x75, 0xe4, 0x72])),
    expected: refused("the text is not UTF-8"),
  },
  {
    name: "refuses an overlong NUL",
    bytes: frameOf(new Uint8Array([0xc0, 0x80])),
    expected: refused("the text is not UTF-8"),
  },
  {
    name: "refuses a surrogate",
    bytes: bytesOf("\n\n", frameOf(new Uint8Array([0xed, 0xa0, 0x80]))),
    expected: refused("the text is not UTF-8"),
  },
  {
    name: "keeps a byte order mark as a character",
    bytes: frameOf("\ufeffwatch"),
    expected: accepted("\ufeffwatch", ""),
  },
  {
    name: "takes an empty request frame",
    bytes: bytesOf(frameOf(""), "m"),
    expected: accepted("", "m"),
  },
  {
    name: "takes an empty request frame behind a header block",
    bytes: bytesOf("\n\n", frameOf(""), "m"),
    expected: accepted("", "m", "\n\n", false),
  },
  {
    name: "keeps NULs in the text",
    bytes: frameOf("watch,user=a\0b\0"),
    expected: accepted("watch,user=a\0b\0", ""),
  },
  {
    name: "does not take a line of blanks for an empty one",
    bytes: bytesOf("a\n \n", frameOf(WATCH), "\n"),
    expected: refused("the connection ended before the request did"),
  },
]);

Deno.test("RequestDecoder tells the version by the first byte, and refuses what opens neither", async () => {
  for (let first = 0; first < 256; first++) {
    if (first === 0x03) continue; // RTMP, which this stream does not read.
    const letter = /[A-Za-z]/.test(String.fromCharCode(first));
    const opens = first === 0 || first === 0x0a || first === 0x0d || letter;
    const why = opens
      ? "the connection ended before the request did"
      : problemOf(first);
    assertEquals(
      await decodeRequests([new Uint8Array([first])]),
      refused(why),
      `byte ${first}`,
    );
  }
});

/** Protocols that are known but not spoken are named, for the operator's log. */
function problemOf(first: number): string {
  if (first === 0x16) {
    return "TLS on a port without TLS; clients reach TLS at tls-listen";
  }
  return `first byte ${first}`;
}

Deno.test("RequestDecoder refuses when the bytes end anywhere in the request", async () => {
  const ended = refused("the connection ended before the request did");
  for (const [name, opening, isHead] of OPENINGS) {
    const request = bytesOf(opening, frameOf("watch,user=fier"));
    for (let end = 0; end < request.length; end++) {
      if (isHead && end === opening.length) continue; // A whole HTTP request.
      const bytes = request.subarray(0, end);
      const where = `${name}, ended after ${end} bytes`;
      assertEquals(await decodeRequests([bytes]), ended, where);
      assertEquals(await decodeRequests(piecesOf(bytes, 1)), ended, where);
    }
  }
});

Deno.test("RequestDecoder refuses an endless header block, and keeps no more of it", () => {
  const decoder = new RequestDecoder(LIMITS);
  const feed = (): void => {
    for (let bytes = 0; bytes < 12_000; bytes += 1000) {
      decoder.push(new Uint8Array(1000).fill(0x61));
      assertEquals(decoder.next(), undefined);
    }
  };
  assertThrows(feed, Refusal, "too long");
});

Deno.test("RequestDecoder leaves the rest as the bytes that came, uncopied", () => {
  const frame = frameOf(WATCH);
  const bytes = bytesOf(frame, "abc");
  const decoder = new RequestDecoder(LIMITS);
  decoder.push(bytes);
  assertEquals(decoder.next(), { type: "frame", version: 1, text: WATCH });
  assertEquals(decoder.next(), undefined);
  assertEquals(decoder.rest, bytes.subarray(frame.length));
  assertEquals(decoder.rest.buffer, bytes.buffer);
});

Deno.test("RequestDecoder emits a head before the request frame has come", () => {
  const decoder = new RequestDecoder(LIMITS);
  const text = "GET / HTTP/1.1\r\n\r\n";
  decoder.push(bytesOf(text));
  assertEquals(decoder.next(), { ...headOf(text), next: undefined });
});

Deno.test("RequestDecoder obeys the limits it is given", async () => {
  const tight = { headerBytes: 64, frameBytes: 64 };
  const decode = async (chunks: Iterable<Uint8Array>): Promise<number> => {
    const decoded = await decodeRequests(chunks, tight);
    return "requests" in decoded ? decoded.requests.length : 0;
  };
  const cases = [[64, 64, 2], [65, 64, 1], [64, 65, 0]] as const;
  for (const [header, text, expected] of cases) {
    const frame = frameOf("p".repeat(text));
    const bytes = bytesOf(headerBlock(header), frame);
    const name = `${header} and ${text} bytes`;
    await assertSameInAnyChunks(decode, { name, bytes, expected });
  }
});

Deno.test("RequestDecoder reports the byte behind a head that came with it", () => {
  const texts = ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.0\n\n"];
  for (const text of texts) {
    for (
      const [behind, next] of [["", undefined], ["\0", 0], ["G", 0x47]] as const
    ) {
      const decoder = new RequestDecoder(LIMITS);
      decoder.push(bytesOf(text, behind));
      assertEquals(decoder.next(), { ...headOf(text), next });
    }
  }
});
