import { CLOSE } from "./close_codes.ts";
import {
  isControl,
  isOpcode,
  MAX_CONTROL_BYTES,
  type Opcode,
} from "./opcodes.ts";
import { WebSocketError } from "./websocket_error.ts";

/** Bytes of the longest header: two, a 64-bit length, a masking key. */
const MAX_HEADER_BYTES = 14;

const KEY_BYTES = 4;

/** Values of the length field that say how many bytes of length follow. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;

const FIN = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;

/** What the header of a client's frame says (RFC 6455 §5.2). */
export interface FrameHeader {
  /** Whether this is the last fragment of its message. */
  readonly fin: boolean;
  /** What the frame carries. */
  readonly opcode: Opcode;
  /** Bytes of payload. */
  readonly length: number;
  /** The masking key, four bytes; valid until the next header is read. */
  readonly key: Uint8Array;
}

/** Reads frame headers in any chunking, and rejects each wrong byte as soon as it arrives. */
export class FrameHeaderReader {
  readonly #bytes = new Uint8Array(MAX_HEADER_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** Bytes of the header in progress; two until the second one tells. */
  #needed = 2;
  #used = 0;

  /** Bytes of the chunk that the last call of `push` took. */
  get used(): number {
    return this.#used;
  }

  /**
   * Takes bytes from `chunk` at `start`; returns the header once it is complete.
   *
   * @throws {WebSocketError} 1002 when the header is malformed, 1009 when the length is absurd.
   */
  push(chunk: Uint8Array, start: number): FrameHeader | undefined {
    let at = start;
    while (this.#length < this.#needed && at < chunk.length) {
      this.#bytes[this.#length++] = chunk[at++]!;
      if (this.#length === 1) this.#checkFirst();
      else if (this.#length === 2) this.#readSecond();
    }
    this.#used = at - start;
    return this.#length < this.#needed ? undefined : this.#finish();
  }

  #checkFirst(): void {
    const byte = this.#bytes[0]!;
    if (byte & RESERVED) {
      throw protocolError("reserved bits are set without an extension");
    }
    const opcode = byte & 0x0f;
    if (!isOpcode(opcode)) throw protocolError("the opcode is reserved");
    if (isControl(opcode) && !(byte & FIN)) {
      throw protocolError("a control frame is fragmented");
    }
  }

  #readSecond(): void {
    const byte = this.#bytes[1]!;
    if (!(byte & MASKED)) throw protocolError("a client's frame is not masked");
    const length = byte & 0x7f;
    if (isControl(this.#bytes[0]! & 0x0f) && length > MAX_CONTROL_BYTES) {
      throw protocolError(
        `a control frame has more than ${MAX_CONTROL_BYTES} bytes`,
      );
    }
    this.#needed = 2 + KEY_BYTES;
    if (length === LENGTH_16) this.#needed += 2;
    else if (length === LENGTH_64) this.#needed += 8;
  }

  #finish(): FrameHeader {
    const first = this.#bytes[0]!;
    const header = {
      fin: (first & FIN) !== 0,
      opcode: (first & 0x0f) as Opcode,
      length: this.#readLength(),
      key: this.#bytes.subarray(this.#needed - KEY_BYTES, this.#needed),
    };
    this.#length = 0;
    this.#needed = 2;
    return header;
  }

  #readLength(): number {
    const short = this.#bytes[1]! & 0x7f;
    if (short < LENGTH_16) return short;
    if (short === LENGTH_16) {
      const length = this.#view.getUint16(2);
      if (length < LENGTH_16) throw longForm();
      return length;
    }
    const high = this.#view.getUint32(2);
    if (high >= 2 ** 31) {
      throw protocolError("the top bit of a 64-bit length is set");
    }
    const length = high * 2 ** 32 + this.#view.getUint32(6);
    if (length < 2 ** 16) throw longForm();
    if (Number.isSafeInteger(length)) return length;
    // Valid, but its end will never be sent, and it could not be counted exactly.
    throw new WebSocketError(
      CLOSE.messageTooBig,
      "a frame has more than 2^53 bytes",
    );
  }
}

function longForm(): WebSocketError {
  return protocolError("a length is not in its shortest form");
}

/** The error of a peer that violates RFC 6455. */
export function protocolError(message: string): WebSocketError {
  return new WebSocketError(CLOSE.protocolError, message);
}
