import { Refusal } from "../errors.ts";
import type { ByteReader } from "../net/byte_source.ts";
import type { BackoffOptions } from "./backoff.ts";
import { sendBroadcast } from "./broadcast_connection.ts";
import { close } from "./connect.ts";
import { framedRequest } from "./framed_request.ts";
import {
  endedByServer,
  endReason,
  IncompleteError,
} from "./incomplete_error.ts";
import { KeptInit } from "./kept_init.ts";
import { Reconnection } from "./reconnection.ts";
import type { Accepted, RequestFields } from "./request.ts";
import { RetainedInput } from "./retained_input.ts";
import type { Servers } from "./servers.ts";
import { untilAborted } from "./until_aborted.ts";

/** Milliseconds without an acknowledgement, of which there is one a second, after which a connection is broken. */
const STALL_MS = 20_000;

/** How a stream is broadcast. */
export interface BroadcastOptions {
  /** Where to reconnect. */
  readonly servers: Servers;
  /** The request's keys. */
  readonly fields: RequestFields;
  /** Where the stream comes from. */
  readonly input: ByteReader;
  /** Ends the input early, as if the stream had ended. */
  readonly inputEnd: AbortSignal;
  /** Ends the broadcast at once. */
  readonly signal: AbortSignal;
  /** Milliseconds without progress for which it reconnects; 0 for never. */
  readonly reconnectMs: number;
  /** Bytes that are kept until the server has acknowledged them. */
  readonly retainBytes: number;
  /** The pauses between attempts to reconnect. */
  readonly backoff?: BackoffOptions;
  /** Milliseconds without an acknowledgement after which a connection counts as broken. */
  readonly stallMs?: number;
}

/** Broadcasts a stream as a framed stream: across connections, byte by byte. */
export class BroadcastSession {
  readonly #options: BroadcastOptions;
  readonly #input: RetainedInput;
  readonly #reconnection: Reconnection;
  readonly #stopping = new AbortController();
  /** Ends everything: when the caller says so, and when the session is over. */
  readonly #signal: AbortSignal;
  /** Continues the broadcast on another connection. */
  #secret: string | undefined;
  /** Offset of the stream at which the broadcast began. */
  #base = 0;
  /** Id of the broadcast. */
  #id: string | undefined;
  readonly #init = new KeptInit();
  /** Whether the connection is the first one of a broadcast that continues another. */
  #isContinued = false;
  #hasSentEnd = false;

  /** Makes the session; {@linkcode BroadcastSession.run} runs it. */
  constructor(options: BroadcastOptions) {
    const { reconnectMs: limitMs, backoff } = options;
    const signal = AbortSignal.any([options.signal, this.#stopping.signal]);
    this.#options = options;
    this.#signal = signal;
    this.#input = new RetainedInput({
      reader: options.input,
      capacity: options.retainBytes,
      end: options.inputEnd,
    });
    this.#reconnection = new Reconnection({
      ...{ limitMs, signal },
      ...(backoff ? { backoff } : {}),
    });
  }

  /** Bytes that the server has. */
  get bytes(): number {
    return this.#input.buffer.start;
  }

  /** Bytes read so far. */
  get bytesRead(): number {
    return this.#input.buffer.end;
  }

  /** Bytes that the server has not acknowledged. */
  get retained(): number {
    return this.#input.buffer.length;
  }

  /** How often it has reconnected. */
  get reconnects(): number {
    return this.#reconnection.count;
  }

  /** Whether it waits for the server to be back. */
  get isBroken(): boolean {
    return this.#reconnection.isBroken;
  }

  /**
   * Broadcasts until the stream has ended and the server has all of it.
   *
   * @param first A connection on which the server has accepted `frames=1`.
   * @throws {IncompleteError} When the server ends the broadcast, or does not come back.
   * @throws {Refusal} When the server refuses to continue it.
   * @throws What made the input fail, or the signal's reason.
   */
  async run(first: Accepted): Promise<void> {
    const inputFailed = Promise.withResolvers<never>();
    this.#input.run().catch(inputFailed.reject);
    try {
      const either = Promise.race([this.#run(first), inputFailed.promise]);
      await untilAborted(either, this.#options.signal);
    } finally {
      this.#stopping.abort();
    }
  }

  async #run(first: Accepted): Promise<void> {
    this.#begin(first);
    let accepted: Accepted | undefined = first;
    while (accepted) {
      const cause = await this.#send(accepted);
      if (!cause) return;
      accepted = await this.#reconnection.again(
        cause,
        (signal) => this.#connect(signal),
      );
    }
  }

  /** @returns Why another connection is needed; `undefined` when the broadcast has ended. */
  async #send(
    accepted: Accepted,
  ): Promise<IncompleteError | undefined> {
    const from = this.#base + Number(accepted.values.get("received"));
    if (from > this.#input.buffer.start) this.#reconnection.progress();
    try {
      this.#input.release(from);
    } catch (cause) {
      close(accepted.conn);
      const message = "The server lost bytes that it had acknowledged";
      throw new IncompleteError("lost", message, cause);
    }
    try {
      const values = await sendBroadcast(accepted, {
        ...{ input: this.#input, base: this.#base, from },
        ...{ init: this.#init, isContinued: this.#isContinued },
        signal: this.#signal,
        stallMs: this.#options.stallMs ?? STALL_MS,
        onProgress: () => this.#reconnection.progress(),
        onEnd: () => this.#hasSentEnd = true,
      });
      return this.#end(values);
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof IncompleteError) throw error;
      return broken(error);
    }
  }

  #end(values: ReadonlyMap<string, string>): IncompleteError | undefined {
    const reason = endReason(values);
    if (reason === "ended" && this.#hasSentEnd) {
      this.#input.release(this.bytesRead);
      return undefined;
    }
    const error = endedByServer("broadcast", values);
    this.#options.servers.add(values.get("servers") ?? "");
    if (reason === "restart") return error;
    throw error;
  }

  /** @returns `undefined` when there is nothing left to send. */
  async #connect(signal: AbortSignal): Promise<Accepted | undefined> {
    const resumed = await this.#resume(signal);
    this.#isContinued = false;
    if (resumed) return resumed;
    if (this.#hasSentEnd) return this.#requireConfirmed();
    const { token, ...rest } = this.#options.fields;
    if (token !== undefined && rest["user_password"] === undefined) {
      throw new IncompleteError(
        "denied",
        "The broadcast is over, and its one-time token cannot start another one",
      );
    }
    const { start } = this.#input.buffer;
    // Watchers of the lost broadcast find their place in the new one.
    const continues = this.#id && `${this.#id}:${start - this.#base}`;
    const accepted = await this.#request({ ...rest, continues }, signal);
    this.#begin(accepted);
    this.#base = start;
    this.#isContinued = true;
    return accepted;
  }

  #begin({ values }: Accepted): void {
    this.#secret = values.get("resume");
    this.#id = values.get("id");
  }

  /** @returns `undefined` when the server does not have the broadcast any longer. */
  async #resume(signal: AbortSignal): Promise<Accepted | undefined> {
    if (this.#secret === undefined) return undefined;
    const { user, channel } = this.#options.fields;
    const resume = this.#secret;
    try {
      return await this.#request({ user, channel, resume }, signal);
    } catch (error) {
      const isOver = error instanceof Refusal && error.code === "denied";
      if (!isOver) throw error;
      this.#secret = undefined;
      return undefined;
    }
  }

  #request(fields: RequestFields, signal: AbortSignal): Promise<Accepted> {
    const { servers } = this.#options;
    return framedRequest(servers, "broadcast", fields, signal);
  }

  /** The broadcast has ended after its last byte, so only the confirmation may be missing. */
  #requireConfirmed(): undefined {
    if (this.retained === 0) return undefined;
    throw new IncompleteError(
      "unconfirmed",
      `Cannot tell whether the server received the last ${this.retained} bytes`,
    );
  }
}

function broken(cause: unknown): IncompleteError {
  const message = "The connection broke before the broadcast ended";
  return new IncompleteError("broken", message, cause);
}
