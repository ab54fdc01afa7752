/**
 * Messages of RTMP ("Adobe's Real Time Messaging Protocol" 1.0, cited by section): what a chunk stream carries.
 *
 * @module
 */

/** Types of a message (§5.4, §7.1). */
export const MESSAGE = {
  chunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  amf3Data: 15,
  amf3Command: 17,
  data: 18,
  command: 20,
  aggregate: 22,
} as const;

/** A whole message. */
export interface RtmpMessage {
  /** One of {@linkcode MESSAGE}, or a type that this server ignores. */
  readonly type: number;
  /** The message stream: 0 for the connection itself. */
  readonly streamId: number;
  /** Milliseconds, modulo 2^32. */
  readonly timestamp: number;
  /**
   * At least one byte, valid until the next message is decoded. Its buffer has {@linkcode HEAD_ROOM} bytes to spare
   * before it and {@linkcode TAIL_ROOM} behind it, so that it becomes an FLV tag without being copied.
   */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Bytes before a payload: the head of an FLV tag. */
export const HEAD_ROOM = 11;

/** Bytes behind a payload: the size of an FLV tag. */
export const TAIL_ROOM = 4;

/** The payload of a message whose chunks are arriving. */
export class GatheredPayload {
  readonly #length: number;
  #buffer: Uint8Array<ArrayBuffer>;
  #received = 0;

  /**
   * Starts a payload.
   *
   * @param length Its bytes, as announced and already compared with the cap.
   * @param atOnce Bytes of them that are believed; memory for more is taken as they arrive.
   * @param spare Memory that may be used, if it is enough for the bytes that are believed.
   */
  constructor(
    length: number,
    atOnce: number,
    spare: Uint8Array<ArrayBuffer> | undefined,
  ) {
    this.#length = length;
    const believed = Math.min(length, atOnce);
    const isEnough = spare &&
      spare.length >= HEAD_ROOM + believed + TAIL_ROOM;
    this.#buffer = isEnough ? spare : this.#make(believed);
  }

  /** Bytes that are still to come. */
  get missing(): number {
    return this.#length - this.#received;
  }

  /** Bytes of memory that it takes. */
  get heldBytes(): number {
    return this.#buffer.length;
  }

  /** The memory that it takes. */
  get buffer(): Uint8Array<ArrayBuffer> {
    return this.#buffer;
  }

  /** Appends bytes, no more than are missing. */
  append(bytes: Uint8Array): void {
    const needed = this.#received + bytes.length;
    if (needed > this.#buffer.length - HEAD_ROOM - TAIL_ROOM) {
      const larger = this.#make(
        Math.min(this.#length, Math.max(needed, 2 * this.#received)),
      );
      larger.set(this.#buffer.subarray(0, HEAD_ROOM + this.#received));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, HEAD_ROOM + this.#received);
    this.#received = needed;
  }

  /** The whole payload, once nothing is missing. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(HEAD_ROOM, HEAD_ROOM + this.#length);
  }

  #make(capacity: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(HEAD_ROOM + capacity + TAIL_ROOM);
  }
}
