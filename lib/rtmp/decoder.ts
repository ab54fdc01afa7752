import { ChunkDecoder } from "./chunk_decoder.ts";
import { HANDSHAKE_BYTES, RTMP_VERSION } from "./handshake.ts";
import { MESSAGE, type RtmpMessage } from "./message.ts";
import { RtmpError } from "./rtmp_error.ts";

/** Bytes of a message: half of the default backlog, so that the largest frame can be joined. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Bytes of memory that messages in progress take: picture and sound, each with what it grows by. */
export const MAX_HELD_BYTES = 2 * MAX_MESSAGE_BYTES;

/** Bytes after which a peer that names no window is told how much has arrived. */
export const WINDOW_BYTES = 2_500_000;

/** The smallest window of a peer that counts: its acknowledgements must stay a small part of what it sends. */
export const MIN_WINDOW_BYTES = 64 * 1024;

/** The client's first half of the handshake. */
export interface ClientHello {
  /** C1, to be sent back. */
  readonly c1: Uint8Array;
}

/**
 * Decodes what a client sends. Bytes are pushed, and what is whole in them is pulled, so that a peer that is ahead
 * waits in its own buffer. Messages about chunks are applied and not passed on.
 */
export class RtmpDecoder {
  readonly #chunks = new ChunkDecoder(MAX_MESSAGE_BYTES, MAX_HELD_BYTES);
  /** C0 and C1, then C2, which is not looked at: half of the clients get it wrong. */
  #hello: Uint8Array | undefined = new Uint8Array(1 + HANDSHAKE_BYTES);
  #helloFill = 0;
  #c1: Uint8Array | undefined;
  #echoLeft = HANDSHAKE_BYTES;
  #windowBytes = WINDOW_BYTES;
  #received = 0;
  #acknowledgedBytes = 0;

  /** Bytes of memory that messages in progress take. */
  get heldBytes(): number {
    return this.#chunks.heldBytes;
  }

  /** Bytes received in all. */
  get receivedBytes(): number {
    return this.#received;
  }

  /** Whether the bytes so far end behind the handshake and between two messages. */
  get isBetweenMessages(): boolean {
    return this.#echoLeft === 0 && this.#chunks.isBetweenMessages;
  }

  /** Bytes that were received in all, modulo 2^32, if the client is to be told of them now; then they are told. */
  takeAcknowledgement(): number | undefined {
    const unacknowledged = this.#received - this.#acknowledgedBytes;
    if (unacknowledged < this.#windowBytes) return undefined;
    this.#acknowledgedBytes = this.#received;
    return this.#received % 2 ** 32;
  }

  /** Takes the next bytes; {@linkcode RtmpDecoder.next} must have returned `undefined` before. */
  push(bytes: Uint8Array): void {
    this.#received += bytes.length;
    const rest = this.#readEcho(this.#readHello(bytes));
    if (rest.length > 0) this.#chunks.push(rest);
  }

  /**
   * Reads on.
   *
   * @returns The client's hello, a message, or `undefined` when more bytes are needed.
   * @throws {RtmpError} For what breaks the protocol or a cap; everything in front of it has been returned.
   */
  next(): ClientHello | RtmpMessage | undefined {
    if (this.#c1) {
      const c1 = this.#c1;
      this.#c1 = undefined;
      return { c1 };
    }
    for (;;) {
      const message = this.#chunks.next();
      if (!message || !this.#apply(message)) return message;
    }
  }

  #readHello(bytes: Uint8Array): Uint8Array {
    const hello = this.#hello;
    if (!hello) return bytes;
    const part = bytes.subarray(0, hello.length - this.#helloFill);
    hello.set(part, this.#helloFill);
    this.#helloFill += part.length;
    if (this.#helloFill > 0 && hello[0] !== RTMP_VERSION) {
      throw new RtmpError("no version of RTMP");
    }
    if (this.#helloFill === hello.length) {
      this.#c1 = hello.subarray(1);
      this.#hello = undefined;
    }
    return bytes.subarray(part.length);
  }

  #readEcho(bytes: Uint8Array): Uint8Array {
    const used = Math.min(this.#echoLeft, bytes.length);
    this.#echoLeft -= used;
    return bytes.subarray(used);
  }

  /** Applies a message about chunks (§5.4); tells whether it was one. */
  #apply({ type, payload }: RtmpMessage): boolean {
    switch (type) {
      case MESSAGE.chunkSize:
        this.#chunks.setChunkBytes(numberOf(payload));
        return true;
      case MESSAGE.abort:
        this.#chunks.abort(numberOf(payload));
        return true;
      case MESSAGE.windowSize:
        this.#windowBytes = Math.max(numberOf(payload), MIN_WINDOW_BYTES);
        return true;
      case MESSAGE.acknowledgement: // What is sent to a publisher fits into any window.
        return true;
      default:
        return false;
    }
  }
}

function numberOf(payload: Uint8Array): number {
  if (payload.length < 4) throw new RtmpError("a control message is too short");
  return new DataView(payload.buffer, payload.byteOffset).getUint32(0);
}
