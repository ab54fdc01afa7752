import {
  type AuthDecision,
  type Authenticate,
  type AuthRequest,
  refusal,
} from "../authenticate.ts";
import { networkOf } from "../../net/network.ts";

/** Failed sign-ins after which the next one has to wait: two slips of the finger cost nothing. */
export const BRAKE_DELAY_FROM = 3;

/** Failed sign-ins after which no more are looked at for a while. */
export const BRAKE_REFUSE_FROM = 10;

/** Milliseconds that the first delay takes; each further failure doubles it. */
export const BRAKE_FIRST_DELAY_MS = 250;

/** Milliseconds that a delay takes at most: a peer gives up a connection that stays mute for longer. */
export const BRAKE_MAX_DELAY_MS = 2000;

/** Milliseconds that an address is refused after its tenth failure and each one after it. */
export const BRAKE_REFUSE_MS = 60_000;

/** Milliseconds without a failure after which all of an address are forgotten. */
export const BRAKE_FORGET_MS = 10 * 60_000;

/** Addresses remembered; beyond it the one that failed longest ago goes. 10,000 take some 5 MB. */
export const MAX_BRAKED_ADDRESSES = 10_000;

/** How a {@linkcode SignInBrake} counts time and addresses. */
export interface SignInBrakeOptions {
  /** Addresses remembered. Default {@linkcode MAX_BRAKED_ADDRESSES}. */
  readonly maxAddresses?: number;
  /** A clock in milliseconds that never goes back. Default `performance.now`. */
  readonly now?: () => number;
}

interface Failures {
  /** Who should have been signed in, the last {@linkcode BRAKE_REFUSE_FROM} times. */
  readonly users: readonly string[];
  readonly last: number;
}

function monotonicNow(): number {
  return performance.now();
}

/**
 * Counts failed sign-ins by address (IPv6: by /64, which is one customer's) so that passwords cannot be
 * tried out. It holds no timer and waits for nothing itself.
 */
export class SignInBrake {
  readonly #maxAddresses: number;
  readonly #now: () => number;
  // In the order of the last failure.
  readonly #failures = new Map<string, Failures>();

  /**
   * Makes a brake that remembers nobody yet.
   *
   * @param options Cap and clock.
   */
  constructor(options: SignInBrakeOptions = {}) {
    this.#maxAddresses = options.maxAddresses ?? MAX_BRAKED_ADDRESSES;
    this.#now = options.now ?? monotonicNow;
  }

  /** Addresses remembered now. */
  get size(): number {
    return this.#failures.size;
  }

  /**
   * Tells how long the address's next sign-in has to wait.
   *
   * @param address `ip`, `ip:port` or `[ip]:port`.
   * @returns Milliseconds; 0 before the third failure.
   */
  delayMs(address: string): number {
    const count = this.#users(networkOf(address)).length;
    if (count < BRAKE_DELAY_FROM) return 0;
    const doubled = BRAKE_FIRST_DELAY_MS * 2 ** (count - BRAKE_DELAY_FROM);
    return Math.min(doubled, BRAKE_MAX_DELAY_MS);
  }

  /**
   * Tells whether the address's sign-ins are to be refused unseen.
   *
   * @param address `ip`, `ip:port` or `[ip]:port`.
   * @returns Whether it is within a minute of its tenth failure or a later one.
   */
  refused(address: string): boolean {
    const failures = this.#failures.get(networkOf(address));
    if (failures === undefined) return false;
    return failures.users.length >= BRAKE_REFUSE_FROM &&
      this.#now() < failures.last + BRAKE_REFUSE_MS;
  }

  /**
   * Counts a failed sign-in.
   *
   * @param address `ip`, `ip:port` or `[ip]:port`.
   * @param user Who should have been signed in.
   */
  failed(address: string, user: string): void {
    const network = networkOf(address);
    const users = [...this.#users(network), user].slice(-BRAKE_REFUSE_FROM);
    this.#failures.delete(network);
    this.#failures.set(network, { users, last: this.#now() });
    if (this.#failures.size > this.#maxAddresses) this.#dropOldest();
  }

  /**
   * Forgets the failures with this user from this address. Those with others stay, or whoever has one
   * password could try out another's as often as he likes.
   *
   * @param address `ip`, `ip:port` or `[ip]:port`.
   * @param user Who was signed in.
   */
  succeeded(address: string, user: string): void {
    const network = networkOf(address);
    const failures = this.#failures.get(network);
    if (failures === undefined) return;
    const users = failures.users.filter((failed) => failed !== user);
    if (users.length === 0) this.#failures.delete(network);
    else this.#failures.set(network, { ...failures, users });
  }

  #users(network: string): readonly string[] {
    const failures = this.#failures.get(network);
    if (failures === undefined) return [];
    if (this.#now() < failures.last + BRAKE_FORGET_MS) return failures.users;
    this.#failures.delete(network);
    return [];
  }

  #dropOldest(): void {
    for (const network of this.#failures.keys()) {
      this.#failures.delete(network);
      break;
    }
  }
}

/** Waits for some milliseconds. */
export type Sleep = (ms: number) => Promise<void>;

function sleepFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// A watcher who shows nothing signs in nowhere: watchers behind one address must not be locked out by
// a broadcaster among them who has the wrong password.
function isSignIn({ verb, password, token }: AuthRequest): boolean {
  return verb !== "watch" || password !== undefined || token !== undefined;
}

/**
 * Puts a brake before a function that decides: sign-ins are delayed and refused as the brake says, and
 * their outcome is counted. Requests to watch that show no password and no token pass by.
 *
 * @param authenticate Who decides.
 * @param brake Who counts.
 * @param sleep How to wait. Default: a timer.
 * @returns The function with the brake before it.
 */
export function withBrake(
  authenticate: Authenticate,
  brake: SignInBrake,
  sleep: Sleep = sleepFor,
): Authenticate {
  return async function braked(request): Promise<AuthDecision> {
    if (!isSignIn(request)) return await authenticate(request);
    const { remote } = request;
    const delay = brake.delayMs(remote);
    if (delay > 0 && !brake.refused(remote)) await sleep(delay);
    if (brake.refused(remote)) return tooMany(remote);
    const decision = await authenticate(request);
    // Asked again: many sign-ins at once must not tell more than ten one by one.
    if (brake.refused(remote)) return tooMany(remote);
    count(brake, request, decision);
    return decision;
  };
}

function tooMany(remote: string): AuthDecision {
  return refusal(`too many failed sign-ins from ${networkOf(remote)}`);
}

function count(
  brake: SignInBrake,
  { verb, remote, user }: AuthRequest,
  decision: AuthDecision,
): void {
  if (!decision.allow) brake.failed(remote, user);
  // Watching is often allowed whatever is shown, so it proves nothing.
  else if (verb !== "watch") brake.succeeded(remote, user);
}
