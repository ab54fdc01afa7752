let key: Promise<CryptoKey> | undefined;

/**
 * A digest of texts under a key of this process (HMAC-SHA-256), to recognise secrets without keeping
 * them: it is worth nothing to who reads it elsewhere.
 */
export async function fingerprint(...texts: string[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(texts));
  key ??= randomKey();
  const mac = await crypto.subtle.sign("HMAC", await key, bytes);
  return new Uint8Array(mac).toBase64();
}

function randomKey(): Promise<CryptoKey> {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
}
