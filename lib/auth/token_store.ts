import { LruMap } from "./lru_map.ts";
import { secretsEqual } from "./passwords/secrets.ts";

/** Seconds that a token is valid: time enough to hand it to an encoder, too short to be found later. */
export const TOKEN_LIFETIME_S = 120;

/** Live tokens of all users; beyond it the oldest is dropped. 10,000 of them take some 2 MB. */
export const MAX_LIVE_TOKENS = 10_000;

/** Random bytes of a token: 192 bits, more than the 128 that cannot be guessed. */
export const TOKEN_BYTES = 24;

/** How a {@linkcode TokenStore} keeps its tokens. */
export interface TokenStoreOptions {
  /** Seconds that a token is valid. Default {@linkcode TOKEN_LIFETIME_S}. */
  readonly lifetime?: number;
  /** Live tokens of all users. Default {@linkcode MAX_LIVE_TOKENS}. */
  readonly maxTokens?: number;
  /** A monotonic clock in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/** A new token and how long it is valid. */
export interface IssuedToken {
  /** Hexadecimal digits, twice {@linkcode TOKEN_BYTES} of them. */
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
}

interface LiveToken {
  readonly token: string;
  readonly expires: number;
  /** Digest of the password that its user signed in with. */
  readonly credentials: string | undefined;
}

function monotonicNow(): number {
  return performance.now();
}

function positive(value: number, name: string): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(`Cannot use ${name} ${value}: it must be above 0`);
}

/**
 * One-time tokens: each belongs to a user, is valid for some time and while the user's password stays the
 * same, and is gone once redeemed. A user has one at most. There is no timer: expired tokens are dropped
 * when the next one is issued.
 */
export class TokenStore {
  /** What its tokens begin with, where other servers issue tokens too; lower-case hexadecimal digits. */
  prefix = "";
  /** Redeems a token that another server has issued. */
  elsewhere: ((user: string, token: string) => Promise<boolean>) | undefined;
  /** Called when a user was issued a token. */
  onIssue: ((user: string) => void) | undefined;
  readonly #lifetime: number;
  readonly #now: () => number;
  // All tokens are valid equally long, so the order of insertion is the order of expiry.
  readonly #live: LruMap<string, LiveToken>;
  // Redeeming for a user without a token compares with this, to take the same time.
  readonly #dummy = randomToken();

  /**
   * Makes a store without tokens.
   *
   * @throws {RangeError} If the lifetime or the cap is not above 0.
   */
  constructor(options: TokenStoreOptions = {}) {
    this.#lifetime = positive(
      options.lifetime ?? TOKEN_LIFETIME_S,
      "token lifetime",
    );
    this.#live = new LruMap(
      positive(options.maxTokens ?? MAX_LIVE_TOKENS, "token cap"),
    );
    this.#now = options.now ?? monotonicNow;
  }

  /** Tokens kept, including those that have expired since the last one was issued. */
  get size(): number {
    return this.#live.size;
  }

  /**
   * Makes a token and voids the user's older one.
   *
   * @param user Who may redeem it.
   * @param credentials The `credentials` of the decision that allowed it; `undefined` when it has none.
   *     The token is void once those of the user differ.
   */
  issue(user: string, credentials: string | undefined): IssuedToken {
    this.#dropExpired();
    const token = this.prefix + randomToken();
    const expires = this.#now() + this.#lifetime * 1000;
    this.#live.set(user, { token, expires, credentials });
    this.onIssue?.(user);
    return { token, expiresIn: this.#lifetime };
  }

  /**
   * Redeems a token. A wrong one changes nothing, so that it cannot void a user's token.
   *
   * @param credentials The digest of the user's password as it is now; `undefined` when it is unknown.
   * @returns Whether it was the user's live token.
   */
  redeem(
    user: string,
    token: string,
    credentials: string | undefined,
  ): boolean {
    const live = this.#live.peek(user);
    const equal = secretsEqual(token, live?.token ?? this.#dummy);
    if (!equal || live === undefined) return false;
    this.#live.delete(user);
    return this.#now() < live.expires && live.credentials === credentials;
  }

  /** Whether another server has issued a token. */
  isForeign(token: string): boolean {
    return this.elsewhere !== undefined &&
      token.length === this.prefix.length + 2 * TOKEN_BYTES &&
      !token.startsWith(this.prefix);
  }

  /** Voids the user's token, if there is one. */
  revoke(user: string): void {
    this.#live.delete(user);
  }

  #dropExpired(): void {
    const now = this.#now();
    for (const [user, { expires }] of this.#live.entries()) {
      if (expires > now) break;
      this.#live.delete(user);
    }
  }
}

function randomToken(): string {
  return crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toHex();
}
