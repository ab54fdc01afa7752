import { Refusal } from "../errors.ts";
import type { RequestHead } from "../http/request_head.ts";
import { formatAddress } from "../net/address.ts";
import type { Connection } from "../net/connection.ts";
import { forwardedFor } from "../net/forwarded.ts";
import { readChannelPath } from "./channel_path.ts";
import { type ServerContext, Session } from "./context.ts";
import { type HeadProtocol, protocolOfHead } from "./detect.ts";
import { openHls } from "./hls.ts";
import { readHlsPath } from "./hls_path.ts";
import { openSource, openUpload } from "./http_publish.ts";
import { answerAndClose, refuseHttp } from "./http_refusal.ts";
import { plainReply } from "./http_reply.ts";
import { openWatch } from "./http_watch.ts";
import { answerOptions, answerWeb } from "./http_web.ts";
import type { MessageReader } from "./message_reader.ts";
import { checkOrigin } from "./origin.ts";
import { WaitLimit } from "./wait_limit.ts";
import { openWebSocket } from "./websocket.ts";

/** What remains to be done once the requests of a connection have been read. */
export type Continuation = () => Promise<void>;

const METHODS_WITHOUT_EFFECT = ["GET", "HEAD", "OPTIONS"];

/**
 * Serves the HTTP requests of a connection until one of them takes the connection over.
 *
 * @param first The head of the first one.
 * @returns What remains to be done; it must not hold what read the requests.
 */
export async function openHttp(
  context: ServerContext,
  connection: Connection,
  first: RequestHead,
  messages: MessageReader,
): Promise<Continuation> {
  for (let head = first;;) {
    const next = await openRequest(context, connection, head, messages);
    if (next !== "next") return next;
    const following = await nextHead(context, connection, messages);
    if (typeof following === "function") return following;
    head = following;
  }
}

/** The head of the next request; a connection that stays idle is closed, and so is one that breaks. */
async function nextHead(
  context: ServerContext,
  connection: Connection,
  messages: MessageReader,
): Promise<RequestHead | Continuation> {
  try {
    using limit = new WaitLimit(context, context.limits.keepAliveMs);
    const message = await messages.peek(limit);
    if (!isHead(message)) return connection.finish.bind(connection);
    await messages.next();
    return message.head;
  } catch (error) {
    const session = new Session(context, connection, "http");
    return refuseHttp.bind(null, session, { method: "GET" }, error);
  }
}

function isHead(
  message: Awaited<ReturnType<MessageReader["peek"]>>,
): message is Extract<typeof message, { type: "head" }> {
  return typeof message === "object" && message.type === "head";
}

async function openRequest(
  context: ServerContext,
  connection: Connection,
  head: RequestHead,
  messages: MessageReader,
): Promise<Continuation | "next"> {
  const protocol = protocolOfHead(head) ?? "http";
  const session = sessionOf(context, connection, head, protocol);
  try {
    return await route(session, head, protocol, messages);
  } catch (error) {
    return refuseHttp.bind(null, session, head, error);
  }
}

function sessionOf(
  context: ServerContext,
  connection: Connection,
  { headers }: RequestHead,
  protocol: HeadProtocol,
): Session {
  const name = protocol === "fstream2" ? "http" : protocol;
  if (!connection.viaProxy) return new Session(context, connection, name);
  const header = headers.get("x-forwarded-for") ?? null;
  const client = forwardedFor(connection.remote, header, context.trusts);
  return new Session(context, connection, name, formatAddress(client));
}

async function route(
  session: Session,
  head: RequestHead,
  protocol: HeadProtocol,
  messages: MessageReader,
): Promise<Continuation | "next"> {
  const { connection, context } = session;
  if (head.problem !== undefined) {
    const { problem } = head;
    session.logRefusal(
      new Refusal("bad-request", "malformed request", problem),
    );
    const { allowOrigin } = context;
    const reply = plainReply(400, problem, {
      method: head.method,
      allowOrigin,
    });
    return answerAndClose.bind(null, connection, reply);
  }
  if (head.method === "OPTIONS") return await answerOptions(session, head);
  if (
    !METHODS_WITHOUT_EFFECT.includes(head.method) || protocol === "websocket"
  ) {
    checkOrigin(head.headers, context.allowOrigin);
  }
  const isRead = head.method === "GET" || head.method === "HEAD";
  const hls = isRead ? readHlsPath(head.path) : undefined;
  if (hls) return await openHls(session, head, hls, messages);
  const path = readChannelPath(head.path);
  if (path && protocol === "icecast") {
    return await openSource(session, head, path, messages);
  }
  if (path && protocol === "websocket") {
    return await openWebSocket(session, head, path, messages);
  }
  if (path && (head.method === "PUT" || head.method === "POST")) {
    return openUpload(session, head, path, messages);
  }
  if (path && isWatch(head)) {
    return await openWatch(session, head, path, messages);
  }
  return await answerWeb(session, head, messages);
}

/** Whether a request reads media: browsers that navigate to a channel get its page instead. */
function isWatch({ method, headers }: RequestHead): boolean {
  return (method === "GET" || method === "HEAD") &&
    !headers.get("accept")?.includes("text/html");
}
