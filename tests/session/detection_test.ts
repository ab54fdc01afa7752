import { assert, assertEquals } from "@std/assert";
import type { Protocol } from "../../lib/auth/authenticate.ts";
import { RESERVED_NAMES } from "../../lib/session/channel_path.ts";
import { piecesOf } from "../helpers/chunkings.ts";
import { maskFrame } from "../helpers/mask_frame.ts";
import { bytesOf, frameOf } from "../helpers/wire_bytes.ts";
import { SessionScene } from "./session_scene.ts";

/** `fier:123`. */
const AUTH = `Authorization: Basic ${btoa("fier:123")}\r\n`;

const BROADCAST_1 = frameOf("broadcast,user=fier,user-password=123");
const BROADCAST_2 = frameOf("broadcast,user=fier,user_password=123");

/** Fragmented MP4 and Annex B begin with 00, as a request frame does. */
const FMP4 = bytesOf("\0\0\0\x1cftypiso5\0\0\x02\0iso5iso6mp41");
const ANNEX_B = bytesOf("\0\0\0\x01\x67\x42\xc0\x1e");
const TOKEN_FRAME = frameOf("token,user=fier,user_password=123");

const UPGRADE = "GET /fier HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n" +
  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

/** What a broadcaster sends: its request in up to two parts, media, and the protocol that is detected. */
interface Row {
  readonly name: string;
  readonly parts: readonly (string | Uint8Array)[];
  readonly media: Uint8Array;
  readonly protocol: Protocol;
  /** Whether the parts decide only together, because a client's headers make HTTP of the first alone. */
  readonly together?: boolean;
}

const MEDIA: readonly Uint8Array[] = [
  bytesOf("GET / HTTP/1.1\r\n\r\n"),
  FMP4,
  ANNEX_B,
  TOKEN_FRAME,
];

function* rows(): Generator<Row> {
  for (const media of MEDIA) {
    yield* broadcasts(media);
  }
}

function* broadcasts(media: Uint8Array): Generator<Row> {
  yield {
    name: "version 1",
    parts: [BROADCAST_1],
    media,
    protocol: "fstream1",
  };
  for (
    const [name, block] of [
      ["LF LF", "\n\n"],
      ["CRLF CRLF", "\r\n\r\n"],
      ["a head with Host", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
      ["a head without Host", "GET / HTTP/1.1\r\n\r\n"],
      ["a head with LF", "GET /fier HTTP/1.0\nHost: a\n\n"],
      ["a POST head", "POST / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ] as const
  ) {
    yield {
      name: `version 2 behind ${name}`,
      parts: [block, BROADCAST_2],
      media,
      protocol: "fstream2",
    };
  }
  yield {
    name: "version 2 behind a proxy's head",
    parts: [
      "POST /fier HTTP/1.1\r\nHost: a\r\nUser-Agent: python\r\n" +
      "Transfer-Encoding: identity\r\n\r\n",
      BROADCAST_2,
    ],
    media,
    protocol: "fstream2",
    together: true,
  };
  for (const line of ["PUT /fier HTTP/1.1", "SOURCE /fier HTTP/1.0"]) {
    yield {
      name: `an Icecast ${line}`,
      parts: [`${line}\r\nHost: a\r\n${AUTH}\r\n`],
      media,
      protocol: "icecast",
    };
  }
  const length = `Content-Length: ${media.length}\r\n`;
  for (const method of ["PUT", "POST"]) {
    yield {
      name: `an HTTP ${method}`,
      parts: [`${method} /fier HTTP/1.1\r\nHost: a\r\n${AUTH}${length}\r\n`],
      media,
      protocol: "http",
    };
  }
}

/** Ways in which the same bytes arrive. */
function* packetsOf({ parts, media, together }: Row): Generator<Uint8Array[]> {
  const all = bytesOf(...parts, media);
  yield [all];
  if (together) return;
  yield [...parts.map((part) => bytesOf(part)), media];
  yield [...piecesOf(all, 1)];
}

for (const row of rows()) {
  Deno.test(`serveConnection() detects ${row.name}, media ${row.media.length} bytes, in one packet, in two, byte by byte`, async () => {
    for (const packets of packetsOf(row)) {
      await using scene = new SessionScene({ hub: { graceSeconds: 0 } });
      using peer = await scene.connect();
      for (const packet of packets) {
        await peer.send(packet);
        // As sockets do it: the next packet comes after this one was read.
        if (packets.length < 4) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
      await peer.finish();
      const { bytes, protocol } = await scene.log.wait("broadcast-end");
      assertEquals([bytes, protocol], [row.media.length, row.protocol]);
      assertEquals(scene.asked.map(({ protocol }) => protocol), [row.protocol]);
      assertEquals(scene.log.named("refused"), []);
    }
  });
}

Deno.test("serveConnection() detects a WebSocket, however it comes", async () => {
  const request = maskFrame(1, '{"verb":"broadcast","user_password":"123"}');
  const media = maskFrame(2, FMP4);
  const close = maskFrame(8, new Uint8Array([0x03, 0xe8]));
  const parts = [bytesOf(UPGRADE), request, media, close];
  for (
    const packets of [[bytesOf(...parts)], parts, [
      ...piecesOf(bytesOf(...parts), 1),
    ]]
  ) {
    await using scene = new SessionScene();
    using peer = await scene.connect();
    for (const packet of packets) await peer.send(packet);
    const { bytes, protocol, reason } = await scene.log.wait("broadcast-end");
    assertEquals([bytes, protocol, reason], [
      FMP4.length,
      "websocket",
      "the broadcast ended",
    ]);
    await peer.finish();
    await peer.rest();
  }
});

/** What is no request of any protocol; the log says what it was. */
const NOTHING: readonly [name: string, bytes: Uint8Array, reason: string][] = [
  [
    "TLS on a plain port",
    new Uint8Array([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
    "TLS on a port without TLS; clients reach TLS at tls-listen",
  ],
  [
    "RTMPE, which is encrypted",
    new Uint8Array([6, ...new Array(64).fill(0)]),
    "first byte 6",
  ],
  [
    "HTTP/2",
    bytesOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "the request head is malformed",
  ],
  [
    "SSH",
    bytesOf("SSH-2.0-OpenSSH_9.2p1\r\n\r\n"),
    "the request head is malformed",
  ],
  [
    "a PROXY header from a peer that is not trusted",
    bytesOf("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n\r\n"),
    "the request head is malformed",
  ],
];

for (const [name, bytes, expected] of NOTHING) {
  Deno.test(`serveConnection() closes ${name} without a byte, and says in the log what it was`, async () => {
    await using scene = new SessionScene();
    using peer = await scene.connect(bytes);
    assertEquals(await peer.rest(), new Uint8Array());
    const { code, reason, remote } = await scene.log.wait("refused");
    assertEquals([code, reason, remote], [
      "bad-request",
      expected,
      "192.0.2.1:5000",
    ]);
  });
}

Deno.test("serveConnection() takes a request frame in no request but the first for fstream", async () => {
  await using scene = new SessionScene();
  const get = "GET /healthz HTTP/1.1\r\nHost: a\r\nUser-Agent: x\r\n\r\n";
  using peer = await scene.connect(bytesOf(get));
  await peer.take(15);
  await peer.send(TOKEN_FRAME);
  const rest = new TextDecoder().decode(await peer.rest());
  assert(rest.endsWith("ok\n"), rest);
  assertEquals(scene.asked, []);
  assertEquals(scene.log.named("token"), []);
});

Deno.test("serveConnection() leaves reserved names to pages over every protocol of HTTP", async () => {
  await using scene = new SessionScene();
  for (const name of RESERVED_NAMES) {
    for (
      const line of [
        `PUT /${name} HTTP/1.1`,
        `SOURCE /${name}/x HTTP/1.0`,
        `PUT /${name}/x HTTP/1.1`,
      ]
    ) {
      using peer = await scene.connect(
        bytesOf(`${line}\r\nHost: a\r\n${AUTH}\r\n`, FMP4),
      );
      const reply = new TextDecoder().decode(await peer.rest());
      assert(/^HTTP\/1\.1 40[45] /.test(reply), `${line}: ${reply}`);
    }
    const upgrade = UPGRADE.replace("/fier", `/${name}`);
    using peer = await scene.connect(bytesOf(upgrade));
    assert(
      !new TextDecoder().decode(await peer.take(12)).endsWith("101"),
      name,
    );
  }
  assertEquals(scene.hub.channels(), []);
  assertEquals(scene.asked, []);
});
