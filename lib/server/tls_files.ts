import type { Config } from "../config/config.ts";
import { UsageError } from "../errors.ts";
import { openTlsFiles, type TlsFiles } from "../net/tls_files.ts";

/**
 * Opens the certificate that the settings name.
 *
 * @param config The settings.
 * @returns `undefined` when they name none.
 * @throws {UsageError} When they name one without its key, or a key alone.
 * @throws {Error} When it cannot be used.
 */
export async function tlsFiles(
  { tlsCert, tlsKey }: Config,
): Promise<TlsFiles | undefined> {
  if (tlsCert !== undefined && tlsKey !== undefined) {
    return await openTlsFiles(tlsCert, tlsKey);
  }
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  const [one, other] = tlsCert === undefined
    ? ["tls-key", "tls-cert"]
    : ["tls-cert", "tls-key"];
  throw new UsageError(`${one} is set without ${other}`, `set --${other} too`);
}
