import { assertEquals } from "@std/assert";
import {
  type IcecastHead,
  icecastRequest,
  parseIcecastHead,
} from "../../lib/wire/icecast_head.ts";
import { type Decoded, decodePayload } from "../helpers/payload_decoding.ts";
import { bytesOf, frameOf } from "../helpers/wire_bytes.ts";
import { refusalOf } from "../hub/hub_scene.ts";
import { type DecoderCase, decoderSuite } from "../suites/decoder_suite.ts";

/** `source:123`. */
const AUTH = "Basic c291cmNlOjEyMw==";

/** What ffmpeg sends. */
const PUT = "PUT /fier/default HTTP/1.1\r\nUser-Agent: Lavf/59.27.100\r\n" +
  "Accept: */*\r\nExpect: 100-continue\r\nConnection: close\r\n" +
  "Host: 127.0.0.1:61920\r\nContent-Type: video/mp2t\r\n" +
  `Icy-MetaData: 1\r\nIce-Public: 0\r\nAuthorization: ${AUTH}\r\n\r\n`;

function head(changes: Partial<IcecastHead> = {}): IcecastHead {
  return {
    type: "icecast",
    method: "PUT",
    target: "/fier/default",
    authorization: AUTH,
    expectsContinue: true,
    ...changes,
  };
}

/** Heads of source clients, and what is read in them. */
const HEADS: readonly [name: string, text: string, read: IcecastHead][] = [
  ["ffmpeg's", PUT, head()],
  [
    "an older client's",
    `SOURCE /x?format=mp3 HTTP/1.0\nauthorization:${AUTH}\nice-name: a: b\n\n`,
    head({ method: "SOURCE", target: "/x?format=mp3", expectsContinue: false }),
  ],
  [
    "one that expects in capitals",
    `PUT / HTTP/1.1\r\nEXPECT: 100-Continue\r\nAUTHORIZATION:  ${AUTH} \r\n\r\n`,
    head({ target: "/" }),
  ],
];

function* sourceCases(): Generator<DecoderCase<Decoded>> {
  const frame = frameOf("watch,user=fier");
  for (const [name, text, read] of HEADS) {
    for (const media of [bytesOf(""), bytesOf("\n\nID3"), frame]) {
      yield {
        name: `takes ${name} head and ${media.length} bytes of media`,
        bytes: bytesOf(text, media),
        expected: { preludes: [read], media },
      };
    }
  }
}

decoderSuite("PayloadDecoderStream", decodePayload, sourceCases());

/** Heads that are not for this door. */
const OTHERS: readonly [name: string, text: string][] = [
  ["no credentials", PUT.replace(/Authorization: .*\r\n/, "")],
  ["empty credentials", PUT.replace(AUTH, "")],
  ["a length", PUT.replace("Accept: */*", "Content-Length: 9")],
  ["chunks", PUT.replace("Accept: */*", "transfer-encoding: chunked")],
  ["another method", PUT.replace("PUT", "POST")],
  ["a method in small letters", PUT.replace("PUT", "put")],
  ["another version", PUT.replace("HTTP/1.1", "HTTP/2.0")],
  ["no path", PUT.replace("/fier/default", "*")],
  ["a whole address", PUT.replace("/fier", "http://a/fier")],
];

for (const [name, text] of OTHERS) {
  Deno.test(`parseIcecastHead() leaves a head with ${name} alone`, async () => {
    assertEquals(parseIcecastHead(text), undefined);
    const { version } = await payloadBehind(text);
    assertEquals(version, 2);
  });
}

/** The payload of wire version 2 that follows a head. */
async function payloadBehind(text: string): Promise<{ version: number }> {
  const decoded = await decodePayload([bytesOf(text, frameOf("token,user=a"))]);
  const payload = "preludes" in decoded ? decoded.preludes[1] : undefined;
  if (payload?.type !== "payload") throw new Error(`Cannot find it: ${text}`);
  return payload;
}

Deno.test("icecastRequest() reads channel and keys from the target, the password from Basic", () => {
  const target =
    "//fier/a%2Fb%20%C3%A4?bufsize=7&channel-password=a,b%26&hold=2";
  const read = icecastRequest(head({ target: target.slice(1) }));
  assertEquals(read, {
    verb: "broadcast",
    user: "fier",
    userPassword: "123",
    reply: false,
    channel: "a/b ä",
    channelPassword: "a,b&",
    token: undefined,
    bufsize: 7,
    format: undefined,
    hold: 2,
  });
});

Deno.test("icecastRequest() refuses what can be no channel, and what it cannot read", async () => {
  const nowhere = "not-live: no channel can be there";
  const refused: [string, string][] = [
    ["/", nowhere],
    ["//evil.example/fier", nowhere],
    ["/api/token", nowhere],
    ["/a/b/c", nowhere],
    ["/%zz", nowhere],
    [
      "/fier?bufsize=x",
      "bad-request: bufsize must be a whole number up to 4194304",
    ],
    ["/fier?hold=1&hold=2", "bad-request: a key is given twice"],
  ];
  for (const [target, why] of refused) {
    const asked = Promise.try(() => icecastRequest(head({ target })));
    assertEquals(await refusalOf(asked), why, target);
  }
});
