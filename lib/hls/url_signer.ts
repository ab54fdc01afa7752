/** Bytes of the key, and of a signature. */
const KEY_BYTES = 32;

/** Random bytes of a key's id, which is not secret. */
const ID_BYTES = 8;

/** Keys of other servers that are known: many times the largest cluster, with all that were restarted in a week. */
const MAX_OTHERS = 1000;

/** A key as the servers of a cluster tell it to each other. */
export interface SharedKey {
  /** Names the key in addresses: hexadecimal. */
  readonly id: string;
  /** The key: hexadecimal. */
  readonly secret: string;
}

/**
 * Signs addresses (HMAC-SHA-256): a client that was given one may use it until it expires, and the server remembers no
 * client. The key is new with each start of the server. In a cluster each server signs with its own key, which the
 * address names, and knows those of the others.
 */
export class UrlSigner {
  /** This server's key. */
  readonly own: SharedKey = { id: random(ID_BYTES), secret: random(KEY_BYTES) };
  /** Whether addresses name the key, so that other servers can tell. */
  isShared = false;
  readonly #others: Map<string, SharedKey> = new Map();
  #key: Promise<CryptoKey> | undefined;

  /** Accepts what another server signs; what is no key is ignored. */
  learn({ id, secret }: Readonly<Record<string, unknown>>): void {
    const isKey = typeof id === "string" && /^[0-9a-f]{16}$/.test(id) &&
      typeof secret === "string" && /^[0-9a-f]{64}$/.test(secret);
    if (!isKey || this.#others.has(id) || id === this.own.id) return;
    const [oldest] = this.#others.keys();
    if (this.#others.size >= MAX_OTHERS) this.#others.delete(oldest!);
    this.#others.set(id, { id, secret });
  }

  /**
   * Signs an address.
   *
   * @param what What the address leads to, secrets that must not have changed included.
   * @param expires Seconds since 1970 after which it is void.
   * @returns The query to append.
   */
  async sign(what: readonly string[], expires: number): Promise<string> {
    const bytes = encoded(what, expires);
    const mac = await crypto.subtle.sign("HMAC", await this.#ownKey(), bytes);
    const signature = new Uint8Array(mac).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
    const key = this.isShared ? `&key=${this.own.id}` : "";
    return `expires=${expires}&signature=${signature}${key}`;
  }

  /**
   * Tells whether a signature is right and has not expired, in the same time for every wrong one.
   *
   * @param query The address's query, without its question mark.
   * @param now Milliseconds since 1970.
   */
  async verify(
    what: readonly string[],
    query: string,
    now = Date.now(),
  ): Promise<boolean> {
    const given = readSignature(query);
    if (!given || given.expires * 1000 < now) return false;
    const other = this.#others.get(given.key);
    return await crypto.subtle.verify(
      "HMAC",
      await (other ? imported(other) : this.#ownKey()),
      given.bytes,
      encoded(what, given.expires),
    );
  }

  #ownKey(): Promise<CryptoKey> {
    return this.#key ??= imported(this.own);
  }
}

function imported({ secret }: SharedKey): Promise<CryptoKey> {
  const bytes = Uint8Array.fromHex(secret);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", bytes, algorithm, false, [
    "sign",
    "verify",
  ]);
}

function random(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}

function readSignature(
  query: string,
):
  | { expires: number; bytes: Uint8Array<ArrayBuffer>; key: string }
  | undefined {
  const values = new URLSearchParams(query);
  const expires = values.get("expires") ?? "";
  const signature = values.get("signature") ?? "";
  if (!/^\d{1,12}$/.test(expires) || !/^[\w-]{43}$/.test(signature)) {
    return undefined;
  }
  try {
    const bytes = Uint8Array.fromBase64(signature, { alphabet: "base64url" });
    const key = values.get("key") ?? "";
    return { expires: Number(expires), bytes, key };
  } catch {
    return undefined; // Bits behind the last byte that are not zero.
  }
}

function encoded(
  what: readonly string[],
  expires: number,
): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify([...what, expires]));
}
