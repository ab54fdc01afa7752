import { messageOf, Refusal, UsageError } from "../errors.ts";
import { Backoff, type BackoffOptions } from "./backoff.ts";
import { IncompleteError } from "./incomplete_error.ts";
import { untilAborted } from "./until_aborted.ts";

/** How long a client reconnects. */
export interface ReconnectOptions {
  /** Milliseconds without progress after which it gives up; 0 to give up at once. */
  readonly limitMs: number;
  /** Gives up when it is aborted. */
  readonly signal: AbortSignal;
  /** The pauses between attempts. */
  readonly backoff?: BackoffOptions;
}

/** Reconnects after a break, again and again, until there is progress or time is up. */
export class Reconnection {
  readonly #options: ReconnectOptions;
  readonly #backoff: Backoff;
  /** When the first break since the last progress happened, in milliseconds. */
  #brokenAt: number | undefined;
  #count = 0;

  /** Starts with a connection that works. */
  constructor(options: ReconnectOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff);
  }

  /** Successful reconnects so far. */
  get count(): number {
    return this.#count;
  }

  /** Whether the client is between two connections, or the last one has not shown any progress yet. */
  get isBroken(): boolean {
    return this.#brokenAt !== undefined;
  }

  /** Notes that the connection works: the next break has all the time again. */
  progress(): void {
    if (this.#brokenAt === undefined) return;
    this.#brokenAt = undefined;
    this.#backoff.reset();
  }

  /**
   * Connects again.
   *
   * @param cause What broke.
   * @throws {IncompleteError} With the reason of the cause when the client must not reconnect, or time is up.
   * @throws {Refusal} When the server refuses for good.
   * @throws The signal's reason when it is aborted.
   */
  async again<T>(
    cause: IncompleteError,
    connect: () => Promise<T>,
  ): Promise<T> {
    const { limitMs, signal } = this.#options;
    this.#brokenAt ??= performance.now();
    const giveUpAt = this.#brokenAt + limitMs;
    let last: unknown;
    while (performance.now() < giveUpAt) {
      await pause(this.#backoff.next(), signal);
      try {
        const connected = await connect();
        this.#count++;
        return connected;
      } catch (error) {
        signal.throwIfAborted();
        if (isFinal(error)) throw error;
        last = error;
      }
    }
    throw last === undefined ? cause : givenUp(cause, last);
  }
}

/** Whether it makes no sense to try again: what else goes wrong may be over a moment later. */
function isFinal(error: unknown): boolean {
  if (error instanceof UsageError || error instanceof IncompleteError) {
    return true;
  }
  return error instanceof Refusal &&
    (error.code === "denied" || error.code === "bad-request");
}

function givenUp(
  { reason, message }: IncompleteError,
  last: unknown,
): IncompleteError {
  const problem = `${message}, and could not be resumed: ${messageOf(last)}`;
  return new IncompleteError(reason, problem, last);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await untilAborted(promise, signal);
  } finally {
    clearTimeout(timer);
  }
}
