import { isValueCharacter } from "./characters.ts";
import { HttpError } from "./http_error.ts";

/** Bytes of one chunk at most, 4 GiB: no client buffers so much, and sums stay exact. */
export const MAX_CHUNK_BYTES: number = 2 ** 32;

/** Digits of a chunk size, leading zeros included: twice what the largest size needs. */
export const MAX_CHUNK_SIZE_DIGITS = 16;

/** Bytes of one chunk's extensions, which are ignored; signatures, the longest in use, take about 90. */
export const MAX_CHUNK_EXTENSION_BYTES = 1024;

/** Bytes of all trailer fields, which are ignored: half a header block. */
export const MAX_TRAILER_BYTES = 4096;

const LF = 0x0a;
const CR = 0x0d;
const SEMICOLON = 0x3b;

/** What the next byte is a part of. */
type State =
  | "first-digit"
  | "size"
  | "extension"
  | "size-lf"
  | "data"
  | "data-cr"
  | "data-lf"
  | "trailer-start"
  | "trailer"
  | "trailer-lf"
  | "end-lf"
  | "end";

/**
 * Decodes the chunked transfer coding (RFC 9112 §7.1), strictly: sizes are hex digits followed by `;` or
 * CRLF, every line ends in CRLF, control characters are rejected. Extensions and trailers are skipped.
 */
export class ChunkedDecoder {
  #state: State = "first-digit";
  /** Size of the chunk so far read, then what of its data is missing. */
  #bytes = 0;
  #digits = 0;
  /** Bytes of the extensions or trailers so far. */
  #skipped = 0;

  /** Whether the last chunk and its trailers have been read. */
  get ended(): boolean {
    return this.#state === "end";
  }

  /**
   * Reads bytes, at most up to the end of the body.
   *
   * @param bytes What comes next; data is passed on as views of it.
   * @param emit Takes data, never empty.
   * @returns How many bytes belong to the body; what follows belongs to the next request.
   * @throws {HttpError} 400 when the coding is violated; the decoder is of no use from then on.
   */
  push(bytes: Uint8Array, emit: (data: Uint8Array) => void): number {
    let at = 0;
    while (at < bytes.length && this.#state !== "end") {
      if (this.#state === "data") at = this.#passData(bytes, at, emit);
      else this.#take(bytes[at++]!);
    }
    return at;
  }

  #passData(
    bytes: Uint8Array,
    at: number,
    emit: (data: Uint8Array) => void,
  ): number {
    const end = Math.min(bytes.length, at + this.#bytes);
    this.#bytes -= end - at;
    if (this.#bytes === 0) this.#state = "data-cr";
    emit(bytes.subarray(at, end));
    return end;
  }

  /** Takes one byte that is no data. */
  #take(byte: number): void {
    switch (this.#state) {
      case "first-digit":
        this.#bytes = this.#digits = this.#skipped = 0;
        this.#state = "size";
        return this.#takeDigit(byte);
      case "size":
        return this.#takeSize(byte);
      case "extension":
        return this.#skip(byte, "size-lf", MAX_CHUNK_EXTENSION_BYTES);
      case "size-lf":
        expect(byte, LF, "a chunk size must end in CRLF");
        this.#skipped = 0;
        this.#state = this.#bytes === 0 ? "trailer-start" : "data";
        return;
      case "data-cr":
        expect(byte, CR, "a chunk's data must end in CRLF");
        this.#state = "data-lf";
        return;
      case "data-lf":
        expect(byte, LF, "a chunk's data must end in CRLF");
        this.#state = "first-digit";
        return;
      default:
        return this.#takeTrailer(byte);
    }
  }

  #takeSize(byte: number): void {
    if (byte === CR) this.#state = "size-lf";
    else if (byte === SEMICOLON) this.#state = "extension";
    else this.#takeDigit(byte);
  }

  #takeDigit(byte: number): void {
    const digit = hexDigit(byte);
    if (digit === undefined) throw new HttpError(400, "a malformed chunk size");
    this.#bytes = this.#bytes * 16 + digit;
    if (this.#bytes > MAX_CHUNK_BYTES) {
      throw new HttpError(400, `a chunk of more than ${MAX_CHUNK_BYTES} bytes`);
    }
    if (++this.#digits > MAX_CHUNK_SIZE_DIGITS) {
      throw new HttpError(
        400,
        `a chunk size of more than ${MAX_CHUNK_SIZE_DIGITS} digits`,
      );
    }
  }

  #takeTrailer(byte: number): void {
    if (this.#state === "trailer-start" && byte === CR) {
      this.#state = "end-lf";
    } else if (this.#state === "end-lf") {
      expect(byte, LF, "trailers must end in CRLF");
      this.#state = "end";
    } else if (this.#state === "trailer-lf") {
      expect(byte, LF, "a trailer line must end in CRLF");
      this.#state = "trailer-start";
    } else {
      this.#state = "trailer";
      this.#skip(byte, "trailer-lf", MAX_TRAILER_BYTES);
    }
  }

  /** Passes over a byte of a line; CR leads to `next`. */
  #skip(byte: number, next: State, most: number): void {
    if (byte === CR) {
      this.#state = next;
      return;
    }
    if (!isValueCharacter(byte)) {
      throw new HttpError(400, "a control character in the chunked coding");
    }
    if (++this.#skipped > most) {
      const what = next === "size-lf" ? "chunk extensions" : "trailers";
      throw new HttpError(400, `${what} of more than ${most} bytes`);
    }
  }
}

function expect(byte: number, expected: number, problem: string): void {
  if (byte !== expected) throw new HttpError(400, problem);
}

function hexDigit(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : undefined;
}
