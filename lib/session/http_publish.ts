import { ChunkedDecoder } from "../http/chunked_decoder.ts";
import { HttpError } from "../http/http_error.ts";
import type { RequestHead } from "../http/request_head.ts";
import { type Incoming, writeAll } from "../net/connection.ts";
import type { ChannelPath } from "./channel_path.ts";
import type { Session } from "./context.ts";
import { isLastHead } from "./detect.ts";
import type { Continuation } from "./http.ts";
import { refuseHttp } from "./http_refusal.ts";
import { plainReply } from "./http_reply.ts";
import { broadcastRequest } from "./http_request.ts";
import type { MessageReader } from "./message_reader.ts";
import { countClient } from "./proxied_client.ts";
import { publish, type Receive, receiveAll } from "./publish.ts";
import { publishReplies } from "./replies.ts";
import { answeredSource } from "./source_reply.ts";

/** An Icecast source is challenged until it sends credentials; then media follows until the connection ends. */
export async function openSource(
  session: Session,
  head: RequestHead,
  path: ChannelPath,
  messages: MessageReader,
): Promise<Continuation | "next"> {
  const { connection } = session;
  session.target = path;
  if (!head.headers.has("authorization")) {
    // A body would be taken for the next request.
    const keepAlive = head.keepAlive && !isLastHead(head);
    const { allowOrigin } = session.context;
    const challenge = { keepAlive, allowOrigin };
    await writeAll(connection, plainReply(401, "access denied", challenge));
    return keepAlive ? "next" : connection.finish.bind(connection);
  }
  const isSource = head.method === "SOURCE";
  const rest = messages.rest();
  const media = isSource ? answeredSource(connection, rest) : rest;
  return uploader(session, head, path, receiveAll.bind(null, media));
}

/** `PUT` and `POST` of a channel: the body is media. */
export function openUpload(
  session: Session,
  head: RequestHead,
  path: ChannelPath,
  messages: MessageReader,
): Continuation {
  session.target = path;
  const { body } = head;
  if (body.kind === "none") {
    throw new HttpError(411, "a broadcast needs a body");
  }
  const rest = messages.rest();
  const media: Receive = body.kind === "chunked"
    ? receiveChunked.bind(null, rest)
    : receiveLength.bind(null, rest, body.bytes);
  return uploader(session, head, path, media);
}

/** Receives a chunked body (RFC 9112 §7.1); an end before its last chunk is a break. */
async function receiveChunked(
  incoming: Incoming,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  const decoder = new ChunkedDecoder();
  while (!decoder.ended) {
    const bytes = await incoming.read();
    if (!bytes) {
      throw new HttpError(400, "the body ended before its last chunk");
    }
    decoder.push(bytes, take);
  }
}

/** Receives a body of known length (RFC 9112 §6.2); an earlier end is a break. */
async function receiveLength(
  incoming: Incoming,
  length: number,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  for (let missing = length; missing > 0;) {
    const bytes = await incoming.read();
    if (!bytes) {
      throw new HttpError(400, `the body ended ${missing} bytes too early`);
    }
    const data = bytes.subarray(0, missing);
    missing -= data.length;
    take(data);
  }
}

function uploader(
  session: Session,
  head: RequestHead,
  path: ChannelPath,
  media: Receive,
): Continuation {
  const request = broadcastRequest(head, path);
  const source = head.method === "SOURCE";
  const { allowOrigin } = session.context;
  const replies = publishReplies({ ...head, source, allowOrigin });
  return async function upload(): Promise<void> {
    try {
      using _client = countClient(session);
      await publish(session, { request, media, replies });
    } catch (error) {
      await refuseHttp(session, head, error);
    }
  };
}
