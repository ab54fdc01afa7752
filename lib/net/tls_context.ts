import type { SecureContext } from "node:tls";
import type { Transport } from "./socket_connection.ts";
import { findTlsEngine, type TlsEngine } from "./tls_engine.ts";
import { checkIdentity, type TlsIdentity } from "./tls_files.ts";
import { TlsStreamTransport } from "./tls_stream_transport.ts";
import { TlsTransport } from "./tls_transport.ts";

/**
 * The only application protocol (RFC 7301) that is offered. Clients that name none are served whatever
 * they speak.
 */
const ALPN = ["http/1.1"];

/** A certificate and its key as the TLS engine takes them, for any number of connections. */
export interface TlsContext {
  /** For `node:tls`. */
  readonly secureContext: SecureContext;
  /** Makes an engine for a connection; `undefined` where `node:tls` does not let it be used by itself. */
  readonly createEngine: (() => TlsEngine) | undefined;
}

/** A connection over TLS. */
export interface SecureTransport extends Transport {
  /** Resolves once the handshake is finished; rejects when it fails or the connection is closed. */
  handshake(): Promise<void>;
}

/**
 * Loads the TLS engine, 16 MB, and prepares a certificate for it.
 *
 * @throws {Error} When the certificate or the key cannot be used.
 */
export function createTlsContext(identity: TlsIdentity): TlsContext {
  checkIdentity(identity); // The engine itself reports this only at the first handshake.
  // An `import()` of it is more than the bundler can put into a script.
  const { process } = globalThis;
  const { cert, key } = identity;
  const tls = process.getBuiltinModule("node:tls");
  const secureContext = tls.createSecureContext({ cert, key });
  return { secureContext, createEngine: findTlsEngine(secureContext, ALPN) };
}

/**
 * Puts TLS over a TCP connection. `Deno.listenTls` cannot free a connection whose handshake is not finished:
 * closing it leaves the descriptor to the peer. Here the TCP connection stays in our hands.
 *
 * @param conn Owned from now on.
 * @param context The certificate.
 * @param begin Bytes of the peer that were read before.
 */
export function secure(
  conn: Deno.TcpConn,
  { secureContext, createEngine }: TlsContext,
  begin?: Uint8Array,
): SecureTransport {
  if (createEngine) return new TlsTransport(conn, createEngine(), begin);
  return new TlsStreamTransport(conn, { secureContext, alpn: ALPN }, begin);
}
