/**
 * What the first bytes of a frame say (RFC 6455 §5.2).
 *
 * @module
 */

/** The opcodes that RFC 6455 §11.8 registers; all others are reserved. */
export const OPCODE = {
  /** A further fragment of the message in progress. */
  continuation: 0x0,
  /** UTF-8 text. */
  text: 0x1,
  /** Bytes. */
  binary: 0x2,
  /** The end, with a code and a reason. */
  close: 0x8,
  /** Asks for a pong with the same data. */
  ping: 0x9,
  /** The reply to a ping, or a sign of life. */
  pong: 0xa,
} as const;

/** One of {@linkcode OPCODE}. */
export type Opcode = typeof OPCODE[keyof typeof OPCODE];

/** Bytes of data that a control frame may carry (RFC 6455 §5.5). */
export const MAX_CONTROL_BYTES = 125;

/** Tells whether an opcode is that of a control frame: the high bit of the four. */
export function isControl(opcode: number): boolean {
  return opcode >= OPCODE.close;
}

/** Tells whether RFC 6455 defines an opcode. */
export function isOpcode(opcode: number): opcode is Opcode {
  return opcode <= OPCODE.binary ||
    (opcode >= OPCODE.close && opcode <= OPCODE.pong);
}
