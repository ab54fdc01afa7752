/**
 * Frames of a server (RFC 6455 §5.2): never masked, never fragmented.
 *
 * @module
 */

import { isCloseCode } from "./close_codes.ts";
import {
  isControl,
  MAX_CONTROL_BYTES,
  OPCODE,
  type Opcode,
} from "./opcodes.ts";

/** FIN: the frame is a whole message. */
const FIN = 0x80;

/** Largest length that fits into the header's second byte, and into two more bytes. */
const MAX_LENGTH_7 = 125;
const MAX_LENGTH_16 = 0xffff;

const CODE_BYTES = 2;

const encoder = new TextEncoder();

/**
 * Makes the header of a frame whose payload is sent apart: two, four or ten bytes.
 *
 * @throws {RangeError} When no frame of this kind can have that length.
 */
export function frameHeader(
  opcode: Opcode,
  length: number,
): Uint8Array<ArrayBuffer> {
  checkLength(opcode, length);
  const header = new Uint8Array(headerBytes(length));
  writeHeader(header, opcode, length);
  return header;
}

/**
 * Makes a frame with a copy of its payload.
 *
 * @throws {RangeError} When no frame of this kind can have that length.
 */
export function encodeFrame(
  opcode: Opcode,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  checkLength(opcode, payload.length);
  const start = headerBytes(payload.length);
  const frame = new Uint8Array(start + payload.length);
  writeHeader(frame, opcode, payload.length);
  frame.set(payload, start);
  return frame;
}

/** Makes a text message. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return encodeFrame(OPCODE.text, encoder.encode(text));
}

/**
 * Makes a close frame; without a code it is empty, and so is the reply to an empty one. The reason is
 * cut at a character boundary to what fits, 123 bytes.
 *
 * @throws {RangeError} When the code may not be sent.
 */
export function encodeClose(
  code?: number,
  reason = "",
): Uint8Array<ArrayBuffer> {
  if (code === undefined) return frameHeader(OPCODE.close, 0);
  if (!isCloseCode(code)) {
    throw new RangeError(`Cannot send close code ${code}`);
  }
  const data = new Uint8Array(MAX_CONTROL_BYTES);
  new DataView(data.buffer).setUint16(0, code);
  // Writes whole characters only.
  const { written } = encoder.encodeInto(reason, data.subarray(CODE_BYTES));
  return encodeFrame(OPCODE.close, data.subarray(0, CODE_BYTES + written));
}

/**
 * Makes a ping.
 *
 * @throws {RangeError} When the data has more than 125 bytes.
 */
export function encodePing(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeFrame(OPCODE.ping, data);
}

/**
 * Makes the reply to a ping, which has the same data.
 *
 * @throws {RangeError} When the data has more than 125 bytes.
 */
export function encodePong(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeFrame(OPCODE.pong, data);
}

function checkLength(opcode: Opcode, length: number): void {
  const max = isControl(opcode) ? MAX_CONTROL_BYTES : Number.MAX_SAFE_INTEGER;
  if (Number.isInteger(length) && length >= 0 && length <= max) return;
  throw new RangeError(`Cannot frame ${length} bytes, at most ${max} fit`);
}

function headerBytes(length: number): number {
  if (length <= MAX_LENGTH_7) return 2;
  return length <= MAX_LENGTH_16 ? 4 : 10;
}

function writeHeader(frame: Uint8Array, opcode: Opcode, length: number): void {
  const view = new DataView(frame.buffer, frame.byteOffset);
  frame[0] = FIN | opcode;
  if (length <= MAX_LENGTH_7) {
    frame[1] = length;
  } else if (length <= MAX_LENGTH_16) {
    frame[1] = 126;
    view.setUint16(2, length);
  } else {
    frame[1] = 127;
    view.setUint32(2, Math.floor(length / 2 ** 32));
    view.setUint32(6, length % 2 ** 32);
  }
}
