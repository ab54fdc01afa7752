/**
 * The client's sessions: a connection, the request, the status, and then piped streams.
 *
 * @module
 */

import { byteSource } from "../net/byte_source.ts";
import { messageOf, Refusal } from "../errors.ts";
import { encodeFrame } from "../wire/frame.ts";
import { formatRequest } from "../wire/request.ts";
import { type Status } from "../wire/status.ts";
import { StatusDecoderStream } from "../wire/status_decoder_stream.ts";
import { type Address, formatAddress } from "../net/address.ts";

/** The keys of a request, as they go over the wire. */
export type RequestFields = Readonly<
  Record<string, string | number | undefined>
>;

/** How to reach a server. */
export interface ClientOptions {
  /** Where it listens. */
  readonly address: Address;
  /** The wire version to speak. */
  readonly wire: 1 | 2;
  /** Whether to ask for a status; servers of the first days know none. */
  readonly reply: boolean;
  /** Whether to speak TLS, and whom to trust then; in the clear when it is left out. */
  readonly tls?: ClientTls;
}

/** Whom a client that speaks TLS trusts. */
export interface ClientTls {
  /** Path of certificates (PEM) that are trusted beside the well-known ones. */
  readonly ca?: string;
}

/** A connection whose request was accepted. */
export interface Accepted {
  /** The connection; whoever holds it closes it. */
  readonly conn: Deno.TcpConn | Deno.TlsConn;
  /** What the server told along with `ok`. */
  readonly values: ReadonlyMap<string, string>;
  /** What the server sends after its status. */
  readonly media: ReadableStream<Uint8Array>;
}

const HEADER_BLOCK = new Uint8Array([0x0a, 0x0a]);

/**
 * Connects, asks, and waits for the status.
 *
 * @param verb What to ask for.
 * @param fields The request's keys; `undefined` values are left out.
 * @param options How to reach the server.
 * @throws {RangeError} when a value holds a comma.
 * @throws {Refusal} when the server refuses.
 * @throws {Error} when there is no connection, or no answer.
 */
export async function request(
  verb: string,
  fields: RequestFields,
  options: ClientOptions,
): Promise<Accepted> {
  const keys = options.reply ? { ...fields, reply: 1 } : fields;
  const frame = encodeFrame(
    formatRequest(verb, keys, options.wire === 1 ? "-" : "_"),
  );
  const conn = await connect(options);
  try {
    const { values, media } = await ask(conn, frame, options);
    return { conn, values, media };
  } catch (error) {
    close(conn);
    throw error;
  }
}

async function connect(
  { address: { host, port }, tls }: ClientOptions,
): Promise<Accepted["conn"]> {
  const where = { hostname: host || "127.0.0.1", port };
  try {
    if (tls) return await connectTls(where, tls);
    const conn = await Deno.connect(where);
    conn.setNoDelay(true);
    return conn;
  } catch (cause) {
    const address = formatAddress({ host: where.hostname, port });
    const problem = `Cannot connect to ${address}`;
    throw new Error(`${problem}: ${messageOf(cause)}`, { cause });
  }
}

/** The handshake is waited for, so that a certificate nobody trusts is told as what it is. */
async function connectTls(
  where: { readonly hostname: string; readonly port: number },
  { ca }: ClientTls,
): Promise<Deno.TlsConn> {
  const caCerts = ca === undefined ? [] : [await Deno.readTextFile(ca)];
  const conn = await Deno.connectTls({ ...where, caCerts });
  try {
    await conn.handshake();
    return conn;
  } catch (error) {
    close(conn);
    throw error;
  }
}

async function ask(
  conn: Accepted["conn"],
  frame: Uint8Array<ArrayBuffer>,
  { wire, reply }: ClientOptions,
): Promise<Omit<Accepted, "conn">> {
  const writer = conn.writable.getWriter();
  if (wire === 2) await writer.write(HEADER_BLOCK);
  await writer.write(frame);
  writer.releaseLock();
  const received = byteSource(conn);
  if (!reply) return { values: new Map(), media: received };
  const messages = received.pipeThrough(new StatusDecoderStream());
  const reader = messages.getReader();
  const status = await readStatus(reader);
  reader.releaseLock();
  // Behind the status only bytes come.
  return { values: status, media: messages as ReadableStream<Uint8Array> };
}

async function readStatus(
  reader: ReadableStreamDefaultReader<Status | Uint8Array>,
): Promise<ReadonlyMap<string, string>> {
  const { value: status } = await reader.read();
  if (status === undefined || status instanceof Uint8Array) {
    throw new Error("Cannot get an answer: the server closed the connection");
  }
  if (!status.ok) throw new Refusal(status.code, status.message);
  return status.values;
}

/**
 * Broadcasts a stream to its end, and waits until the server has taken all of it.
 *
 * The socket's pace is the source's pace: `pipeTo` reads on only when the last chunk is written.
 *
 * @param accepted An accepted `broadcast`.
 * @param source The media.
 * @param signal Ends it early, as if the source had ended.
 * @throws {Error} when the server ends the broadcast first, or the connection breaks.
 */
export async function broadcast(
  { conn, media }: Accepted,
  source: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const lost = new Error("Cannot broadcast on: the server ended the broadcast");
  const serverEnd = media.pipeTo(new WritableStream()).then(
    () => ended.abort(lost),
    () => ended.abort(lost),
  );
  try {
    await source.pipeTo(conn.writable, {
      preventClose: true,
      preventAbort: true,
      signal: AbortSignal.any([ended.signal, signal]),
    }).catch((error) => {
      if (!signal.aborted) throw error;
    });
    await conn.closeWrite();
    await serverEnd; // Its close is the proof that all bytes arrived.
  } catch (error) {
    throw isClosed(error) ? lost : error;
  } finally {
    close(conn);
  }
}

/**
 * Watches a channel to its end.
 *
 * @param accepted An accepted `watch`.
 * @param sink Where the media goes; closed at the end.
 * @param signal Ends it early.
 */
export async function watch(
  { conn, media }: Accepted,
  sink: WritableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await media.pipeTo(sink, { signal });
  } finally {
    close(conn);
  }
}

/** Closes a connection that may be closed already. */
export function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BadResource;
}
