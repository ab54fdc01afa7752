import { assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import { Refusal } from "../../lib/errors.ts";
import { PayloadDecoderStream } from "../../lib/wire/payload_decoder_stream.ts";
import { piecesOf } from "../helpers/chunkings.ts";
import {
  type Decoded,
  decodePayload,
  LIMITS,
} from "../helpers/payload_decoding.ts";
import { bytesOf, frameOf } from "../helpers/wire_bytes.ts";
import {
  assertSameInAnyChunks,
  type DecoderCase,
  decoderSuite,
} from "../suites/decoder_suite.ts";

/** What stands before the payload, and whether it is an HTTP request head; `undefined`: version 1. */
const OPENINGS: readonly [name: string, text: string, http?: boolean][] = [
  ["version 1", ""],
  ["two line feeds", "\n\n", false],
  ["two CRLF", "\r\n\r\n", false],
  ["LF and CRLF", "\n\r\n", false],
  ["some header lines", "fstream: 2\nhost: a\n\n", false],
  ["an HTTP GET with LF", "GET / HTTP/1.0\nHost: a\n\n", true],
  ["an HTTP GET with CRLF", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", true],
  ["an HTTP GET of one line", "GET / HTTP/1.1\r\n\r\n", true],
  [
    "an HTTP POST with CRLF",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n",
    true,
  ],
  ["an HTTP POST with LF", "POST /up HTTP/1.1\nHost: a\n\n", true],
  ["HTTP in small letters", "get / http/1.1\r\n\r\n", false],
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
  for (const [name, opening, http] of OPENINGS) {
    for (const text of TEXTS) {
      for (const media of MEDIA) {
        yield {
          name:
            `takes ${name}, ${text.length} characters, ${media.length} of media`,
          bytes: bytesOf(opening, frameOf(text), media),
          expected: accepted(text, media, http),
        };
      }
    }
  }
}

function accepted(text: string, media: string, http?: boolean): Decoded {
  const version = http === undefined ? 1 : 2;
  const payload = { type: "payload", version, text } as const;
  return {
    preludes: http === undefined
      ? [payload]
      : [{ type: "header", http }, payload],
    media: bytesOf(media),
  };
}

decoderSuite("PayloadDecoderStream", decodePayload, goodCases());

function refused(why: string): Decoded {
  return { refused: "bad-request", why };
}

/** A header block of exactly so many bytes, its empty line included. */
function headerBlock(bytes: number): string {
  const head = "GET / HTTP/1.1\r\nCookie: ";
  const end = "\r\n\r\n";
  return head + "c".repeat(bytes - head.length - end.length) + end;
}

const WATCH = "watch,user=fier";
const TOO_LONG_HEADER = refused("more than 8192 bytes");

function tooLong(length: number): Decoded {
  return refused(`length ${length} exceeds maximum allowed 4096`);
}

decoderSuite<Decoded>("PayloadDecoderStream", decodePayload, [
  {
    name: "takes a header block of 8 KiB",
    bytes: bytesOf(headerBlock(8192), frameOf(WATCH), "m"),
    expected: accepted(WATCH, "m", true),
  },
  {
    name: "refuses a header block of 8 KiB and a byte",
    bytes: bytesOf(headerBlock(8193), frameOf(WATCH), "m"),
    expected: TOO_LONG_HEADER,
  },
  {
    name: "refuses a header block without an end",
    bytes: bytesOf("x".repeat(9000)),
    expected: TOO_LONG_HEADER,
  },
  {
    name: "takes a payload of 4 KiB",
    bytes: bytesOf(frameOf("p".repeat(4096)), "m"),
    expected: accepted("p".repeat(4096), "m"),
  },
  {
    name: "takes a payload of 4 KiB behind a header block of 8 KiB",
    bytes: bytesOf(headerBlock(8192), frameOf("p".repeat(4096)), "m"),
    expected: accepted("p".repeat(4096), "m", true),
  },
  {
    name: "refuses a payload of 4 KiB and a byte",
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
    expected: refused("the connection ended before the payload did"),
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
    name: "takes an empty payload",
    bytes: bytesOf(frameOf(""), "m"),
    expected: accepted("", "m"),
  },
  {
    name: "takes an empty payload behind a header block",
    bytes: bytesOf("\n\n", frameOf(""), "m"),
    expected: accepted("", "m", false),
  },
  {
    name: "keeps NULs in the text",
    bytes: frameOf("watch,user=a\0b\0"),
    expected: accepted("watch,user=a\0b\0", ""),
  },
  {
    name: "does not take a line of blanks for an empty one",
    bytes: bytesOf("a\n \n", frameOf(WATCH), "\n"),
    expected: refused("the connection ended before the payload did"),
  },
]);

Deno.test("PayloadDecoderStream tells the version by the first byte, and refuses what opens neither", async () => {
  for (let first = 0; first < 256; first++) {
    const letter = /[A-Za-z]/.test(String.fromCharCode(first));
    const opens = first === 0 || first === 0x0a || first === 0x0d || letter;
    const why = opens
      ? "the connection ended before the payload did"
      : `first byte ${first}`;
    assertEquals(
      await decodePayload([new Uint8Array([first])]),
      refused(why),
      `byte ${first}`,
    );
  }
});

Deno.test("PayloadDecoderStream refuses when the bytes end anywhere in the prelude", async () => {
  const ended = refused("the connection ended before the payload did");
  for (const [name, opening] of OPENINGS) {
    const prelude = bytesOf(opening, frameOf("watch,user=fier"));
    for (let end = 0; end < prelude.length; end++) {
      const bytes = prelude.subarray(0, end);
      const where = `${name}, ended after ${end} bytes`;
      assertEquals(await decodePayload([bytes]), ended, where);
      assertEquals(await decodePayload(piecesOf(bytes, 1)), ended, where);
    }
  }
});

Deno.test("PayloadDecoderStream refuses an endless header block, and reads no more of it", async () => {
  let pulled = 0;
  const cancelled = Promise.withResolvers<void>();
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller): void => {
      pulled += 1000;
      controller.enqueue(new Uint8Array(1000).fill(0x61));
    },
    cancel: (): void => cancelled.resolve(),
  });
  const messages = endless.pipeThrough(new PayloadDecoderStream(LIMITS));
  await assertRejects(() => messages.getReader().read(), Refusal, "too long");
  await cancelled.promise;
  assertLessOrEqual(pulled, 12_000); // What was buffered on the way, and no more.
});

Deno.test("PayloadDecoderStream passes media on as the chunks that came, uncopied", async () => {
  const media = [bytesOf("abc"), bytesOf("de")];
  const messages = ReadableStream.from([frameOf(WATCH), ...media]).pipeThrough(
    new PayloadDecoderStream(LIMITS),
  );
  const [payload, ...rest] = await Array.fromAsync(messages);
  assertEquals(payload, { type: "payload", version: 1, text: WATCH });
  assertEquals(rest.map((chunk) => media.indexOf(chunk as never)), [0, 1]);
});

Deno.test("PayloadDecoderStream tells of the header block before the payload has come", async () => {
  const { readable, writable } = new PayloadDecoderStream(LIMITS);
  const reader = readable.getReader();
  const writer = writable.getWriter();
  const written = writer.write(bytesOf("GET / HTTP/1.1\r\n\r\n"));
  assertEquals((await reader.read()).value, { type: "header", http: true });
  await written;
  await reader.cancel();
});

Deno.test("PayloadDecoderStream obeys the limits it is given", async () => {
  const tight = { headerBytes: 64, payloadBytes: 64 };
  const decode = async (chunks: Iterable<Uint8Array>): Promise<number> => {
    const stream = ReadableStream.from(chunks).pipeThrough(
      new PayloadDecoderStream(tight),
    );
    try {
      return (await Array.fromAsync(stream)).length;
    } catch {
      return 0;
    }
  };
  const cases = [[64, 64, 2], [65, 64, 0], [64, 65, 0]] as const;
  for (const [header, payload, expected] of cases) {
    const frame = frameOf("p".repeat(payload));
    const bytes = bytesOf(headerBlock(header), frame);
    const name = `${header} and ${payload} bytes`;
    await assertSameInAnyChunks(decode, { name, bytes, expected });
  }
});
