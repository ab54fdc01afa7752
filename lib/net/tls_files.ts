import { messageOf } from "../errors.ts";

/** A certificate and its key, as PEM (RFC 7468). */
export interface TlsIdentity {
  /** The certificate, and behind it those that lead to a root. */
  readonly cert: string;
  /** The certificate's private key: PKCS #8, PKCS #1 or SEC 1. */
  readonly key: string;
}

/** The two files of a {@linkcode TlsIdentity}, which may change while the server runs. */
export class TlsFiles {
  readonly #certPath: string;
  readonly #keyPath: string;
  #identity: TlsIdentity;

  /**
   * Takes what {@linkcode openTlsFiles} has read.
   *
   * @param certPath The certificate's file.
   * @param keyPath The key's file.
   * @param found What is in them now.
   */
  constructor(certPath: string, keyPath: string, found: TlsIdentity) {
    this.#certPath = certPath;
    this.#keyPath = keyPath;
    this.#identity = found;
  }

  /** What was read last and can be used. */
  get identity(): TlsIdentity {
    return this.#identity;
  }

  /**
   * Reads the files again.
   *
   * @returns Whether they have changed.
   * @throws {Error} If what is there now cannot be used; {@linkcode TlsFiles.identity} stays.
   */
  async reload(): Promise<boolean> {
    const found = await readIdentity(this.#certPath, this.#keyPath);
    const { cert, key } = this.#identity;
    if (found.cert === cert && found.key === key) return false;
    this.#identity = found;
    return true;
  }
}

/**
 * Checks that a key belongs to a certificate.
 *
 * @throws {Error} When one of them cannot be used.
 */
export function checkIdentity(identity: TlsIdentity): void {
  // The runtime looks at a pair only when it listens with it.
  Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...identity }).close();
}

/**
 * Reads a certificate and its key.
 *
 * @param certPath The certificate's file.
 * @param keyPath The key's file.
 * @throws {Error} If one cannot be read, or the key is not the certificate's.
 */
export async function openTlsFiles(
  certPath: string,
  keyPath: string,
): Promise<TlsFiles> {
  const found = await readIdentity(certPath, keyPath);
  return new TlsFiles(certPath, keyPath, found);
}

async function readIdentity(
  certPath: string,
  keyPath: string,
): Promise<TlsIdentity> {
  const identity = { cert: await read(certPath), key: await read(keyPath) };
  try {
    checkIdentity(identity);
    return identity;
  } catch (cause) {
    const files = `${certPath} with ${keyPath}`;
    throw new Error(`Cannot use ${files}: ${messageOf(cause)}`, { cause });
  }
}

async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
