import { type Sleep, sleep } from "../../clock/sleep.ts";
import { networkOf } from "../../net/ip_address.ts";
import { AttemptSlots } from "./attempt_slots.ts";
import {
  FailedAttempts,
  type FailedAttemptsOptions,
  REFUSE_FROM,
} from "./failed_attempts.ts";

/** Attempts of one network that wait for a slot: as many as the connections it may have by default. */
export const MAX_WAITING_ATTEMPTS = 1000;

/** How a {@linkcode LoginRateLimiter} counts and waits. */
export interface LoginRateLimiterOptions extends FailedAttemptsOptions {
  /** Attempts of one network that wait for a slot. Default {@linkcode MAX_WAITING_ATTEMPTS}. */
  readonly maxWaiting?: number;
  /** How to delay. Default: a timer. */
  readonly sleep?: Sleep;
}

/** An attempt to show that one knows a secret. */
export interface Attempt {
  /** The peer's address: `ip`, `ip:port` or `[ip]:port`. */
  readonly remote: string;
  /** What the secret belongs to: a user's name, `USER/CHANNEL` … A success forgets the failures with it. */
  readonly target: string;
  /** The failures stay after a success, because it does not prove that the peer knows the secret. */
  readonly provesNothing?: boolean;
}

/**
 * How an attempt went: `right` and `wrong` are the outcome of the check, `refused` means that the
 * network has failed too often, `busy` that too many of its attempts wait; then nothing was checked.
 */
export type AttemptOutcome = "right" | "wrong" | "refused" | "busy";

/**
 * Keeps secrets from being guessed: sign-ins, channel passwords, and any other secret that a peer shows.
 * A network (an IPv4 address, or the /64 of an IPv6 address, which one customer has) is delayed from its
 * 3rd failure and refused for a minute from its 10th.
 *
 * The bound holds for attempts at once as well. An attempt counts from the moment that it takes a slot,
 * and a network has as many slots as failures are left to it: 10 without any, one after the refusal. So
 * failures and attempts in flight together never exceed ten, and however many guesses arrive together,
 * no eleventh is checked. The others wait for a slot, which is free again at once when the secret was
 * right: a thousand peers behind one address that know theirs all get in.
 */
export class LoginRateLimiter {
  /** The failures so far. */
  readonly failures: FailedAttempts;
  readonly #slots: AttemptSlots;
  readonly #sleep: Sleep;

  /** Makes a limiter without failures. */
  constructor(options: LoginRateLimiterOptions = {}) {
    this.failures = new FailedAttempts(options);
    this.#slots = new AttemptSlots(
      options.maxWaiting ?? MAX_WAITING_ATTEMPTS,
      (network) => this.#slotsOf(network),
    );
    this.#sleep = options.sleep ?? sleep;
  }

  /**
   * Checks a secret unless the network has failed too often.
   *
   * @param attempt Who tries what.
   * @param check Tells whether the secret is right. When it rejects, the attempt counts as nothing and
   *     the error is passed on: the server's own faults are not the peer's.
   */
  async guard(
    attempt: Attempt,
    check: () => boolean | Promise<boolean>,
  ): Promise<AttemptOutcome> {
    const network = networkOf(attempt.remote);
    if (this.failures.refused(network)) return "refused";
    // Before the slot: peers that know their secret are delayed together, not one after the other.
    const delay = this.failures.delayMs(network);
    if (delay > 0) await this.#sleep(delay);
    const slot = this.#slots.acquire(network);
    // Not counted: nothing has been compared, so the answer is the same for right and wrong.
    if (slot === undefined) return "busy";
    await slot;
    try {
      if (this.failures.refused(network)) return "refused";
      const right = await check();
      this.#count(network, attempt, right);
      return right ? "right" : "wrong";
    } finally {
      this.#slots.release(network);
    }
  }

  #count(
    network: string,
    { target, provesNothing }: Attempt,
    right: boolean,
  ): void {
    if (!right) this.failures.failed(network, target);
    else if (!provesNothing) this.failures.succeeded(network, target);
  }

  #slotsOf(network: string): number {
    // At least one, for the attempt after the refusal, and for those that wait to be refused.
    return Math.max(1, REFUSE_FROM - this.failures.count(network));
  }
}
