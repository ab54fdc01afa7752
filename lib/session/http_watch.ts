import {
  CHUNK_END,
  chunkHeader,
  LAST_CHUNK,
} from "../http/chunked_encoder_stream.ts";
import { replyHead } from "../http/reply_head.ts";
import type { RequestHead } from "../http/request_head.ts";
import type { Channel } from "../hub/channel.ts";
import type { Watcher } from "../hub/watcher.ts";
import { formatPosition } from "../wire/position.ts";
import type { ChannelPath } from "./channel_path.ts";
import type { Session } from "./context.ts";
import type { Continuation } from "./http.ts";
import { answerAndClose, refuseAndKeep } from "./http_refusal.ts";
import { NO_STORE } from "./http_reply.ts";
import { watchRequest } from "./http_request.ts";
import type { MessageReader } from "./message_reader.ts";
import { responseHeaders } from "./response_headers.ts";
import { join, play, type Playback } from "./play.ts";
import { countClient } from "./proxied_client.ts";
import { SharedFraming } from "./slice_framing.ts";
import { waitUntil } from "./wait_until.ts";

/** `GET` and `HEAD` of a channel: its media from a join point on, for as long as it is live. */
export async function openWatch(
  session: Session,
  head: RequestHead,
  path: ChannelPath,
  messages: MessageReader,
): Promise<Continuation | "next"> {
  session.target = path;
  const request = watchRequest(head, path);
  // Only a connection that is read tells that its client has left.
  if (request.wait > 0) await messages.cancel();
  using places = new DisposableStack();
  places.use(countClient(session));
  let watcher: Watcher;
  try {
    watcher = await join(session, request);
  } catch (error) {
    if (request.wait > 0 || !head.keepAlive) throw error;
    await refuseAndKeep(session, head, error);
    return "next";
  }
  places.defer(() => watcher.leave());
  // Fails when what follows the request is malformed, or when the connection has broken.
  await messages.cancel();
  return watch.bind(null, session, head, watcher, places.move());
}

async function watch(
  session: Session,
  head: RequestHead,
  watcher: Watcher,
  places: Disposable,
): Promise<void> {
  using _places = places;
  if (head.method !== "HEAD") {
    return await play(session, watcher, playbackOf(session, head));
  }
  watcher.leave();
  await answerAndClose(
    session.connection,
    await mediaHead(session, head, watcher),
  );
}

const CHUNKS = new SharedFraming(() => (
  { header: chunkHeader, trailer: CHUNK_END }
));

/** Chunks tell a client whether it has everything; HTTP/1.0 reads until the connection closes. */
function playbackOf(
  session: Session,
  head: RequestHead,
): Playback {
  const accepted = (watcher: Watcher): Promise<Uint8Array> =>
    mediaHead(session, head, watcher);
  if (head.minorVersion === 0) {
    return { accepted, ended: () => new Uint8Array() };
  }
  return { accepted, framing: CHUNKS, ended: lastChunk };
}

/** The last chunk says that everything was sent; without it a client knows that something is missing. */
function lastChunk(_reason: string, { cursor }: Watcher): Uint8Array {
  return cursor.isComplete ? LAST_CHUNK : new Uint8Array();
}

/**
 * Where the body begins in the stream, for scripts that continue it with `resume`: behind the bytes that are for
 * the decoder alone comes the byte at that position.
 */
function positionHeaders({ cursor }: Watcher): Record<string, string> {
  const { position, leadBytes } = cursor;
  return position
    ? {
      "x-fstream-position": formatPosition(position),
      "x-fstream-lead": String(leadBytes),
    }
    : {};
}

/** A live stream has no length, so a request for `bytes=0-`, which players send, is answered with all of it. */
async function mediaHead(
  { context }: Session,
  { minorVersion }: RequestHead,
  watcher: Watcher,
): Promise<Uint8Array> {
  const vary = context.allowOrigin.length > 1 ? "accept, origin" : "accept";
  return replyHead(200, {
    "content-type": await contentType(watcher.channel),
    ...positionHeaders(watcher),
    ...NO_STORE,
    ...responseHeaders(context.allowOrigin),
    vary,
    ...(minorVersion === 0 ? {} : { "transfer-encoding": "chunked" }),
    "connection": "close",
  });
}

/**
 * Milliseconds that a reply waits for a stream that has just begun to be recognised; then it is announced as
 * unknown bytes.
 */
const SETTLE_MS = 2000;

async function contentType(channel: Channel): Promise<string> {
  await waitUntil(
    channel,
    () => channel.broadcast.info !== undefined,
    SETTLE_MS,
  );
  return channel.broadcast.info?.mime ?? "application/octet-stream";
}
