import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { isCloseCode } from "../../lib/websocket/close_codes.ts";
import { encodeClose, encodeFrame } from "../../lib/websocket/encode.ts";
import {
  checkHandshake,
  handshakeReply,
} from "../../lib/websocket/handshake.ts";
import { OPCODE, type Opcode } from "../../lib/websocket/opcodes.ts";
import { maskEncoded, maskFragments } from "../helpers/mask_frame.ts";
import {
  assertDecoded,
  decode,
  type Item,
} from "../helpers/websocket_decoding.ts";
import { CHEAP_CASES, cutAtRandom, type FuzzTarget, textOf } from "./target.ts";

/** Below the size of many cases, so that the cap is met. */
const MAX_TEXT_BYTES = 256;

/** What the decoder may fail with. */
const ERROR_CODES = [1002, 1007, 1008, 1009];

/**
 * Any chunking gives the same; nothing but a `WebSocketError` is thrown and the cap of text holds, which
 * `decode` checks; what comes out is what a peer may send.
 */
const frames: FuzzTarget = {
  name: "websocket",
  cases: CHEAP_CASES,
  words: ["\x01", "\x02", "\x7e", "\x7f", "\0\0\0\0", "\x03", "\n"],
  check(bytes, random): void {
    const whole = decode([bytes], MAX_TEXT_BYTES);
    const cut = decode(cutAtRandom(bytes, random), MAX_TEXT_BYTES);
    assertDecoded(cut, whole, "cut at random");
    if (whole.code !== undefined) assert(ERROR_CODES.includes(whole.code));
    const sizes = whole.items.map(checkItem);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert(total <= bytes.length, "more came out than went in");
    const closes = whole.items.findIndex((item) =>
      !(item instanceof Uint8Array) && item.type === "close"
    );
    assert(closes < 0 || closes === whole.items.length - 1, "more after close");
  },
};

/** Checks what one item may be; returns its bytes. */
function checkItem(item: Item): number {
  if (item instanceof Uint8Array) return item.length;
  if (item.type === "text") {
    const { length } = new TextEncoder().encode(item.text);
    assert(length <= MAX_TEXT_BYTES, `a text of ${length} bytes`);
    return length;
  }
  if (item.type !== "close") {
    assert(item.data.length <= 125, `a ${item.type} too long`);
    return item.data.length;
  }
  assert(item.code === undefined || isCloseCode(item.code));
  const again = encodeClose(item.code, item.reason);
  assertDecoded(decode([maskEncoded(again)]), { items: [item] }, "close");
  return again.length - 2;
}

/** The opcodes of messages and control frames whose payload is free. */
const FREE_OPCODES: readonly Opcode[] = [
  OPCODE.binary,
  OPCODE.ping,
  OPCODE.pong,
];

/** What is encoded, masked and fragmented at will is decoded again. */
const roundTrip: FuzzTarget = {
  name: "websocket-round-trip",
  cases: 200_000,
  words: [],
  check(bytes, random): void {
    const key = [random(256), random(256), random(256), random(256)];
    const sent: Uint8Array[] = [];
    const media: Uint8Array[] = [];
    const others: Item[] = [];
    for (const piece of cutAtRandom(bytes, random).slice(0, 500)) {
      const opcode = FREE_OPCODES[random(FREE_OPCODES.length)]!;
      if (opcode !== OPCODE.binary && piece.length <= 125) {
        const type = opcode === OPCODE.ping ? "ping" : "pong";
        others.push({ type, data: piece.slice() });
        sent.push(maskEncoded(encodeFrame(opcode, piece), key));
      } else {
        media.push(piece);
        if (random(2)) {
          sent.push(maskEncoded(encodeFrame(OPCODE.binary, piece), key));
        } else {
          sent.push(...maskFragments(2, piece, 1 + random(piece.length)));
        }
      }
    }
    const { items, code } = decode(cutAtRandom(concat(sent), random));
    assertEquals(code, undefined);
    const payload = items.filter((item) => item instanceof Uint8Array);
    assertEquals(concat(payload), concat(media));
    assertEquals(items.filter((item) => !(item instanceof Uint8Array)), others);
  },
};

/** A handshake is accepted with the key of 16 bytes that it holds, or rejected with a fitting status. */
const handshake: FuzzTarget = {
  name: "websocket-handshake",
  cases: 200_000,
  words: [
    ...["upgrade: ", "connection: ", "websocket", "Upgrade", ", ", "\n", "13"],
    ...["sec-websocket-key: ", "sec-websocket-version: ", "==", "host: "],
  ],
  async check(bytes): Promise<void> {
    const [method = "", ...lines] = textOf(bytes).split("\n");
    const headers = new Map(lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    const result = checkHandshake(headers, method, 1);
    if ("status" in result) {
      return assert([400, 405, 426].includes(result.status));
    }
    assertEquals(headers.get("sec-websocket-key"), result.key);
    assertEquals(Uint8Array.fromBase64(result.key).length, 16);
    const accept = (await handshakeReply(result.key))["Sec-WebSocket-Accept"]!;
    assertEquals(Uint8Array.fromBase64(accept).length, 20);
  },
};

/** What a WebSocket client sends. */
export const WEBSOCKET_TARGETS: readonly FuzzTarget[] = [
  frames,
  roundTrip,
  handshake,
];
