import { Refusal } from "../../errors.ts";
import {
  HASH_ITERATIONS,
  matchesHash,
  type PasswordHash,
} from "./password_hash.ts";
import { TaskLimit } from "../task_limit.ts";

/**
 * Hashes computed at a time. Each takes a processor core for a tenth of a second, and media needs the
 * rest of a small machine.
 */
export const HASHES_AT_ONCE = 2;

/** Sign-ins that wait for a hash: the last of them waits some three seconds, less than its client does. */
export const MAX_WAITING_HASHES = 64;

/** Passwords remembered as right; beyond it the one not shown for longest is hashed again. Some 200 KB. */
export const MAX_REMEMBERED_PASSWORDS = 1024;

/** How a {@linkcode PasswordCheck} bounds its work. */
export interface PasswordCheckOptions {
  /** Hashes computed at a time. Default {@linkcode HASHES_AT_ONCE}. */
  readonly atOnce?: number;
  /** Sign-ins that wait. Default {@linkcode MAX_WAITING_HASHES}. */
  readonly maxWaiting?: number;
  /** Passwords remembered. Default {@linkcode MAX_REMEMBERED_PASSWORDS}. */
  readonly maxRemembered?: number;
  /** Rounds of the hash that is computed where there is none. Default those of a new hash. */
  readonly dummyIterations?: number;
  /** Compares a password with a hash. Default {@linkcode matchesHash}. */
  readonly matches?: (
    password: string,
    hash: PasswordHash,
  ) => Promise<boolean>;
}

/**
 * Compares passwords with hashes, a few at a time and each right one once: it is remembered by an HMAC
 * under a key of this process, so that an encoder that comes back, or a hundred at once, cost nothing.
 */
export class PasswordCheck {
  readonly #limit: TaskLimit;
  readonly #maxRemembered: number;
  readonly #matches: (p: string, hash: PasswordHash) => Promise<boolean>;
  readonly #dummy: PasswordHash;
  #key: Promise<CryptoKey> | undefined;
  // In the order of use.
  readonly #right = new Set<string>();
  readonly #underWay = new Map<string, Promise<boolean>>();

  /**
   * Makes a check that remembers nothing yet.
   *
   * @param options Its bounds.
   */
  constructor(options: PasswordCheckOptions = {}) {
    this.#limit = new TaskLimit(
      options.atOnce ?? HASHES_AT_ONCE,
      options.maxWaiting ?? MAX_WAITING_HASHES,
    );
    this.#maxRemembered = options.maxRemembered ?? MAX_REMEMBERED_PASSWORDS;
    this.#matches = options.matches ?? matchesHash;
    this.#dummy = dummyHash(options.dummyIterations ?? HASH_ITERATIONS);
  }

  /**
   * Compares a password with a user's hash.
   *
   * @param user Whose hash it is.
   * @param password What was given.
   * @param hash The user's hash.
   * @throws {Refusal} `busy` when too many wait already.
   */
  async matchesUser(
    user: string,
    password: string,
    hash: PasswordHash,
  ): Promise<boolean> {
    const tag = await this.#tag(user, password, hash);
    if (this.#right.delete(tag)) {
      this.#right.add(tag);
      return true;
    }
    const answer = this.#underWay.get(tag) ?? this.#begin(tag, password, hash);
    return await answer;
  }

  /**
   * Takes as long as a comparison does, for whom there is no hash to compare with.
   *
   * @param password What was given.
   * @throws {Refusal} `busy` as a comparison would.
   */
  async spend(password: string): Promise<void> {
    await this.#run(password, this.#dummy);
  }

  #begin(tag: string, password: string, hash: PasswordHash): Promise<boolean> {
    const answer = this.#compare(tag, password, hash);
    this.#underWay.set(tag, answer);
    return answer;
  }

  async #compare(
    tag: string,
    password: string,
    hash: PasswordHash,
  ): Promise<boolean> {
    try {
      const equal = await this.#run(password, hash);
      if (equal) this.#remember(tag);
      return equal;
    } finally {
      this.#underWay.delete(tag);
    }
  }

  async #run(password: string, hash: PasswordHash): Promise<boolean> {
    const answer = this.#limit.run(() => this.#matches(password, hash));
    if (answer) return await answer;
    const waiting = `${this.#limit.maxWaiting} sign-ins wait for a hash`;
    throw new Refusal("busy", "too many sign-ins at once", waiting);
  }

  #remember(tag: string): void {
    this.#right.add(tag);
    if (this.#right.size <= this.#maxRemembered) return;
    for (const oldest of this.#right) {
      this.#right.delete(oldest);
      break;
    }
  }

  // The hash is part of it: whoever changes his password is not let in by the old one.
  async #tag(
    user: string,
    password: string,
    { iterations, salt, key }: PasswordHash,
  ): Promise<string> {
    const stamp = [iterations, salt.toHex(), key.toHex()].join();
    const text = JSON.stringify([user, stamp, password]);
    const bytes = new TextEncoder().encode(text);
    this.#key ??= randomKey();
    const mac = await crypto.subtle.sign("HMAC", await this.#key, bytes);
    return new Uint8Array(mac).toBase64();
  }
}

function randomKey(): Promise<CryptoKey> {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
}

// Its key is drawn at random, so no password is known to match; the answer is thrown away besides.
function dummyHash(iterations: number): PasswordHash {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = crypto.getRandomValues(new Uint8Array(32));
  return { iterations, salt, key };
}
