import { Refusal } from "../errors.ts";
import { FrameDecoder } from "./frame.ts";
import { type IcecastHead, parseIcecastHead } from "./icecast_head.ts";

/** What peers may send before the media. */
export interface PreludeLimits {
  /** Bytes of a header block, its empty line included. */
  readonly headerBytes: number;
  /** Bytes of a payload's text. */
  readonly payloadBytes: number;
}

/** A header block has ended: wire version 2, or a browser that strayed onto this port. */
export interface HeaderBlock {
  /** Tells it from a payload. */
  readonly type: "header";
  /** Whether it was an HTTP request head. */
  readonly http: boolean;
}

/** A request's payload has been received. */
export interface Payload {
  /** Tells it from a header block. */
  readonly type: "payload";
  /** The wire version. */
  readonly version: 1 | 2;
  /** The payload's text. */
  readonly text: string;
}

/** What comes before the media. */
export type Prelude = HeaderBlock | Payload | IcecastHead;

const LF = 0x0a;
const CR = 0x0d;

/**
 * Frames the server's side of the wire: bytes in; out come, at most once each, the end of a header
 * block and the payload, and from then on the media's bytes as they are. The request head of an Icecast
 * source client comes out as such, and media follows it at once.
 *
 * The wire's version is told by the first byte: `0x00` opens a payload (version 1); LF, CR or a letter
 * opens a header block that ends in an empty line, with the payload behind it (version 2).
 *
 * The stream fails with a {@linkcode Refusal} `bad-request` for anything else, for what exceeds a
 * limit, and when the bytes end before the payload does.
 */
export class PayloadDecoderStream
  extends TransformStream<Uint8Array, Prelude | Uint8Array> {
  readonly #limits: PreludeLimits;
  readonly #frame: FrameDecoder;
  #state: "first" | "header" | "frame" | "media" = "first";
  #version: 1 | 2 = 1;
  #headerBytes = 0;
  #lines = 0;
  #lineBytes = 0;
  /** The header block, one character for each byte; no longer than it may be. */
  #head = "";

  /**
   * Makes the stream.
   *
   * @param limits Caps of what comes before the media.
   */
  constructor(limits: PreludeLimits) {
    super({
      transform: (chunk, controller): void => this.#handle(chunk, controller),
      flush: (): void => this.#flush(),
    });
    this.#limits = limits;
    this.#frame = new FrameDecoder(limits.payloadBytes);
  }

  #handle(chunk: Uint8Array, controller: Out): void {
    if (this.#state === "media") return controller.enqueue(chunk);
    if (chunk.length === 0) return;
    if (this.#state === "first") this.#openByFirstByte(chunk[0]!);
    let rest: Uint8Array = chunk;
    if (this.#state === "header") rest = this.#readHeader(rest, controller);
    if (rest.length === 0) return;
    if (this.#state === "frame") this.#readFrame(rest, controller);
    else controller.enqueue(rest);
  }

  #openByFirstByte(byte: number): void {
    if (byte === 0) {
      this.#state = "frame";
      return;
    }
    if (byte !== LF && byte !== CR && !isLetter(byte)) {
      throw new Refusal(
        "bad-request",
        "not fstream's protocol",
        `first byte ${byte}`,
      );
    }
    this.#state = "header";
    this.#version = 2;
  }

  /** Passes over the header block; gives what stands behind it. */
  #readHeader(chunk: Uint8Array, controller: Out): Uint8Array {
    for (let at = 0; at < chunk.length; at++) {
      this.#headerBytes++;
      const emptyLineEnds = this.#takeHeaderByte(chunk[at]!);
      if (this.#headerBytes > this.#limits.headerBytes) {
        throw new Refusal(
          "bad-request",
          "the header block is too long",
          `more than ${this.#limits.headerBytes} bytes`,
        );
      }
      if (!emptyLineEnds) continue;
      this.#endHeader(controller);
      return chunk.subarray(at + 1);
    }
    return EMPTY;
  }

  #endHeader(controller: Out): void {
    const icecast = parseIcecastHead(this.#head);
    const http = /^[A-Z]+ \S+ HTTP\/1\.[01]\r?\n/.test(this.#head);
    this.#state = icecast ? "media" : "frame";
    this.#head = "";
    controller.enqueue(icecast ?? { type: "header", http });
  }

  /** Takes one byte; tells whether it ends an empty line that follows another line's end. */
  #takeHeaderByte(byte: number): boolean {
    this.#head += String.fromCharCode(byte);
    if (byte === LF) {
      const empty = this.#lineBytes === 0 && this.#lines > 0;
      this.#lines++;
      this.#lineBytes = 0;
      return empty;
    }
    if (byte !== CR) this.#lineBytes++;
    return false;
  }

  #readFrame(chunk: Uint8Array, controller: Out): void {
    const result = this.#frame.push(chunk);
    if (result.state === "more") return;
    if (result.state === "bad") {
      throw new Refusal("bad-request", "the payload is malformed", result.why);
    }
    this.#state = "media";
    controller.enqueue({
      type: "payload",
      version: this.#version,
      text: result.text,
    });
    if (result.used < chunk.length) {
      controller.enqueue(chunk.subarray(result.used));
    }
  }

  #flush(): void {
    if (this.#state === "media") return;
    throw new Refusal(
      "bad-request",
      "the connection ended before the payload did",
    );
  }
}

type Out = TransformStreamDefaultController<Prelude | Uint8Array>;

const EMPTY = new Uint8Array();

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
