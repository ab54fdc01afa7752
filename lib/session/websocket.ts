import { concat } from "@std/bytes";
import { Refusal, REFUSALS } from "../errors.ts";
import type { RequestHead } from "../http/request_head.ts";
import { replyHead } from "../http/reply_head.ts";
import { streamOf, writeAll } from "../net/connection.ts";
import { CLOSE, closeCodeOfStatus } from "../websocket/close_codes.ts";
import type { WebSocketEvent } from "../websocket/decoder.ts";
import { WebSocketDecoderStream } from "../websocket/decoder_stream.ts";
import { encodeClose, encodePong } from "../websocket/encode.ts";
import { checkHandshake, handshakeReply } from "../websocket/handshake.ts";
import { WebSocketError } from "../websocket/websocket_error.ts";
import { type ClientRequest, requestFrom } from "../wire/request.ts";
import type { ChannelPath } from "./channel_path.ts";
import type { Session } from "./context.ts";
import { plainReply } from "./http_reply.ts";
import type { MessageReader } from "./message_reader.ts";
import { countClient } from "./proxied_client.ts";
import { broadcastOverWebSocket } from "./websocket_publish.ts";
import { WaitLimit } from "./wait_limit.ts";
import { watchOverWebSocket } from "./websocket_watch.ts";

/** What comes from a WebSocket. */
export type WebSocketReader = ReadableStreamDefaultReader<
  WebSocketEvent | Uint8Array
>;

/**
 * Accepts a WebSocket on a channel's path. Its first message is the request in JSON with the keys of fstream's
 * own protocol; credentials are there and never in the address.
 *
 * @returns What remains to be done.
 */
export async function openWebSocket(
  session: Session,
  head: RequestHead,
  path: ChannelPath,
  messages: MessageReader,
): Promise<() => Promise<void>> {
  session.target = path;
  const { headers, method, minorVersion } = head;
  const checked = checkHandshake(headers, method, minorVersion);
  if (!("key" in checked)) return rejectHandshake.bind(null, session, checked);
  const reply = replyHead(101, await handshakeReply(checked.key));
  await writeAll(session.connection, reply);
  const { frameBytes: maxTextBytes } = session.context.limits;
  const events = streamOf(messages.rest())
    .pipeThrough(new WebSocketDecoderStream({ maxTextBytes }));
  return serve.bind(null, session, path, events.getReader());
}

async function rejectHandshake(
  session: Session,
  { status, problem, headers }: Exclude<
    ReturnType<typeof checkHandshake>,
    { key: string }
  >,
): Promise<void> {
  const { connection } = session;
  session.logRefusal(new Refusal("bad-request", problem));
  const reply = headers
    ? replyHead(status, {
      "content-length": "0",
      connection: "close",
      ...headers,
    })
    : plainReply(status, problem, { allowOrigin: session.context.allowOrigin });
  try {
    await writeAll(connection, reply);
    await connection.finish();
  } catch {
    connection.close(); // The client did not wait for the answer.
  }
}

async function serve(
  session: Session,
  path: ChannelPath,
  reader: WebSocketReader,
): Promise<void> {
  try {
    using _client = countClient(session);
    const request = await firstRequest(session, path, reader);
    if (request.verb === "broadcast") {
      return await broadcastOverWebSocket(session, request, reader);
    }
    if (request.verb === "watch") {
      return await watchOverWebSocket(session, request, reader);
    }
    throw new Refusal("bad-request", "POST /api/token issues tokens");
  } catch (error) {
    await refuse(session, error);
  }
}

/** Reads up to the first text message, in the time that a request has. */
async function firstRequest(
  { connection, context }: Session,
  path: ChannelPath,
  reader: WebSocketReader,
): Promise<ClientRequest> {
  const { requestMs } = context.limits;
  using limit = new WaitLimit(context, requestMs);
  for (;;) {
    const read = await Promise.race([reader.read(), limit.over]);
    if (typeof read === "string") {
      const message = `the request took more than ${requestMs / 1000} s`;
      throw new Refusal("bad-request", message);
    }
    const { value, done } = read;
    if (done || (!(value instanceof Uint8Array) && value.type === "close")) {
      throw new Refusal("bad-request", "closed before the request");
    }
    if (value instanceof Uint8Array) {
      throw new Refusal("bad-request", "the request comes before media");
    }
    if (value.type === "text") return readRequest(value.text, path);
    if (value.type === "ping") {
      await writeAll(connection, encodePong(value.data));
    }
  }
}

/**
 * Reads the first message of a WebSocket. The path names the channel, whatever the message says.
 *
 * @param text A flat JSON object of texts and numbers.
 * @throws {Refusal} `bad-request` when it cannot be read.
 */
export function readRequest(text: string, path: ChannelPath): ClientRequest {
  const values = readJson(text);
  const verb = values.get("verb") ?? "";
  return requestFrom(
    verb,
    values.set("user", path.user).set("channel", path.channel),
  );
}

function readJson(text: string): Map<string, string> {
  try {
    const values = new Map<string, string>();
    for (const [key, value] of Object.entries(JSON.parse(text) as object)) {
      if (typeof value === "string" || typeof value === "number") {
        values.set(key.replaceAll("-", "_"), String(value));
      }
    }
    return values;
  } catch {
    throw new Refusal("bad-request", "the first message is not a JSON object");
  }
}

/** Closes a WebSocket whose request is refused, or that broke the protocol. */
async function refuse(session: Session, error: unknown): Promise<void> {
  const { connection } = session;
  const close = error instanceof WebSocketError
    ? encodeClose(error.code, error.message)
    : refusalClose(session, error);
  try {
    await writeAll(connection, close);
    await connection.finish();
  } catch {
    connection.close(); // The peer did not wait for the answer.
  }
}

function refusalClose(session: Session, error: unknown): Uint8Array {
  if (session.context.isClosing()) {
    return encodeClose(CLOSE.goingAway, "the server is shutting down");
  }
  const { code, message } = session.logRefusal(error);
  return encodeClose(closeCodeOfStatus(REFUSALS[code].httpStatus), message);
}

/** The reply to a peer that closes: its own code, as RFC 6455 §5.5.1 suggests. */
export function closeReply(code: number | undefined): Uint8Array {
  return code === undefined ? EMPTY_CLOSE : encodeClose(code, "");
}

const EMPTY_CLOSE = concat([new Uint8Array([0x88, 0])]);
