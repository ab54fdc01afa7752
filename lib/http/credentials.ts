/** What a request's `Authorization` header shows (RFC 7617 Basic, RFC 6750 Bearer). */
export interface Credentials {
  /** Basic's user; may be empty. */
  readonly user?: string;
  /** Basic's password. */
  readonly password?: string;
  /** Bearer's token. */
  readonly token?: string;
}

/**
 * Reads credentials.
 *
 * @param header The header's value, or `null`.
 * @returns Nothing in it when the header is missing or cannot be read.
 */
export function readCredentials(header: string | null): Credentials {
  const [, scheme = "", value = ""] = /^(\w+) +(\S+) *$/.exec(header ?? "") ??
    [];
  if (/^bearer$/i.test(scheme)) return { token: value };
  if (/^basic$/i.test(scheme)) return readBasic(value);
  return {};
}

function readBasic(value: string): Credentials {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(
      Uint8Array.fromBase64(value),
    );
    const split = text.indexOf(":");
    if (split < 0) return {};
    return { user: text.slice(0, split), password: text.slice(split + 1) };
  } catch {
    return {};
  }
}
