import { FramedDecoderStream } from "../wire/framed_decoder_stream.ts";
import type { FramedItem } from "../wire/framed_decoder.ts";
import {
  countOf,
  type FramedMessage,
  parseMessage,
} from "../wire/framed_message.ts";
import {
  formatPosition,
  parsePosition,
  type Position,
} from "../wire/position.ts";
import type { BackoffOptions } from "./backoff.ts";
import { close } from "./connect.ts";
import { framedRequest } from "./framed_request.ts";
import {
  endedByServer,
  endReason,
  IncompleteError,
} from "./incomplete_error.ts";
import { LiveLag } from "./live_lag.ts";
import { Reconnection } from "./reconnection.ts";
import type { Accepted, RequestFields } from "./request.ts";
import type { Servers } from "./servers.ts";
import { StallTimer } from "./stall_timer.ts";
import { untilAborted } from "./until_aborted.ts";
import { type Loss, WatchPosition } from "./watch_position.ts";

/**
 * Milliseconds without a frame after which a connection counts as broken. A live channel has media within the 30
 * s after which its broadcaster is cut, and ends after a grace period of 10 s.
 */
const STALL_MS = 45_000;

/** How a channel is watched. */
export interface WatchOptions {
  /** Where to reconnect. */
  readonly servers: Servers;
  /** The request's keys. */
  readonly fields: RequestFields;
  /** Takes the media; closed at the end. */
  readonly sink: WritableStream<Uint8Array>;
  /** Ends it at once, even while the sink takes nothing. */
  readonly signal: AbortSignal;
  /** Milliseconds without progress for which it reconnects; 0 for never. */
  readonly reconnectMs: number;
  /** Whether lost bytes end it. */
  readonly failOnLoss: boolean;
  /** The pauses between attempts to reconnect. */
  readonly backoff?: BackoffOptions;
  /** Milliseconds without a frame after which a connection counts as broken. */
  readonly stallMs?: number;
}

/** What a server said at the end of a connection. */
type ConnectionEnd = "ended" | "restart";

/** Watches a channel as a framed stream: across connections, byte by byte. */
export class WatchSession {
  readonly #options: WatchOptions;
  readonly #position = new WatchPosition();
  readonly #reconnection: Reconnection;
  readonly #lag = new LiveLag();
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #bytes = 0;
  #isReading = false;
  /** Why bytes were lost last. */
  #lossReason = "";
  #sinkError: { readonly error: unknown } | undefined;

  /** Makes the session; {@linkcode WatchSession.run} runs it. */
  constructor(options: WatchOptions) {
    const { reconnectMs: limitMs, signal, backoff, sink } = options;
    this.#options = options;
    this.#reconnection = new Reconnection({
      ...{ limitMs, signal },
      ...(backoff ? { backoff } : {}),
    });
    this.#writer = sink.getWriter();
  }

  /** Bytes delivered so far, lead included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of the stream that were lost so far. */
  get lost(): Loss {
    return this.#position.lost;
  }

  /** How often it has reconnected. */
  get reconnects(): number {
    return this.#reconnection.count;
  }

  /** Whether it waits for the server to be back. */
  get isBroken(): boolean {
    return this.#reconnection.isBroken;
  }

  /** Seconds that it is behind live; `undefined` until that has been measured. */
  get behind(): number | undefined {
    const isWaiting = this.isBroken || !this.#isReading;
    return isWaiting ? this.#lag.waitingSeconds : this.#lag.seconds;
  }

  /** Seconds that it was behind live at most; `undefined` if that was never measured. */
  get mostBehind(): number | undefined {
    return this.#lag.longestSeconds;
  }

  /**
   * Watches until the stream has ended.
   *
   * @param first A connection on which the server has accepted `frames=1`.
   * @throws {IncompleteError} When the stream ended otherwise, or bytes were lost.
   * @throws {Refusal} When the server refuses to continue it.
   * @throws What made the sink fail, or the signal's reason.
   */
  async run(first: Accepted): Promise<void> {
    const { signal } = this.#options;
    await untilAborted(this.#run(first), signal);
  }

  async #run(first: Accepted): Promise<void> {
    let accepted = first;
    for (;;) {
      const cause = await this.#follow(accepted);
      if (!cause) break;
      accepted = await this.#reconnect(cause);
    }
    await this.#writer.close();
    if (this.lost !== 0) throw lostBytes(this.lost, this.#lossReason);
  }

  /**
   * Follows one connection to its end.
   *
   * @returns Why another one is needed; `undefined` when the stream has ended.
   */
  async #follow(accepted: Accepted): Promise<IncompleteError | undefined> {
    try {
      const end = await this.#readAll(accepted);
      return end === "ended" ? undefined : restarting();
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (this.#sinkError) throw this.#sinkError.error;
      if (error instanceof IncompleteError) throw error;
      return broken(error);
    }
  }

  #reconnect(cause: IncompleteError): Promise<Accepted> {
    const { servers, fields } = this.#options;
    return this.#reconnection.again(cause, (signal) => {
      const { at } = this.#position;
      const resume = at && { resume: formatPosition(at) };
      const keys = { ...fields, ...resume };
      return framedRequest(servers, "watch", keys, signal);
    });
  }

  async #readAll({ conn, values, media }: Accepted): Promise<ConnectionEnd> {
    this.#position.connect(positionOf(values));
    this.#lag.connect();
    const { signal, stallMs = STALL_MS } = this.#options;
    const end = (): void => close(conn);
    signal.addEventListener("abort", end, { once: true });
    using stall = new StallTimer(stallMs, () => this.#isReading, () => {
      this.#reconnection.progress(); // A server that has accepted and is silent may hold the channel.
      end();
    });
    const decoder = new FramedDecoderStream({ joinMedia: true });
    const items = media.pipeThrough(decoder).getReader();
    try {
      for (;;) {
        this.#isReading = true;
        const { value: item } = await items.read();
        this.#isReading = false;
        stall.moved();
        if (item === undefined) throw new Error("the server closed it");
        const ended = await this.#take(item);
        if (ended) return ended;
      }
    } finally {
      this.#isReading = false;
      signal.removeEventListener("abort", end);
      close(conn);
      items.cancel().catch(() => {});
    }
  }

  async #take(item: FramedItem): Promise<ConnectionEnd | undefined> {
    if (item instanceof Uint8Array) await this.#deliver(item);
    else if (item.type === "lead") this.#position.addLead(item.bytes);
    else return this.#takeMessage(parseMessage(item.text));
    return undefined;
  }

  #takeMessage({ word, values }: FramedMessage): ConnectionEnd | undefined {
    if (word === "live") this.#lag.report(values);
    if (word === "jump") this.#jump(values);
    return word === "end" ? this.#end(values) : undefined; // Later servers may say more.
  }

  #jump(values: ReadonlyMap<string, string>): void {
    const to = positionOf(values);
    if (!to) throw new SyntaxError("Cannot follow: a jump without a position");
    const reason = endReason(values);
    const lost = this.#position.jump({
      ...{ to, reason },
      lost: countOf(values.get("lost")),
    });
    if (lost === 0) return;
    this.#lossReason = reason;
    if (this.#options.failOnLoss) throw lostBytes(lost, reason);
  }

  #end(values: ReadonlyMap<string, string>): ConnectionEnd {
    const reason = endReason(values);
    if (reason === "restart") {
      this.#options.servers.add(values.get("servers") ?? "");
      return reason;
    }
    this.#position.settle();
    if (reason === "ended") return reason;
    throw endedByServer("stream", values);
  }

  async #deliver(media: Uint8Array): Promise<void> {
    for (const lead of this.#position.arrive()) await this.#write(lead);
    await this.#write(media);
    this.#position.advance(media.length);
    this.#lag.deliver();
    this.#reconnection.progress();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#writer.write(bytes);
    } catch (error) {
      this.#sinkError = { error };
      throw error;
    }
    this.#bytes += bytes.length;
  }
}

function positionOf(
  values: ReadonlyMap<string, string>,
): Position | undefined {
  return parsePosition(`${values.get("id")}:${values.get("offset")}`);
}

function broken(cause: unknown): IncompleteError {
  const message = "The connection broke before the stream ended";
  return new IncompleteError("broken", message, cause);
}

function restarting(): IncompleteError {
  const message = "The server shut down before the stream ended";
  return new IncompleteError("restart", message);
}

function lostBytes(lost: Loss, reason: string): IncompleteError {
  const bytes = lost === undefined
    ? "an unknown number of bytes was"
    : `${lost} bytes were`;
  const problem = `${bytes} lost (${reason})`;
  return new IncompleteError("lost", `Cannot deliver all bytes: ${problem}`);
}
