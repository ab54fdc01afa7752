/** Bytes of the key, and of a signature. */
const KEY_BYTES = 32;

/**
 * Signs addresses (HMAC-SHA-256): a client that was given one may use it until it expires, and the server remembers no
 * client. The key is new with each start of the server.
 */
export class UrlSigner {
  #key: Promise<CryptoKey> | undefined;

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
    return `expires=${expires}&signature=${signature}`;
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
    return await crypto.subtle.verify(
      "HMAC",
      await this.#ownKey(),
      given.bytes,
      encoded(what, given.expires),
    );
  }

  #ownKey(): Promise<CryptoKey> {
    return this.#key ??= crypto.subtle.importKey(
      "raw",
      crypto.getRandomValues(new Uint8Array(KEY_BYTES)),
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign", "verify"],
    );
  }
}

function readSignature(
  query: string,
): { expires: number; bytes: Uint8Array<ArrayBuffer> } | undefined {
  const values = new URLSearchParams(query);
  const expires = values.get("expires") ?? "";
  const signature = values.get("signature") ?? "";
  if (!/^\d{1,12}$/.test(expires) || !/^[\w-]{43}$/.test(signature)) {
    return undefined;
  }
  try {
    const bytes = Uint8Array.fromBase64(signature, { alphabet: "base64url" });
    return { expires: Number(expires), bytes };
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
