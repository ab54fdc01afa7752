import { PasswordCheck } from "../../lib/auth/passwords/password_check.ts";

/** Rounds of a cheap hash, which takes no time. */
const CHEAP_ITERATIONS = 1;

/**
 * Compares plain passwords without the tenth of a second that a hash takes, for tests that sign in and
 * look at something else.
 */
export function cheapCheck(): PasswordCheck {
  return new PasswordCheck({ dummyIterations: CHEAP_ITERATIONS });
}

/**
 * Makes every password hash of this process cheap until it is disposed of, for tests that try hundreds
 * of passwords and look at what is said, not at how long it takes. A hash that was computed before does
 * not match any more.
 */
export class CheapHashes implements Disposable {
  readonly #real = crypto.subtle.deriveBits;

  /** From now on. */
  constructor() {
    const real = this.#real.bind(crypto.subtle);
    crypto.subtle.deriveBits = (algorithm, ...rest): Promise<ArrayBuffer> => {
      const pbkdf2 = algorithm as Pbkdf2Params;
      return real({ ...pbkdf2, iterations: CHEAP_ITERATIONS }, ...rest);
    };
  }

  [Symbol.dispose](): void {
    crypto.subtle.deriveBits = this.#real;
  }
}
