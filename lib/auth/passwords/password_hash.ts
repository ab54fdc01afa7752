/** The scheme's name, in front of a hash. */
const SCHEME = "pbkdf2-sha256";

/**
 * Rounds of a new hash: what the OWASP password storage cheat sheet recommends for PBKDF2-HMAC-SHA-256.
 * They take about a tenth of a second.
 */
export const HASH_ITERATIONS = 600_000;

/** Fewest rounds of an accepted hash: RFC 8018 §4.2. */
export const MIN_HASH_ITERATIONS = 1000;

/** Most rounds of an accepted hash: a sign-in must not take longer than its client waits. */
export const MAX_HASH_ITERATIONS = 10_000_000;

/** Bytes of a new salt; NIST SP 800-132 §5.1 requires 128 bits. */
const SALT_BYTES = 16;

/** Fewest (RFC 8018 §4.1) and most (the PHC string format) bytes of an accepted salt. */
const SALT_RANGE = [8, 48] as const;

/** Bytes of a key: one output of SHA-256; more would cost the server, but not an attacker. */
const KEY_BYTES = 32;

/** A password's hash, with all that a comparison needs. */
export interface PasswordHash {
  /** Rounds of PBKDF2. */
  readonly iterations: number;
  /** Random bytes, so that the hashes of equal passwords differ. */
  readonly salt: Uint8Array<ArrayBuffer>;
  /** What PBKDF2 derives from the password, 32 bytes. */
  readonly key: Uint8Array;
}

/**
 * Hashes a password with a new salt. The work is done on another thread.
 *
 * @param password Any text, taken as UTF-8.
 */
export async function hashPassword(
  password: string,
  iterations: number = HASH_ITERATIONS,
): Promise<PasswordHash> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const key = await derive(password, salt, iterations);
  return { iterations, salt, key };
}

/**
 * Compares a password with a hash. The work is done on another thread, and the time says nothing about
 * the password.
 */
export async function matchesHash(
  password: string,
  hash: PasswordHash,
): Promise<boolean> {
  const key = await derive(password, hash.salt, hash.iterations);
  let difference = key.length ^ hash.key.length;
  for (const [i, byte] of key.entries()) difference |= byte ^ hash.key[i]!;
  return difference === 0;
}

/** PBKDF2 with HMAC-SHA-256: RFC 8018 §5.2. */
async function derive(
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(password);
  const name = "PBKDF2";
  const { subtle } = crypto;
  const key = await subtle.importKey("raw", bytes, name, false, ["deriveBits"]);
  const algorithm = { name, hash: "SHA-256", salt, iterations };
  return new Uint8Array(
    await subtle.deriveBits(algorithm, key, KEY_BYTES * 8),
  );
}

/**
 * Writes a hash in the PHC string format: `$pbkdf2-sha256$i=600000$SALT$KEY`, base64 without padding.
 *
 * @returns A text without blanks and commas.
 */
export function formatPasswordHash(
  { iterations, salt, key }: PasswordHash,
): string {
  const [saltText, keyText] = [salt, key].map(unpadded);
  return `$${SCHEME}$i=${iterations}$${saltText}$${keyText}`;
}

function unpadded(bytes: Uint8Array): string {
  return bytes.toBase64({ omitPadding: true });
}

/**
 * Reads a hash as {@linkcode formatPasswordHash} writes it.
 *
 * @throws {SyntaxError} With what is wrong, to be put after the hash's name; it never quotes the hash.
 */
export function parsePasswordHash(text: string): PasswordHash {
  const match = /^\$pbkdf2-sha256\$i=(\d{1,8})\$([\w+/-]+)\$([\w+/-]+)$/
    .exec(text);
  if (!match) {
    throw new SyntaxError(`is not of the form $${SCHEME}$i=N$SALT$KEY`);
  }
  const iterations = Number(match[1]);
  if (iterations < MIN_HASH_ITERATIONS || iterations > MAX_HASH_ITERATIONS) {
    const range = `${MIN_HASH_ITERATIONS} to ${MAX_HASH_ITERATIONS}`;
    throw new SyntaxError(`has ${iterations} rounds; ${range} are allowed`);
  }
  const salt = decoded(match[2]!, "salt", SALT_RANGE);
  const key = decoded(match[3]!, "key", [KEY_BYTES, KEY_BYTES]);
  return { iterations, salt, key };
}

function decoded(
  text: string,
  what: string,
  [least, most]: readonly [number, number],
): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64(text);
  if (!bytes) throw new SyntaxError(`has a ${what} that is not base64`);
  if (bytes.length >= least && bytes.length <= most) return bytes;
  const range = least === most ? `${least}` : `${least} to ${most}`;
  throw new SyntaxError(
    `has a ${what} of ${bytes.length} bytes; ${range} are allowed`,
  );
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}
