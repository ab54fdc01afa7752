import {
  type AuthDecision,
  type AuthMethod,
  type AuthRequest,
  refusal,
} from "../authenticate.ts";
import { secretsEqual } from "../passwords/secrets.ts";
import type { UserLookup } from "../users/users_folder.ts";

/** Seconds that a token holds: time enough to hand it to an encoder, too short to be found later. */
export const TOKEN_LIFETIME_S = 120;

/** Live tokens of all users; beyond it the oldest goes. 10,000 of them take some 2 MB. */
export const MAX_LIVE_TOKENS = 10_000;

/** Random bytes of a token: 192 bits, more than the 128 that cannot be guessed. */
export const TOKEN_BYTES = 24;

/** How a {@linkcode TokenStore} keeps its tokens. */
export interface TokenStoreOptions {
  /** Seconds that a token holds. Default {@linkcode TOKEN_LIFETIME_S}. */
  readonly lifetime?: number;
  /** Live tokens of all users. Default {@linkcode MAX_LIVE_TOKENS}. */
  readonly maxTokens?: number;
  /** A clock in milliseconds that never goes back. Default `performance.now`. */
  readonly now?: () => number;
}

/** A new token and the seconds it holds. */
export interface IssuedToken {
  /** Hexadecimal digits, twice {@linkcode TOKEN_BYTES} of them. */
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
}

interface LiveToken {
  readonly token: string;
  readonly expires: number;
}

function monotonicNow(): number {
  return performance.now();
}

function positive(value: number, name: string): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(`Cannot use ${name} ${value}: it must be above 0`);
}

/**
 * One-time tokens: each is bound to a user, holds for a time, and is gone once redeemed. A user has one
 * at most. There is no timer; what has expired goes when the next one is issued.
 */
export class TokenStore {
  readonly #lifetime: number;
  readonly #maxTokens: number;
  readonly #now: () => number;
  // All tokens hold equally long, so the order of insertion is the order of expiry.
  readonly #live = new Map<string, LiveToken>();
  // Redeeming for a user without a token compares with this, to take the same time.
  readonly #dummy = randomToken();

  /**
   * Makes a store without tokens.
   *
   * @param options Lifetime, cap and clock.
   * @throws {RangeError} If the lifetime or the cap is not above 0.
   */
  constructor(options: TokenStoreOptions = {}) {
    this.#lifetime = positive(
      options.lifetime ?? TOKEN_LIFETIME_S,
      "token lifetime",
    );
    this.#maxTokens = positive(
      options.maxTokens ?? MAX_LIVE_TOKENS,
      "token cap",
    );
    this.#now = options.now ?? monotonicNow;
  }

  /** Tokens kept, those included that have expired since the last one was issued. */
  get size(): number {
    return this.#live.size;
  }

  /**
   * Makes a token and voids the one the user had.
   *
   * @param user Who may redeem it.
   * @returns The token, hexadecimal digits only, and the seconds it holds.
   */
  issue(user: string): IssuedToken {
    this.#live.delete(user);
    this.#dropExpired();
    const token = randomToken();
    const expires = this.#now() + this.#lifetime * 1000;
    this.#live.set(user, { token, expires });
    return { token, expiresIn: this.#lifetime };
  }

  /**
   * Uses a token up. A wrong one changes nothing, so that nobody can void another's token.
   *
   * @param user Who shows it.
   * @param token What is shown.
   * @returns Whether it was the user's live token.
   */
  redeem(user: string, token: string): boolean {
    const live = this.#live.get(user);
    const equal = secretsEqual(token, live?.token ?? this.#dummy);
    if (!equal || live === undefined) return false;
    this.#live.delete(user);
    return this.#now() < live.expires;
  }

  /**
   * Voids the user's token, if there is one.
   *
   * @param user Whose token it is.
   */
  revoke(user: string): void {
    this.#live.delete(user);
  }

  // Makes room for one more.
  #dropExpired(): void {
    const now = this.#now();
    for (const [user, { expires }] of this.#live) {
      if (expires > now && this.#live.size < this.#maxTokens) break;
      this.#live.delete(user);
    }
  }
}

function randomToken(): string {
  return crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toHex();
}

/**
 * The method that lets a broadcaster in who shows a token. A request that shows a password too and no
 * live token is left to the next method; one that shows neither, or asks for something else, as well.
 *
 * @param tokens The live tokens.
 * @param users Where the rights of the token's user are found; a user who is gone or whose file is
 *     broken is refused. Without it a good token is enough and gives no rights.
 * @returns The method.
 */
export function tokenMethod(
  tokens: TokenStore,
  users?: UserLookup,
): AuthMethod {
  return async function byToken(request): Promise<AuthDecision | undefined> {
    const { verb, user, token } = request;
    if (verb !== "broadcast" || token === undefined) return undefined;
    // Looked up first: what is wrong with the user must not use the token up.
    const entry = await users?.lookup(user);
    const known = users === undefined || entry !== undefined;
    if (!known || !tokens.redeem(user, token)) return badToken(request);
    return entry === undefined
      ? { allow: true }
      : { allow: true, rights: entry.settings };
  };
}

function badToken(request: AuthRequest): AuthDecision | undefined {
  if (request.password !== undefined) return undefined;
  return refusal("no such token: unknown, used, expired, or another user's");
}
