import { ChunkedDecoderStream } from "../http/chunked_decoder_stream.ts";
import { HttpError } from "../http/http_error.ts";
import { LengthDecoderStream } from "../http/length_decoder_stream.ts";
import type { RequestHead } from "../http/request_head.ts";
import { writeAll } from "../net/connection.ts";
import type { ChannelPath } from "./channel_path.ts";
import type { Session } from "./context.ts";
import { isLastHead } from "./detect.ts";
import type { Continuation } from "./http.ts";
import { refuseHttp } from "./http_refusal.ts";
import { plainReply } from "./http_reply.ts";
import { broadcastRequest } from "./http_request.ts";
import type { MessageReader } from "./message_reader.ts";
import { countClient } from "./proxied_client.ts";
import { publish } from "./publish.ts";
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
  return uploader(
    session,
    head,
    path,
    () =>
      isSource ? answeredSource(connection, messages.rest()) : messages.rest(),
  );
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
  return uploader(session, head, path, () =>
    messages.rest().pipeThrough(
      body.kind === "chunked"
        ? new ChunkedDecoderStream()
        : new LengthDecoderStream(body.bytes),
    ));
}

function uploader(
  session: Session,
  head: RequestHead,
  path: ChannelPath,
  media: () => ReadableStream<Uint8Array>,
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
