/** Rounds of a cheap hash: nobody waits for one. */
const CHEAP_ITERATIONS = 1;

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
