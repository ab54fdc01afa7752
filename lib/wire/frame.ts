/**
 * The frame that carries a request or a status: `u32 big-endian length`, `0x00`, UTF-8 text; the
 * length counts the text alone.
 *
 * @module
 */

/** Bytes before a frame's text. */
export const FRAME_HEADER_BYTES = 5;

/**
 * Writes one frame.
 *
 * @param text The text; its bytes in UTF-8 are counted.
 */
export function encodeFrame(text: string): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(text);
  const frame = new Uint8Array(FRAME_HEADER_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, FRAME_HEADER_BYTES);
  return frame;
}

/** What a {@linkcode FrameDecoder} says of the bytes so far. */
export type FrameState =
  /** More bytes are needed. */
  | { readonly state: "more" }
  /** The frame is whole; `used` bytes of the last push belong to it. */
  | { readonly state: "frame"; readonly text: string; readonly used: number }
  /** These bytes are no frame. */
  | { readonly state: "bad"; readonly why: string };

const MORE: FrameState = { state: "more" };

/** Gathers one frame from chunks of any size; holds no more than the frame. */
export class FrameDecoder {
  readonly #maxBytes: number;
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerFill = 0;
  #body: Uint8Array | undefined;
  #bodyFill = 0;

  /**
   * Begins one frame.
   *
   * @param maxBytes Bytes of text that are allowed.
   */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes the next bytes.
   *
   * @param chunk Bytes after those of the last call; not kept.
   */
  push(chunk: Uint8Array): FrameState {
    let used = 0;
    if (!this.#body) {
      used = this.#fillHeader(chunk);
      if (this.#headerFill < FRAME_HEADER_BYTES) return MORE;
      const why = this.#openBody();
      if (why) return { state: "bad", why };
    }
    const body = this.#body!;
    const part = chunk.subarray(used, used + body.length - this.#bodyFill);
    body.set(part, this.#bodyFill);
    this.#bodyFill += part.length;
    if (this.#bodyFill < body.length) return MORE;
    return decodeText(body, used + part.length);
  }

  #fillHeader(chunk: Uint8Array): number {
    const part = chunk.subarray(0, FRAME_HEADER_BYTES - this.#headerFill);
    this.#header.set(part, this.#headerFill);
    this.#headerFill += part.length;
    return part.length;
  }

  #openBody(): string | undefined {
    const length = new DataView(this.#header.buffer).getUint32(0);
    if (length > this.#maxBytes) {
      return `length ${length} exceeds maximum allowed ${this.#maxBytes}`;
    }
    if (this.#header[4] !== 0) {
      return `byte 5 must be 0, current value is ${this.#header[4]}`;
    }
    this.#body = new Uint8Array(length);
    return undefined;
  }
}

function decodeText(body: Uint8Array, used: number): FrameState {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { state: "frame", text: decoder.decode(body), used };
  } catch {
    return { state: "bad", why: "the text is not UTF-8" };
  }
}
