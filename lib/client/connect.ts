import { messageOf, UsageError } from "../errors.ts";
import { formatAddress } from "../net/address.ts";
import type { ClientOptions, ClientTls } from "./client_options.ts";
import { ConnectionError, type ConnectionProblem } from "./connection_error.ts";
import { untilAborted } from "./until_aborted.ts";

/** A connection to a server. */
export type ClientConnection = Deno.TcpConn | Deno.TlsConn;

/**
 * Connects, with TLS if that is asked for.
 *
 * @throws {UsageError} When the file of trusted certificates cannot be used.
 * @throws {ConnectionError} When there is no connection.
 * @throws The signal's reason when it is aborted first.
 */
export async function connect(
  { address: { host, port }, tls }: ClientOptions,
  signal: AbortSignal,
): Promise<ClientConnection> {
  const where = { hostname: host || "127.0.0.1", port };
  const caCerts = await readAuthorities(tls);
  try {
    if (tls) return await connectTls({ ...where, caCerts }, signal);
    const conn = await opened(Deno.connect(where), signal);
    conn.setNoDelay(true);
    return conn;
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    const address = formatAddress({ host: where.hostname, port });
    throw connectionErrorOf(address, cause);
  }
}

/** What `fetch` puts in front of the system's own words. */
const FETCH_PREFIX =
  /^.*: client error \(Connect\): (?:tcp connect error: |dns error: )?/;

/** Makes the error for a connection that there is not; `cause` is what the runtime said. */
export function connectionErrorOf(
  address: string,
  cause: unknown,
): ConnectionError {
  // What `fetch` says is in the cause of its error.
  const inner = cause instanceof TypeError && cause.cause !== undefined
    ? cause.cause
    : cause;
  const words = messageOf(inner).replace(FETCH_PREFIX, "");
  const message = `Cannot connect to ${address}: ${words}`;
  return new ConnectionError(problemOf(inner), message, cause);
}

/** Closes a connection that may be closed already. */
export function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** Waits for a connection; one that comes too late is closed. */
async function opened<T extends Deno.Conn>(
  opening: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await untilAborted(opening, signal);
  } catch (error) {
    opening.then(close, () => {});
    throw error;
  }
}

/** Waits for the handshake, so that an untrusted certificate is reported as such. */
async function connectTls(
  where: Deno.ConnectTlsOptions,
  signal: AbortSignal,
): Promise<Deno.TlsConn> {
  const conn = await opened(Deno.connectTls(where), signal);
  try {
    await untilAborted(conn.handshake(), signal);
    return conn;
  } catch (error) {
    close(conn);
    throw error;
  }
}

/**
 * Reads the certificates that a client trusts besides the well-known ones.
 *
 * @throws {UsageError} When there are none in the file.
 */
export async function readAuthorities(
  { ca }: ClientTls = {},
): Promise<string[]> {
  if (ca === undefined) return [];
  const text = await readText(ca);
  if (text.includes("-----BEGIN CERTIFICATE-----")) return [text];
  // The runtime would ignore the file, and the server's certificate would be untrusted.
  throw new UsageError(
    `Cannot use ${ca}: there is no certificate in it`,
    "name a PEM file with the certificate of the authority",
  );
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new UsageError(`Cannot read ${path}: ${messageOf(cause)}`);
  }
}

/** Parts of what the runtime says; the TLS library's errors have one class for all. */
const MESSAGES: readonly [part: string, problem: ConnectionProblem][] = [
  ["Connection refused", "refused"],
  ["failed to lookup address", "unknown-host"],
  ["No such host is known", "unknown-host"],
  ["UnknownIssuer", "unknown-issuer"],
  ["NotValidForName", "wrong-name"],
  ["Expired", "expired"],
  ["NotValidYet", "expired"],
  ["invalid peer certificate", "certificate"],
  ["corrupt message", "no-tls"],
  ["handshake eof", "no-tls"],
];

function problemOf(error: unknown): ConnectionProblem {
  if (error instanceof Deno.errors.ConnectionRefused) return "refused";
  const message = messageOf(error);
  const known = MESSAGES.find(([part]) => message.includes(part));
  if (known) return known[1];
  // A server without TLS closes the connection at the first byte of a handshake.
  const closed = error instanceof Deno.errors.UnexpectedEof ||
    error instanceof Deno.errors.ConnectionReset;
  return closed ? "no-tls" : "unreachable";
}
