import { concat } from "@std/bytes";
import { ConnectionError } from "./connection_error.ts";

/** Bytes that tell what a server speaks: the header of a status frame, or `HTTP/`. */
const TELLING_BYTES = 5;

/** Record types that a TLS server sends first: alert and handshake (RFC 8446, section 5.1). */
const TLS_RECORDS = [0x15, 0x16];

/**
 * Passes on what an fstream server answers; fails with a {@linkcode ConnectionError} when the first
 * bytes show that something else answers.
 */
export class AnswerCheckStream extends TransformStream<Uint8Array, Uint8Array> {
  #first: Uint8Array | undefined = new Uint8Array();

  /** Makes the stream; `address` is named in errors. */
  constructor(address: string) {
    super({
      transform: (chunk, controller): void => {
        if (this.#first === undefined) return controller.enqueue(chunk);
        this.#first = concat([this.#first, chunk]);
        if (this.#first.length >= TELLING_BYTES) {
          this.#check(controller, address);
        }
      },
      flush: (controller): void => this.#check(controller, address),
    });
  }

  #check(
    controller: TransformStreamDefaultController<Uint8Array>,
    address: string,
  ): void {
    const first = this.#first;
    if (first === undefined || first.length === 0) return;
    const error = problemOf(first, address);
    if (error) throw error;
    this.#first = undefined;
    controller.enqueue(first);
  }
}

/** What is wrong with an answer that begins so. A status frame's length begins with zeros. */
function problemOf(
  first: Uint8Array,
  address: string,
): ConnectionError | undefined {
  const [byte = 0, version] = first;
  if (byte === 0) return undefined;
  if (TLS_RECORDS.includes(byte) && version === 3) {
    return new ConnectionError("tls-expected", `${address} expects TLS`);
  }
  const text = new TextDecoder("latin1").decode(first);
  if (/^(?:HTTP|\s*<[!\w])/i.test(text)) {
    const problem = `${address} is a web server, and not fstream`;
    return new ConnectionError("http", problem);
  }
  const problem = `${address} is not an fstream server`;
  return new ConnectionError("other-protocol", problem);
}
