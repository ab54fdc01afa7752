import type { SecureContext } from "node:tls";

/**
 * The runtime's TLS engine for the server's side of one connection: it turns bytes into encrypted bytes and
 * back, and touches no socket. It is the inside of `node:tls`, which documents none of it.
 */
export interface TlsEngine {
  /** Called once the handshake is finished. */
  onhandshakedone?: () => void;
  /** Called when the peer breaks the protocol; the engine is of no use after that. */
  onerror?: (error: Error) => void;
  /** Sets what is called with decrypted bytes, and with none when the peer has ended TLS in order. */
  setOnread(receive: (bytes: ArrayBuffer | undefined) => void): void;
  /** Begins the handshake. */
  start(): void;
  /** Takes encrypted bytes from the peer; an empty array makes it continue what {@linkcode writeBuffer} left. */
  readBuffer(encrypted: Uint8Array): void;
  /** Takes a copy of bytes for the peer; not 0 when it cannot. It may encrypt a part of them only. */
  writeBuffer(request: object, bytes: Uint8Array): number;
  /** Ends TLS in order (RFC 8446 §6.1). */
  shutdown(request: object): void;
  /** What is to be sent to the peer, in memory of its own. */
  drainEncOut(): Uint8Array<ArrayBuffer>;
  /** Frees its memory. */
  destroySsl(): void;
}

/** The engine before its first use. */
interface RawEngine extends TlsEngine {
  initServerTls(context: object): number;
  attachJsStream(): number;
  setHandle(handle: RawEngine): void;
  setAlpnProtocols(protocols: readonly string[]): void;
}

type RawEngineClass = new (kind: number, provider: number) => RawEngine;

/** The server's side, as a {@linkcode RawEngineClass} names it. */
const SERVER = 1;

/** What a {@linkcode RawEngine} must have; a runtime that has changed it is told by these. */
const METHODS = [
  ...["initServerTls", "attachJsStream", "setHandle", "setAlpnProtocols"],
  ...["setOnread", "start", "readBuffer", "writeBuffer", "shutdown"],
  ...["drainEncOut", "destroySsl"],
] as const;

/**
 * Finds the engine inside `node:tls`.
 *
 * @param secureContext The certificate.
 * @param alpn The application protocols that are offered.
 * @returns What makes an engine for a connection; `undefined` in a runtime that has no such engine.
 */
export function findTlsEngine(
  secureContext: SecureContext,
  alpn: readonly string[],
): (() => TlsEngine) | undefined {
  const Engine = engineClass(secureContext);
  if (!Engine) return undefined;
  const context = {
    ...secureContext.context,
    ...{ requestCert: false, rejectUnauthorized: false },
  };
  return function createTlsEngine(): TlsEngine {
    const engine = new Engine(SERVER, 0);
    engine.initServerTls(context);
    engine.attachJsStream();
    engine.setHandle(engine);
    engine.setAlpnProtocols(alpn);
    return engine;
  };
}

function engineClass(secureContext: SecureContext): RawEngineClass | undefined {
  const { process } = globalThis;
  const { Duplex } = process.getBuiltinModule("node:stream");
  const { TLSSocket } = process.getBuiltinModule("node:tls");
  const socket = new TLSSocket(new Duplex(), { isServer: true, secureContext });
  const { _handle: handle } = socket as { _handle?: Partial<RawEngine> };
  socket.destroy();
  const complete = METHODS.every((name) =>
    typeof handle?.[name] === "function"
  );
  return complete ? handle?.constructor as RawEngineClass : undefined;
}
