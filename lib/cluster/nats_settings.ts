/** How NATS is reached. */
export interface NatsSettings {
  /** `nats://` or `tls://` URLs, of one cluster; user and password or a token, and the path as prefix, from the first. */
  readonly urls: readonly string[];
  /** Text of a credentials file or of an nkey seed; empty for none. */
  readonly credentials: string;
  /** Certificate authorities that are trusted too, in PEM; empty for none. */
  readonly ca: string;
}

/** The prefix of subjects where the URL has no path. */
const PREFIX = "fstream";

/** The word that all subjects begin with. */
export function prefixOf({ urls }: NatsSettings): string {
  const path = new URL(urls[0] ?? "").pathname.replaceAll("/", "");
  return path === "" ? PREFIX : path;
}
