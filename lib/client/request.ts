import { Refusal } from "../errors.ts";
import { formatAddress } from "../net/address.ts";
import { byteSource } from "../net/byte_source.ts";
import { encodeFrame } from "../wire/frame.ts";
import { formatRequest } from "../wire/request.ts";
import { type Status } from "../wire/status.ts";
import { StatusDecoderStream } from "../wire/status_decoder_stream.ts";
import { AnswerCheckStream } from "./answer_check_stream.ts";
import { ANSWER_MS, type ClientOptions } from "./client_options.ts";
import { type ClientConnection, close, connect } from "./connect.ts";
import { ConnectionError } from "./connection_error.ts";
import { Deadline } from "./deadline.ts";
import { speaksTls } from "./speaks_tls.ts";
import { untilAborted } from "./until_aborted.ts";

/** The keys of a request, as they are sent. */
export type RequestFields = Readonly<
  Record<string, string | number | undefined>
>;

/** A connection whose request was accepted. */
export interface Accepted {
  /** The connection, to be closed by the one who holds it. */
  readonly conn: ClientConnection;
  /** What the server sent along with `ok`. */
  readonly values: ReadonlyMap<string, string>;
  /** What the server sends after its status. */
  readonly media: ReadableStream<Uint8Array>;
}

const HEADER_BLOCK = new Uint8Array([0x0a, 0x0a]);

/**
 * Connects, sends a request, and waits for the status.
 *
 * @param fields The request's keys; `undefined` values are left out. `wait` prolongs the time for the answer.
 * @throws {RangeError} When a value contains a comma.
 * @throws {Refusal} When the server refuses.
 * @throws {ConnectionError} When there is no connection, or no answer.
 * @throws The reason of the options' signal when it is aborted first.
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
  const waitMs = (Number(fields["wait"]) || 0) * 1000;
  const answerMs = (options.answerMs ?? ANSWER_MS) + waitMs;
  using deadline = new Deadline(answerMs, options.signal);
  const conn = await connect(options, deadline.signal);
  try {
    const asking = ask(conn, frame, options);
    return { conn, ...await untilAborted(asking, deadline.signal) };
  } catch (error) {
    close(conn);
    throw await explained(error, options, deadline.signal);
  }
}

/** Finds out whether a server that closed the connection expects TLS: many say nothing at all. */
async function explained(
  error: unknown,
  { address, tls }: ClientOptions,
  signal: AbortSignal,
): Promise<unknown> {
  const closed = error instanceof ConnectionError &&
    error.problem === "closed" && tls === undefined;
  const expectsTls = closed && await speaksTls(address, signal);
  signal.throwIfAborted();
  if (!expectsTls) return error;
  const name = formatAddress(address);
  return new ConnectionError("tls-expected", `${name} expects TLS`, error);
}

async function ask(
  conn: ClientConnection,
  frame: Uint8Array<ArrayBuffer>,
  { wire, reply, address }: ClientOptions,
): Promise<Omit<Accepted, "conn">> {
  const writer = conn.writable.getWriter();
  if (wire === 2) await writer.write(HEADER_BLOCK);
  await writer.write(frame);
  writer.releaseLock();
  const received = byteSource(conn);
  if (!reply) return { values: new Map(), media: received };
  const messages = received
    .pipeThrough(new AnswerCheckStream(formatAddress(address)))
    .pipeThrough(new StatusDecoderStream());
  const reader = messages.getReader();
  const status = await readStatus(reader);
  reader.releaseLock();
  // Behind the status only bytes come.
  return { values: status, media: messages as ReadableStream<Uint8Array> };
}

async function readStatus(
  reader: ReadableStreamDefaultReader<Status | Uint8Array>,
): Promise<ReadonlyMap<string, string>> {
  const status = await firstOf(reader);
  if (status === undefined || status instanceof Uint8Array) {
    throw new ConnectionError(
      "closed",
      "Cannot get an answer: the server closed the connection",
    );
  }
  if (!status.ok) throw new Refusal(status.code, status.message);
  return status.values;
}

async function firstOf<T>(
  reader: ReadableStreamDefaultReader<T>,
): Promise<T | undefined> {
  try {
    return (await reader.read()).value;
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new ConnectionError("other-protocol", error.message, error);
    }
    if (error instanceof Deno.errors.ConnectionReset) return undefined;
    throw error;
  }
}
