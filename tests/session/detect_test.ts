import { assert, assertEquals } from "@std/assert";
import {
  parseRequestHead,
  type RequestHead,
} from "../../lib/http/request_head.ts";
import {
  isLastHead,
  opening,
  protocolByNext,
  protocolOfHead,
} from "../../lib/session/detect.ts";
import { type Decoded, decodeRequests } from "../helpers/request_decoding.ts";
import { bytesOf, frameOf } from "../helpers/wire_bytes.ts";
import { type DecoderCase, decoderSuite } from "../suites/decoder_suite.ts";

/** `source:123`. */
const AUTH = "Basic c291cmNlOjEyMw==";

/** What ffmpeg sends. */
const PUT = "PUT /fier/default HTTP/1.1\r\nUser-Agent: Lavf/59.27.100\r\n" +
  "Accept: */*\r\nExpect: 100-continue\r\nConnection: close\r\n" +
  "Host: 127.0.0.1:61920\r\nContent-Type: video/mp2t\r\n" +
  `Icy-MetaData: 1\r\nIce-Public: 0\r\nAuthorization: ${AUTH}\r\n\r\n`;

/** What libshout sends once it was challenged. */
const SOURCE = "SOURCE /x?format=mp3 HTTP/1.0\r\nHost: a\r\n" +
  `Authorization: ${AUTH}\r\nUser-Agent: libshout/2.4.6\r\n` +
  "Content-Type: audio/mpeg\r\nice-name: a: b\r\n\r\n";

function headOf(text: string): RequestHead {
  const head = parseRequestHead(text);
  if (!head) throw new Error(`Cannot read a head: ${text}`);
  return head;
}

/** Heads of source clients, and what is read in them. */
const HEADS: readonly [
  name: string,
  text: string,
  read: Pick<RequestHead, "method" | "target" | "expectsContinue">,
][] = [
  [
    "ffmpeg's",
    PUT,
    { method: "PUT", target: "/fier/default", expectsContinue: true },
  ],
  [
    "libshout's",
    SOURCE,
    { method: "SOURCE", target: "/x?format=mp3", expectsContinue: false },
  ],
  [
    "one that expects in capitals",
    `PUT / HTTP/1.1\r\nHost: a\r\nEXPECT: 100-Continue\r\nAUTHORIZATION:  ${AUTH} \r\n\r\n`,
    { method: "PUT", target: "/", expectsContinue: true },
  ],
];

function* sourceCases(): Generator<DecoderCase<Decoded>> {
  const media: readonly [name: string, bytes: Uint8Array][] = [
    ["no media", bytesOf("")],
    ["MP3", bytesOf("\n\nID3")],
    ["a request frame as media", frameOf("watch,user=fier")],
    ["fragmented MP4", bytesOf("\0\0\0\x1cftypiso5")],
    ["H.264 in Annex B", bytesOf("\0\0\0\x01\x67\x42")],
    ["media that looks like a request", bytesOf("GET / HTTP/1.1\r\n\r\n")],
  ];
  for (const [name, text] of HEADS) {
    for (const [what, bytes] of media) {
      yield {
        name: `takes ${name} head and ${what}`,
        bytes: bytesOf(text, bytes),
        expected: {
          requests: [{ type: "head", head: headOf(text) }],
          media: bytes,
        },
      };
    }
  }
}

decoderSuite("RequestDecoder", decodeRequests, sourceCases());

for (const [name, text, read] of HEADS) {
  Deno.test(`protocolOfHead() takes ${name} head for an Icecast source`, () => {
    const head = headOf(text);
    assertEquals(protocolOfHead(head), "icecast");
    assertEquals(head.headers.get("authorization"), AUTH);
    const { method, target, expectsContinue } = head;
    assertEquals({ method, target, expectsContinue }, read);
    assert(isLastHead(head), "everything behind it is media");
  });
}

/** Heads that are not an Icecast source's, and what they begin by themselves. */
const OTHERS: readonly [
  name: string,
  text: string,
  protocol: ReturnType<typeof protocolOfHead>,
][] = [
  ["a length", PUT.replace("Accept: */*", "Content-Length: 9"), "http"],
  [
    "credentials and a length of 0",
    PUT.replace("Accept: */*", "Content-Length: 0"),
    "http",
  ],
  ["chunks", PUT.replace("Accept: */*", "transfer-encoding: chunked"), "http"],
  [
    "POST and a length",
    PUT.replace("PUT", "POST").replace("Accept: */*", "Content-Length: 9"),
    "http",
  ],
  ["OPTIONS", PUT.replace("PUT /fier/default", "OPTIONS *"), "http"],
  [
    "OPTIONS and an offer of TLS",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n",
    "http",
  ],
  [
    "an upgrade",
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c, WebSocket\r\n\r\n",
    "websocket",
  ],
  [
    "an upgrade to something else",
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocketx\r\n\r\n",
    undefined,
  ],
  ["another method", PUT.replace("PUT", "POST"), undefined],
  ["a method in small letters", PUT.replace("PUT", "put"), undefined],
  ["GET", PUT.replace("PUT", "GET"), undefined],
];

for (const [name, text, protocol] of OTHERS) {
  Deno.test(`protocolOfHead() tells a head with ${name} from a source's`, async () => {
    assertEquals(protocolOfHead(headOf(text)), protocol);
    if (protocol !== undefined) return;
    assertEquals((await frameBehind(text))?.version, 2);
  });
}

Deno.test("protocolOfHead() takes libshout's first PUT, with a length of 0, for a source's", () => {
  const first = "PUT /fier HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
  assertEquals(protocolOfHead(headOf(first)), "icecast");
  assertEquals(isLastHead(headOf(first)), false);
});

Deno.test("isLastHead() expects another head behind a source without credentials", async () => {
  for (const text of [PUT, SOURCE]) {
    for (const credentials of [/Authorization: .*\r\n/, AUTH]) {
      const bare = headOf(text.replace(credentials, ""));
      assertEquals(protocolOfHead(bare), "icecast");
      const isChallenged = !bare.headers.has("authorization");
      assertEquals(isLastHead(bare), !isChallenged);
    }
  }
  const twice = [SOURCE.replace(/Authorization: .*\r\n/, ""), SOURCE];
  const decoded = await decodeRequests([bytesOf(...twice, "ID3")]);
  assertEquals(decoded, {
    requests: twice.map((text) => ({
      type: "head" as const,
      head: headOf(text),
    })),
    media: bytesOf("ID3"),
  });
});

Deno.test("parseRequestHead() finds no version 2 in another HTTP version", async () => {
  const decoded = await decodeRequests([
    bytesOf(PUT.replace("HTTP/1.1", "HTTP/2.0"), frameOf("token,user=a")),
  ]);
  const why = "the request head is malformed";
  assertEquals(decoded, { refused: "bad-request", why });
});

/** The request frame that follows a head. */
async function frameBehind(
  text: string,
): Promise<{ version: number } | undefined> {
  const decoded = await decodeRequests([
    bytesOf(text, frameOf("token,user=a")),
  ]);
  const message = "requests" in decoded ? decoded.requests[1] : undefined;
  return message?.type === "frame" ? message : undefined;
}

Deno.test("opening() tells by the first byte what a connection begins", () => {
  for (let byte = 0; byte < 256; byte++) {
    const isBlock = /[A-Za-z\r\n]/.test(String.fromCharCode(byte));
    const begins = byte === 0
      ? "frame"
      : byte === 3
      ? "rtmp"
      : isBlock
      ? "block"
      : "nothing";
    assertEquals(opening(byte).begins, begins, `byte ${byte}`);
  }
  const problems = [[0x16, "TLS"], [0x80, "first byte 128"]] as const;
  for (const [byte, words] of problems) {
    const found = opening(byte);
    assert(found.begins === "nothing" && found.problem.startsWith(words));
  }
});

/** Heads without a body, what follows, and the protocol; `undefined`: a moment of waiting decides. */
const OPEN_HEADS: readonly [
  name: string,
  headers: string,
  next: number | undefined,
  protocol: ReturnType<typeof protocolByNext>,
][] = [
  ["a frame", "", 0, "fstream2"],
  [
    "a frame behind a client's headers",
    "User-Agent: x\r\nAccept: */*\r\n",
    0,
    "fstream2",
  ],
  ["another request", "", 0x47, "http"],
  ["nothing", "", undefined, undefined],
  [
    "nothing behind a cookie",
    "Cookie: a=b\r\nConnection: close\r\n",
    undefined,
    undefined,
  ],
  ["nothing behind Accept", "Accept: */*\r\n", undefined, "http"],
  ["nothing behind User-Agent", "user-agent: curl/8\r\n", undefined, "http"],
  ["nothing behind Range", "Range: bytes=0-\r\n", undefined, "http"],
  ["nothing behind Icy-MetaData", "Icy-MetaData: 1\r\n", undefined, "http"],
  ["nothing behind Authorization", "Authorization: x\r\n", undefined, "http"],
  [
    "nothing behind Sec-Fetch-Site",
    "Sec-Fetch-Site: none\r\n",
    undefined,
    "http",
  ],
  [
    "nothing behind Accept-Language",
    "Accept-Language: de\r\n",
    undefined,
    undefined,
  ],
];

for (const [name, headers, next, protocol] of OPEN_HEADS) {
  Deno.test(`protocolByNext() takes a head and ${name}`, () => {
    for (
      const [line, host] of [["GET / HTTP/1.1", "Host: a\r\n"], [
        "GET / HTTP/1.0",
        "",
      ]]
    ) {
      const head = headOf(`${line}\r\n${host}${headers}\r\n`);
      assertEquals(protocolOfHead(head), undefined);
      assertEquals(protocolByNext(head, next), protocol);
      assertEquals(isLastHead(head), false);
    }
  });
}
