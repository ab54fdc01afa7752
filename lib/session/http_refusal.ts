import { Refusal, REFUSALS } from "../errors.ts";
import { HttpError } from "../http/http_error.ts";
import type { RequestHead } from "../http/request_head.ts";
import { type Connection, writeAll } from "../net/connection.ts";
import type { Session } from "./context.ts";
import { plainReply } from "./http_reply.ts";

/** What of a request decides how its refusal is sent. */
export type Refused = Pick<RequestHead, "method">;

/** Answers a refused request on a connection that stays open. */
export async function refuseAndKeep(
  session: Session,
  request: Refused,
  error: unknown,
): Promise<void> {
  await writeAll(
    session.connection,
    refusalReply(session, request, error, true),
  );
}

/** Answers a refused request, and closes the connection. */
export async function refuseHttp(
  session: Session,
  request: Refused,
  error: unknown,
): Promise<void> {
  const { connection } = session;
  if (isConnectionError(error)) return connection.close();
  const reply = refusalReply(session, request, error, false);
  try {
    await answerAndClose(connection, reply);
  } catch {
    connection.close(); // The client did not wait for the answer.
  }
}

function refusalReply(
  session: Session,
  { method }: Refused,
  error: unknown,
  keepAlive: boolean,
): Uint8Array {
  const { allowOrigin } = session.context;
  const { status, text } = refusalOf(session, error);
  return plainReply(status, text, { keepAlive, method, allowOrigin });
}

function refusalOf(
  session: Session,
  error: unknown,
): { status: number; text: string } {
  if (error instanceof HttpError) {
    session.logRefusal(new Refusal("bad-request", error.message));
    return { status: error.status, text: error.message };
  }
  const { code, message } = session.logRefusal(error);
  return { status: REFUSALS[code].httpStatus, text: message };
}

/** Whether an error says that the peer, or a limit, ended the connection. */
export function isConnectionError(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted;
}

/** Writes a whole reply, then closes the connection. */
export async function answerAndClose(
  connection: Connection,
  reply: Uint8Array,
): Promise<void> {
  try {
    await writeAll(connection, reply);
    await connection.finish();
  } finally {
    connection.close();
  }
}
