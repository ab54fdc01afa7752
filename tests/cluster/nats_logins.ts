/**
 * The ways in which a NATS server may ask who connects, and a node may be refused.
 *
 * @module
 */
import { nkeys } from "@nats-io/nats-core/internal";
import { fromRoot } from "../helpers/root.ts";

/** How a `nats-server` is started. */
export interface NatsConfig {
  /** Its arguments. */
  readonly args?: readonly string[];
  /** Text of its configuration file. */
  readonly text?: string;
}

/** What a NATS server asks for. */
export interface Login {
  /** How operators call it. */
  readonly name: string;
  /** A NATS that lets the node in. */
  readonly accepts: NatsConfig;
  /** A NATS that asks for the same, and not the node's. */
  readonly refuses: NatsConfig;
  /** Where the node is told that NATS is. */
  readonly url: (port: number) => string;
  /** Text of the node's credentials file. */
  readonly credentials?: string;
  /** The node's file of trusted authorities. */
  readonly ca?: string;
  /** What the operator is told where it is refused. */
  readonly problem: RegExp;
}

/** What most of them are told. */
const REFUSED = /it refuses the credentials \(Authorization Violation\)$/;

type KeyPair = ReturnType<typeof nkeys.createUser>;

const TLS_FOLDER = "tests/vectors/tls";

/** A file of the tests' certificates. */
export function tlsFile(name: string): string {
  return Deno.realPathSync(fromRoot(`${TLS_FOLDER}/${name}.pem`));
}

/** TLS with the certificate of one of the tests' authorities. */
export function tlsArgs(name: "one" | "two"): string[] {
  const cert = tlsFile(`server_${name}`);
  const key = cert.replace(/pem$/, "key");
  return ["--tls", "--tlscert", cert, "--tlskey", key];
}

/** Claims as nats-server reads them: a JSON Web Token signed with an nkey. */
function claims(
  issuer: KeyPair,
  subject: KeyPair,
  name: string,
  nats: Record<string, unknown>,
): string {
  const encode = (value: Uint8Array): string =>
    value.toBase64({ alphabet: "base64url", omitPadding: true });
  const json = (value: unknown): string =>
    encode(new TextEncoder().encode(JSON.stringify(value)));
  const body = {
    ...{ jti: crypto.randomUUID(), iat: Math.floor(Date.now() / 1000), name },
    ...{ iss: issuer.getPublicKey(), sub: subject.getPublicKey() },
    nats: { version: 2, ...nats },
  };
  const signed = `${json({ typ: "JWT", alg: "ed25519-nkey" })}.${json(body)}`;
  return `${signed}.${encode(issuer.sign(new TextEncoder().encode(signed)))}`;
}

function seedOf(keys: KeyPair): string {
  return new TextDecoder().decode(keys.getSeed());
}

/** A credentials file as `nsc` writes it. */
function credentialsFile(jwt: string, user: KeyPair): string {
  return `-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

************************* IMPORTANT *************************
NKEY Seed printed below can be used to sign and prove identity.
NKEYs are sensitive and should be treated as secrets.

-----BEGIN USER NKEY SEED-----
${seedOf(user)}
------END USER NKEY SEED------

*************************************************************
`;
}

/** An operator's NATS with one account, and the credentials file of a user. */
export function operated(): NatsConfig & { readonly user: string } {
  const [operator, account] = [nkeys.createOperator(), nkeys.createAccount()];
  const user = nkeys.createUser();
  const unlimited = { subs: -1, data: -1, payload: -1 };
  const ofAccount = { conn: -1, leaf: -1, imports: -1, exports: -1 };
  const jwts = [
    claims(operator, operator, "o", { type: "operator" }),
    claims(operator, account, "a", {
      ...{ type: "account" },
      limits: { ...unlimited, ...ofAccount, wildcards: true },
    }),
    claims(account, user, "u", { type: "user", ...unlimited }),
  ];
  return {
    text: `operator: ${jwts[0]}
resolver: MEMORY
resolver_preload: { ${account.getPublicKey()}: ${jwts[1]} }
`,
    user: credentialsFile(jwts[2]!, user),
  };
}

function nkeyServer(user: KeyPair): NatsConfig {
  return {
    text: `authorization { users = [{ nkey: ${user.getPublicKey()} }] }`,
  };
}

/** Each way of asking. */
export function logins(): Login[] {
  const url = (port: number): string => `nats://127.0.0.1:${port}`;
  const user = nkeys.createUser();
  const operator = operated();
  const withPassword = (pass: string): NatsConfig => ({
    args: ["--user", "u", "--pass", pass],
  });
  return [
    {
      ...{ name: "user and password", problem: REFUSED },
      ...{ accepts: withPassword("p@ss"), refuses: withPassword("other") },
      url: (port) => `nats://u:p%40ss@127.0.0.1:${port}`,
    },
    {
      ...{ name: "a token", problem: REFUSED },
      accepts: { args: ["--auth", "s3cret"] },
      refuses: { args: ["--auth", "other"] },
      url: (port) => `nats://s3cret@127.0.0.1:${port}`,
    },
    {
      ...{ name: "an nkey", problem: REFUSED, url },
      ...{ accepts: nkeyServer(user), credentials: `${seedOf(user)}\n` },
      refuses: nkeyServer(nkeys.createUser()),
    },
    {
      ...{ name: "a credentials file", problem: REFUSED, url },
      ...{ accepts: operator, credentials: operator.user },
      refuses: operated(),
    },
    {
      name: "TLS",
      accepts: { args: tlsArgs("one") },
      refuses: { args: tlsArgs("two") },
      url: (port) => `tls://localhost:${port}`,
      ca: tlsFile("authority_one"),
      problem: /its certificate is of an unknown authority, which nats-ca can/,
    },
  ];
}
