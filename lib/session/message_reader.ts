import type { Connection, Incoming } from "../net/connection.ts";
import {
  RequestDecoder,
  type RequestLimits,
  type RequestMessage,
} from "./request_decoder.ts";
import type { WaitLimit } from "./wait_limit.ts";

/** What is read. */
type Source = Pick<Connection, "read" | "discard">;

/** Reads the requests of a connection one by one, and hands over what follows the last one. */
export class MessageReader {
  readonly #connection: Source;
  readonly #decoder: RequestDecoder;
  /** A message that has not been consumed. */
  #pending: Promise<RequestMessage | undefined> | undefined;
  /** Bytes that are read while a request is answered, so that the connection's end is noticed. */
  #ahead: Promise<Uint8Array | undefined> | undefined;

  /**
   * Takes over what a connection sends.
   *
   * @param limits Caps on what comes before media.
   */
  constructor(connection: Source, limits: RequestLimits) {
    this.#connection = connection;
    this.#decoder = new RequestDecoder(limits);
  }

  /**
   * The next message; `undefined` at the end of the connection, and behind the last request.
   *
   * @throws {Refusal} `bad-request` for what is no request.
   */
  next(): Promise<RequestMessage | undefined> {
    const message = this.#pending ?? this.#read();
    this.#pending = undefined;
    return message;
  }

  /**
   * Waits for the next message without consuming it.
   *
   * @param limit Ends the wait.
   * @returns The message, `undefined` at the end of the connection, or why the wait is over.
   */
  async peek(
    { over }: Pick<WaitLimit, "over">,
  ): Promise<RequestMessage | undefined | "late" | "closing"> {
    this.#pending ??= this.#read();
    return await Promise.race([this.#pending, over]);
  }

  /** What follows the last request: bytes alone. */
  rest(): Incoming {
    return new Rest(this.#connection, this.#decoder.rest, this.#ahead);
  }

  /**
   * Stops reading, and discards what still arrives.
   *
   * @throws {Refusal} When what has come behind the request is malformed.
   * @throws {Error} When the connection has broken.
   */
  async cancel(): Promise<void> {
    this.#pending?.catch(() => {});
    this.#connection.discard();
    this.#decoder.next();
    await this.#ahead;
  }

  async #read(): Promise<RequestMessage | undefined> {
    for (;;) {
      const message = this.#decoder.next();
      if (message) {
        if (this.#decoder.rest.length === 0) this.#readAhead();
        return message;
      }
      if (this.#decoder.hasRest) return undefined;
      const bytes = await (this.#ahead ?? this.#connection.read());
      this.#ahead = undefined;
      if (!bytes) {
        this.#decoder.end();
        return undefined;
      }
      this.#decoder.push(bytes);
    }
  }

  #readAhead(): void {
    this.#ahead ??= this.#connection.read();
    this.#ahead.catch(() => {}); // Told when it is awaited.
  }
}

/** What follows the last request. */
class Rest implements Incoming {
  readonly #connection: Source;
  #begin: Uint8Array;
  #ahead: Promise<Uint8Array | undefined> | undefined;

  constructor(
    connection: Source,
    begin: Uint8Array,
    ahead: Promise<Uint8Array | undefined> | undefined,
  ) {
    this.#connection = connection;
    this.#begin = begin;
    this.#ahead = ahead;
  }

  read(): Promise<Uint8Array | undefined> {
    const begin = this.#begin;
    const ahead = this.#ahead;
    this.#begin = new Uint8Array();
    this.#ahead = undefined;
    if (begin.length > 0) return Promise.resolve(begin);
    return ahead ?? this.#connection.read();
  }
}
