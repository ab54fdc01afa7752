import type { RequestMessage } from "./request_decoder_stream.ts";
import type { WaitLimit } from "./wait_limit.ts";

/** What a connection sends. */
export type Message = RequestMessage | Uint8Array;

/** Reads the requests of a connection one by one, and hands over what follows the last one. */
export class MessageReader {
  readonly #stream: ReadableStream<Message>;
  readonly #reader: ReadableStreamDefaultReader<Message>;
  /** A read that has not been consumed. */
  #pending: Promise<Message | undefined> | undefined;

  /**
   * Takes over the requests of a connection.
   *
   * @param stream Output of a `RequestDecoderStream`.
   */
  constructor(stream: ReadableStream<Message>) {
    this.#stream = stream;
    this.#reader = stream.getReader();
  }

  /** The next message; `undefined` at the end of the connection. */
  next(): Promise<Message | undefined> {
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
  ): Promise<Message | undefined | "late" | "closing"> {
    this.#pending ??= this.#read();
    return await Promise.race([this.#pending, over]);
  }

  /** What follows the last request: bytes alone. */
  rest(): ReadableStream<Uint8Array> {
    this.#reader.releaseLock();
    return this.#stream as ReadableStream<Uint8Array>;
  }

  /** Stops reading, and discards what still arrives. */
  async cancel(): Promise<void> {
    this.#pending?.catch(() => {});
    await this.#reader.cancel();
  }

  async #read(): Promise<Message | undefined> {
    return (await this.#reader.read()).value;
  }
}
