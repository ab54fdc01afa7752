import { messageOf, Refusal, UsageError } from "../errors.ts";
import { Backoff, type BackoffOptions } from "./backoff.ts";
import { Deadline } from "./deadline.ts";
import { IncompleteError } from "./incomplete_error.ts";
import { untilAborted } from "./until_aborted.ts";

/** Milliseconds that an attempt may take which begins just before time is up. */
const LAST_ATTEMPT_MS = 1000;

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
   * @param connect Makes one attempt, which its signal ends when time is up.
   * @throws {IncompleteError} With the reason of the cause when the client must not reconnect, or time is up.
   * @throws {Refusal} When the server refuses for good.
   * @throws The signal's reason when it is aborted.
   */
  async again<T>(
    cause: IncompleteError,
    connect: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { limitMs, signal } = this.#options;
    this.#brokenAt ??= performance.now();
    const giveUpAt = this.#brokenAt + limitMs;
    let last: unknown;
    for (;;) {
      const left = giveUpAt - performance.now();
      if (left <= 0) break;
      await pause(Math.min(this.#backoff.next(), left), signal);
      const rest = Math.max(giveUpAt - performance.now(), LAST_ATTEMPT_MS);
      try {
        using deadline = new Deadline(rest, signal);
        const connected = await connect(deadline.signal);
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
