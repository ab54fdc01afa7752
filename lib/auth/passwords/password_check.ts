import { Refusal } from "../../errors.ts";
import { LruMap } from "../lru_map.ts";
import { TaskLimit } from "../task_limit.ts";
import { fingerprint } from "./fingerprint.ts";
import {
  HASH_ITERATIONS,
  matchesHash,
  type PasswordHash,
} from "./password_hash.ts";
import { secretsEqual } from "./secrets.ts";

/**
 * Hashes computed at a time. Each takes a processor core for a tenth of a second, and media needs the
 * rest of a small machine.
 */
export const HASHES_AT_ONCE = 2;

/** Sign-ins that wait for a hash: the last of them waits some three seconds, less than its client does. */
export const MAX_WAITING_HASHES = 64;

/** Passwords remembered as right; beyond it the one used longest ago is hashed again. Some 200 KB. */
export const MAX_REMEMBERED_PASSWORDS = 1024;

/** What a user's password is compared with: itself, its hash, or nothing where none is set. */
export type Credential = string | PasswordHash | undefined;

/** Too many sign-ins wait for a hash. */
export class HashQueueFullError extends Refusal {
  /** Makes the error; `waiting` is how many sign-ins wait. */
  constructor(waiting: number) {
    const detail = `${waiting} sign-ins wait for a hash`;
    super("busy", "too many sign-ins at once", detail);
    this.name = "HashQueueFullError";
  }
}

/** How a {@linkcode PasswordCheck} bounds its work. */
export interface PasswordCheckOptions {
  /** Hashes computed at a time. Default {@linkcode HASHES_AT_ONCE}. */
  readonly atOnce?: number;
  /** Sign-ins that wait. Default {@linkcode MAX_WAITING_HASHES}. */
  readonly maxWaiting?: number;
  /** Passwords remembered. Default {@linkcode MAX_REMEMBERED_PASSWORDS}. */
  readonly maxRemembered?: number;
  /** Rounds of the hash that is computed where the password is not hashed. Default those of a new hash. */
  readonly dummyIterations?: number;
  /** Compares a password with a hash. Default {@linkcode matchesHash}. */
  readonly matches?: (
    password: string,
    hash: PasswordHash,
  ) => Promise<boolean>;
}

/**
 * Compares passwords, a few at a time. Each comparison costs one hash, whether the password is right or
 * wrong, plain or hashed in the file, or not set at all: neither the time nor a full queue tells them
 * apart. A right password is remembered by its fingerprint, so that an encoder that reconnects, or a
 * hundred at once, cost nothing.
 */
export class PasswordCheck {
  readonly #limit: TaskLimit;
  readonly #matches: (p: string, hash: PasswordHash) => Promise<boolean>;
  readonly #dummy: PasswordHash;
  readonly #right: LruMap<string, true>;
  readonly #inProgress = new Map<string, Promise<boolean>>();

  /** Makes a check that remembers nothing yet. */
  constructor(options: PasswordCheckOptions = {}) {
    this.#limit = new TaskLimit(
      options.atOnce ?? HASHES_AT_ONCE,
      options.maxWaiting ?? MAX_WAITING_HASHES,
    );
    this.#right = new LruMap(options.maxRemembered ?? MAX_REMEMBERED_PASSWORDS);
    this.#matches = options.matches ?? matchesHash;
    this.#dummy = dummyHash(options.dummyIterations ?? HASH_ITERATIONS);
  }

  /** Sign-ins that wait for a hash now. */
  get waiting(): number {
    return this.#limit.waiting;
  }

  /**
   * Whether a user gave the password.
   *
   * @throws {HashQueueFullError} When too many wait already.
   */
  async verify(
    user: string,
    given: string,
    credential: Credential,
  ): Promise<boolean> {
    // The credential is part of it: a password that was changed is not remembered.
    const tag = await fingerprint(user, ...textsOf(credential), given);
    if (this.#right.get(tag)) return true;
    return await (this.#inProgress.get(tag) ??
      this.#begin(tag, given, credential));
  }

  #begin(tag: string, given: string, to: Credential): Promise<boolean> {
    const answer = this.#compare(tag, given, to);
    this.#inProgress.set(tag, answer);
    return answer;
  }

  async #compare(tag: string, given: string, to: Credential): Promise<boolean> {
    try {
      const equal = await this.#run(given, to);
      if (equal) this.#right.set(tag, true);
      return equal;
    } finally {
      this.#inProgress.delete(tag);
    }
  }

  async #run(given: string, to: Credential): Promise<boolean> {
    const hash = typeof to === "object" ? to : this.#dummy;
    const answer = this.#limit.run(() => this.#matches(given, hash));
    if (!answer) throw new HashQueueFullError(this.#limit.maxWaiting);
    const matches = await answer;
    if (typeof to === "object") return matches;
    return to !== undefined && secretsEqual(given, to);
  }
}

/**
 * A digest of a user's password as the file sets it, to tell that it has changed. Valid in this process.
 */
export function credentialDigest(
  user: string,
  credential: Credential,
): Promise<string> {
  return fingerprint(user, ...textsOf(credential));
}

function textsOf(credential: Credential): string[] {
  if (credential === undefined) return ["none"];
  if (typeof credential === "string") return ["plain", credential];
  const { iterations, salt, key } = credential;
  return ["hash", String(iterations), salt.toHex(), key.toHex()];
}

// Its key is drawn at random, so no password is known to match; the answer is not used either.
function dummyHash(iterations: number): PasswordHash {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = crypto.getRandomValues(new Uint8Array(32));
  return { iterations, salt, key };
}
