import { concat } from "@std/bytes";
import { OPCODE } from "../../lib/websocket/opcodes.ts";

/** What a server sent over a WebSocket, read without the code under test (RFC 6455 §5.2). */
export interface ServerFrames {
  /** Text messages in order. */
  readonly texts: readonly string[];
  /** The payload of all binary messages. */
  readonly media: Uint8Array<ArrayBuffer>;
  /** The close code, if the server sent one. */
  readonly close: number | undefined;
}

/**
 * Reads unfragmented frames behind the reply to a handshake; an unfinished last one is left out.
 *
 * @param bytes Everything that the server sent.
 */
export function serverFrames(bytes: Uint8Array): ServerFrames {
  const texts: string[] = [];
  const media: Uint8Array[] = [];
  let close: number | undefined;
  for (const { opcode, payload } of framesOf(bytes)) {
    if (opcode === OPCODE.text) texts.push(new TextDecoder().decode(payload));
    if (opcode === OPCODE.binary) media.push(payload);
    if (opcode === OPCODE.close) close = payload[0]! << 8 | payload[1]!;
  }
  return { texts, media: concat(media), close };
}

function* framesOf(
  bytes: Uint8Array,
): Generator<{ opcode: number; payload: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = endOfHead(bytes); at + 2 <= bytes.length;) {
    const opcode = bytes[at]! & 15;
    const short = bytes[at + 1]!;
    const more = short === 127 ? 8 : short === 126 ? 2 : 0;
    if (at + 2 + more > bytes.length) return;
    const length = more === 8
      ? Number(view.getBigUint64(at + 2))
      : more === 2
      ? view.getUint16(at + 2)
      : short;
    const from = at + 2 + more;
    at = from + length;
    if (at > bytes.length) return;
    yield { opcode, payload: bytes.subarray(from, at) };
  }
}

function endOfHead(bytes: Uint8Array): number {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 4096));
  const end = head.indexOf("\r\n\r\n");
  return end < 0 ? bytes.length : end + 4;
}
