import {
  FRAME_TYPE,
  FRAMED_HEADER_BYTES,
  MAX_FRAME_BYTES,
  MAX_TEXT_BYTES,
} from "./framed.ts";

/** A text frame. */
export interface FramedText {
  /** Tells it from other items. */
  readonly type: "text";
  /** Its text. */
  readonly text: string;
}

/** A piece of a lead frame; where one frame ends and the next begins does not matter. */
export interface FramedLead {
  /** Tells it from other items. */
  readonly type: "lead";
  /** At least one byte, a view of the input. */
  readonly bytes: Uint8Array;
}

/** What a framed stream carries: texts, lead, and media as plain bytes, piece by piece as they arrive. */
export type FramedItem = FramedText | FramedLead | Uint8Array;

type Emit = (item: FramedItem) => void;

/** How a framed stream is decoded. */
export interface FramedDecoderOptions {
  /**
   * Whether media of several frames in one chunk becomes one piece. The smaller side is moved over the header between
   * them, within the chunk, which must not be used otherwise. A write costs more than that.
   */
  readonly joinMedia?: boolean;
}

/** Decodes a framed stream. Media and lead are passed on as views of the input, without being gathered. */
export class FramedDecoder {
  readonly #header = new Uint8Array(FRAMED_HEADER_BYTES);
  #headerFill = 0;
  #type = 0;
  /** Bytes of the frame in progress that are still to come. */
  #left = 0;
  #text: Uint8Array | undefined;
  readonly #joinMedia: boolean;
  /** Media of the chunk in progress that more may join. */
  #media: Uint8Array | undefined;

  /** Starts between two frames. */
  constructor({ joinMedia = false }: FramedDecoderOptions = {}) {
    this.#joinMedia = joinMedia;
  }

  /**
   * Decodes the next bytes.
   *
   * @param emit Takes what is in them.
   * @throws {SyntaxError} For an unknown type, a length above its cap, and text that is not UTF-8.
   */
  push(chunk: Uint8Array, emit: (item: FramedItem) => void): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#left === 0) at = this.#readHeader(chunk, at, emit);
      else at = this.#readData(chunk, at, emit);
    }
    this.#release(emit);
  }

  #readHeader(chunk: Uint8Array, from: number, emit: Emit): number {
    const part = chunk.subarray(
      from,
      from + FRAMED_HEADER_BYTES - this.#headerFill,
    );
    this.#header.set(part, this.#headerFill);
    this.#headerFill += part.length;
    if (this.#headerFill === FRAMED_HEADER_BYTES) this.#open(emit);
    return from + part.length;
  }

  #open(emit: Emit): void {
    this.#headerFill = 0;
    this.#left = new DataView(this.#header.buffer).getUint32(0);
    this.#type = this.#header[4]!;
    if (this.#type > FRAME_TYPE.lead) {
      throw new SyntaxError(`Cannot read frame: unknown type ${this.#type}`);
    }
    const isText = this.#type === FRAME_TYPE.text;
    const max = isText ? MAX_TEXT_BYTES : MAX_FRAME_BYTES;
    if (this.#left > max) {
      throw new SyntaxError(
        `Cannot read frame: length ${this.#left} exceeds maximum allowed ${max}`,
      );
    }
    // What follows other frames must not overtake it.
    if (this.#type !== FRAME_TYPE.media) this.#release(emit);
    if (isText) this.#text = new Uint8Array(this.#left);
    if (isText && this.#left === 0) this.#endText(emit);
  }

  #readData(chunk: Uint8Array, from: number, emit: Emit): number {
    const bytes = chunk.subarray(from, from + this.#left);
    if (this.#text) this.#text.set(bytes, this.#text.length - this.#left);
    else if (this.#type === FRAME_TYPE.media) this.#addMedia(bytes, emit);
    else emit({ type: "lead", bytes });
    this.#left -= bytes.length;
    if (this.#left === 0 && this.#text) this.#endText(emit);
    return from + bytes.length;
  }

  #addMedia(bytes: Uint8Array, emit: Emit): void {
    if (!this.#joinMedia) return emit(bytes);
    this.#media = this.#media ? joined(this.#media, bytes) : bytes;
  }

  #release(emit: Emit): void {
    if (this.#media) emit(this.#media);
    this.#media = undefined;
  }

  #endText(emit: Emit): void {
    try {
      const decoder = new TextDecoder("utf-8", {
        fatal: true,
        ignoreBOM: true,
      });
      emit({ type: "text", text: decoder.decode(this.#text) });
    } catch {
      throw new SyntaxError("Cannot read frame: the text is not UTF-8");
    }
    this.#text = undefined;
  }

  /**
   * Ends the input.
   *
   * @throws {SyntaxError} When it ends within a frame.
   */
  end(): void {
    if (this.#left === 0 && this.#headerFill === 0) return;
    throw new SyntaxError("Cannot read frame: the stream ended within it");
  }
}

/** Makes two views of one buffer adjacent by moving the smaller one. */
function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const { buffer } = first;
  const length = first.length + second.length;
  if (first.length > second.length) {
    const whole = new Uint8Array(buffer, first.byteOffset, length);
    whole.set(second, first.length);
    return whole;
  }
  const from = second.byteOffset - first.length;
  const whole = new Uint8Array(buffer, from, length);
  whole.set(first);
  return whole;
}
