import { Refusal } from "../errors.ts";
import { formatAddress } from "../net/address.ts";
import type { Connection } from "../net/connection.ts";
import { logRefusal, type ServerContext, Session } from "./context.ts";
import { type HeadProtocol, protocolByNext, protocolOfHead } from "./detect.ts";
import { openFstream } from "./fstream.ts";
import { type Continuation, openHttp } from "./http.ts";
import { isConnectionError } from "./http_refusal.ts";
import { MessageReader } from "./message_reader.ts";
import type {
  FrameMessage,
  HeadMessage,
  RequestMessage,
} from "./request_decoder.ts";
import { openRtmp } from "./rtmp.ts";
import { limitRequest, WaitLimit } from "./wait_limit.ts";

/**
 * Milliseconds behind a request head in which a historic client of version 2 sends its request frame. An HTTP
 * client without any usual header waits that long for its reply.
 */
const FRAME_WAIT_MS = 300;

/**
 * Serves a connection, whatever protocol it speaks, until it is closed.
 *
 * @returns Never rejects.
 */
export async function serveConnection(
  context: ServerContext,
  connection: Connection,
): Promise<void> {
  try {
    const run = await open(context, connection);
    await run();
  } finally {
    connection.close();
  }
}

/** Reads requests until one takes the connection over, and leaves behind what read them. */
async function open(
  context: ServerContext,
  connection: Connection,
): Promise<Continuation> {
  const messages = new MessageReader(connection, context.limits);
  try {
    return await openFirst(context, connection, messages);
  } catch (error) {
    // Which protocol it would have been is not known, so there is no language to answer in.
    const who = { remote: formatAddress(connection.remote) };
    logRefusal(context, connection, who, asRefusal(error));
    return connection.finish.bind(connection);
  }
}

/** A connection that breaks, or is cut, before its request is complete is no failure of the server. */
function asRefusal(error: unknown): unknown {
  if (!isConnectionError(error)) return error;
  const message = "the connection broke before the request was complete";
  return new Refusal("bad-request", message);
}

async function openFirst(
  context: ServerContext,
  connection: Connection,
  messages: MessageReader,
): Promise<Continuation> {
  const message = await firstRequest(context, connection, messages);
  if (message.type === "rtmp") return openRtmp(context, connection, messages);
  if (message.type === "head") {
    return await openHttp(context, connection, message.head, messages);
  }
  const protocol = message.version === 1 ? "fstream1" : "fstream2";
  const session = new Session(context, connection, protocol);
  return await openFstream(session, message, messages);
}

/** Reads the first request, and decides between HTTP and fstream version 2 where both begin alike. */
async function firstRequest(
  context: ServerContext,
  connection: Connection,
  messages: MessageReader,
): Promise<RequestMessage> {
  using _limit = limitRequest(context, connection);
  const first = await firstMessage(messages);
  return first.type !== "head" || await isHttp(context, first, messages)
    ? first
    : await frameBehind(messages);
}

async function firstMessage(
  messages: MessageReader,
): Promise<RequestMessage> {
  const message = await messages.next();
  if (message) return message;
  throw new Refusal("bad-request", "the connection ended without a request");
}

async function isHttp(
  context: ServerContext,
  { head, next }: HeadMessage,
  messages: MessageReader,
): Promise<boolean> {
  const protocol: HeadProtocol | undefined = protocolOfHead(head) ??
    protocolByNext(head, next);
  if (protocol) return protocol !== "fstream2";
  using limit = new WaitLimit(context, FRAME_WAIT_MS);
  const message = await messages.peek(limit);
  return !(message instanceof Object && message.type === "frame");
}

async function frameBehind(messages: MessageReader): Promise<FrameMessage> {
  const message = await messages.next();
  if (message?.type === "frame") return message;
  throw new Refusal(
    "bad-request",
    "the connection ended before the request did",
  );
}
