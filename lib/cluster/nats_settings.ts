import type { ConnectionOptions } from "@nats-io/nats-core/internal";
import {
  credsAuthenticator,
  nkeyAuthenticator,
} from "@nats-io/nats-core/internal";

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

/** What the library is told. */
export function connectionOptions(settings: NatsSettings): ConnectionOptions {
  const first = new URL(settings.urls[0] ?? "");
  const user = decodeURIComponent(first.username);
  const pass = decodeURIComponent(first.password);
  const { ca } = settings;
  const isTls = ca !== "" ||
    settings.urls.some((url) => url.startsWith("tls://"));
  return {
    servers: settings.urls.map((url) => new URL(url).host),
    ...authenticationOf(settings.credentials),
    ...(user !== "" && pass !== "" ? { user, pass } : {}),
    ...(user !== "" && pass === "" ? { token: user } : {}),
    ...(isTls ? { tls: ca === "" ? {} : { ca } } : {}),
  };
}

function authenticationOf(text: string): ConnectionOptions {
  const bytes = new TextEncoder().encode(text.trim());
  if (bytes.length === 0) return {};
  const isSeed = /^SU[A-Z2-7]+$/.test(text.trim());
  const authenticator = isSeed
    ? nkeyAuthenticator(bytes)
    : credsAuthenticator(new TextEncoder().encode(text));
  return { authenticator };
}
