import { nkeys } from "@nats-io/nats-core/internal";
import type { NatsSettings } from "./nats_settings.ts";

/** What the library is told: where NATS is, who this is, and whether to use TLS. */
export interface NatsOptions {
  /** Names or addresses, with ports. */
  readonly servers: string[];
  /** With a password. */
  readonly user?: string;
  /** The user's. */
  readonly pass?: string;
  /** Instead of a user. */
  readonly token?: string;
  /** Answers a server's nonce. */
  readonly authenticator?: (nonce?: string) => Answer;
  /** Present for TLS, with authorities that are trusted too, in PEM. */
  readonly tls?: { readonly ca?: string };
}

/** The answer to a nonce. */
export interface Answer {
  /** The public key. */
  readonly nkey: string;
  /** The nonce, signed with it, in base64. */
  readonly sig: string;
  /** The JSON Web Token of the user. */
  readonly jwt?: string;
}

/** The seed of a user's nkey: `SU` and 56 letters in base32. */
const USER_SEED = /\bSU[A-Z2-7]{56}\b/;

/** A JSON Web Token, whose first part is an object of JSON in base64url. */
const JWT = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/;

/**
 * Reads the settings.
 *
 * @throws {SyntaxError} When there are credentials that cannot be used.
 */
export function natsOptions(settings: NatsSettings): NatsOptions {
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

/** Whether NATS is told who this is. */
export function hasLogin({ urls, credentials }: NatsSettings): boolean {
  return credentials !== "" || new URL(urls[0] ?? "").username !== "";
}

function authenticationOf(text: string): Pick<NatsOptions, "authenticator"> {
  if (text === "") return {};
  const seed = USER_SEED.exec(text)?.[0];
  if (seed === undefined) {
    throw new SyntaxError("there is no nkey seed of a user in it");
  }
  const keys = keysOf(seed);
  const jwt = JWT.exec(text)?.[0];
  return {
    authenticator: (nonce = "") => ({
      nkey: keys.getPublicKey(),
      sig: nkeys.encode(keys.sign(new TextEncoder().encode(nonce))),
      ...(jwt === undefined ? {} : { jwt }),
    }),
  };
}

function keysOf(seed: string): ReturnType<typeof nkeys.fromSeed> {
  try {
    return nkeys.fromSeed(new TextEncoder().encode(seed));
  } catch {
    throw new SyntaxError("its nkey seed has a wrong checksum");
  }
}
