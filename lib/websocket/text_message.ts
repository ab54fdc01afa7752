import { CLOSE } from "./close_codes.ts";
import { Utf8Validator } from "./utf8_validator.ts";
import { WebSocketError } from "./websocket_error.ts";

/** A byte order mark is part of the message: the text is what the peer sent. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Gathers the fragments of one text message up to a cap, and checks its UTF-8 as it arrives.
 *
 * It holds the bytes rather than a string per fragment: strings of tiny fragments would take many
 * times the cap.
 */
export class TextMessage {
  readonly #maxBytes: number;
  readonly #utf8 = new Utf8Validator();
  #bytes = new Uint8Array();
  #length = 0;

  /** Takes the cap in bytes of UTF-8. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of memory that the message takes so far, at most the cap. */
  get heldBytes(): number {
    return this.#bytes.length;
  }

  /**
   * Checks the length of the next fragment, so that what is too long is rejected before it arrives.
   *
   * @throws {WebSocketError} 1009 when the message exceeds the cap.
   */
  announce(length: number): void {
    const total = this.#length + length;
    if (total <= this.#maxBytes) return;
    throw new WebSocketError(
      CLOSE.messageTooBig,
      `text message of at least ${total} bytes exceeds ${this.#maxBytes}`,
    );
  }

  /**
   * Appends the next bytes of an announced fragment.
   *
   * @throws {WebSocketError} 1007 when they are not UTF-8.
   */
  append(bytes: Uint8Array): void {
    if (!this.#utf8.push(bytes)) throw invalidText();
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  /**
   * Ends the message and returns its text.
   *
   * @throws {WebSocketError} 1007 when it ends within a character.
   */
  end(): string {
    if (!this.#utf8.complete) throw invalidText();
    return decoder.decode(this.#bytes.subarray(0, this.#length));
  }

  /** Doubles the buffer, so that many small pieces are not copied each time. */
  #grow(needed: number): void {
    const size = Math.min(this.#maxBytes, Math.max(needed, 2 * this.#length));
    const larger = new Uint8Array(size);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

function invalidText(): WebSocketError {
  return new WebSocketError(
    CLOSE.invalidPayload,
    "text message is not valid UTF-8",
  );
}
