import type { Channel } from "../hub/channel.ts";
import type { ChannelPath } from "../wire/channel_path.ts";
import { watchOverHttp } from "../wire/http_request.ts";
import { NO_STORE } from "./headers.ts";
import {
  enter,
  type HttpRooms,
  type OpenWatch,
  openWatch,
  type Visitor,
} from "./rooms.ts";
import { watchStream } from "./watch_stream.ts";

/**
 * Milliseconds that an answer's head waits for a channel that has just begun to tell what it carries;
 * then it is sent as unknown bytes.
 */
const SETTLE_MS = 2000;

/**
 * Seconds that a request may wait for a channel: that its client has gone is not known before the
 * answer begins, so a wait must end by itself.
 */
const MAX_WAIT_S = 60;

const NEVER = new AbortController().signal;

/**
 * `GET` and `HEAD` of a channel: its media, from a join point on, for as long as it is live. The
 * answer to `Range: bytes=0-`, which players send, is the whole: a live stream has no length.
 *
 * @throws {Refusal} `not-live`, `denied`, `limit` or `bad-request`.
 */
export async function watchByHttp(
  rooms: HttpRooms,
  request: Request,
  path: ChannelPath,
  visitor: Visitor,
): Promise<Response> {
  const wish = watchOverHttp({
    ...path,
    query: new URL(request.url).searchParams,
    authorization: request.headers.get("authorization"),
  });
  const wait = Math.min(wish.wait, MAX_WAIT_S);
  const leave = enter(rooms, visitor);
  try {
    const asked = { ...wish, wait, signal: NEVER };
    const session = await openWatch(rooms, asked, visitor, "http");
    return await answer(rooms, request, session, leave);
  } catch (error) {
    leave();
    throw error;
  }
}

/** Answers a watcher who was let in; `leave` is called once it has gone. */
async function answer(
  rooms: HttpRooms,
  { method }: Request,
  session: OpenWatch,
  leave: () => void,
): Promise<Response> {
  const { watch } = session;
  const headers = {
    "content-type": await contentType(watch.channel),
    ...NO_STORE,
  };
  if (method !== "HEAD") {
    return new Response(openStream(rooms, session, leave), { headers });
  }
  watch.leave();
  leave();
  return new Response(null, { headers });
}

function openStream(
  { ticker, limits }: HttpRooms,
  { watch, log }: OpenWatch,
  leave: () => void,
): ReadableStream<Uint8Array> {
  log("watch-start");
  return watchStream(watch, {
    ticker,
    stallMs: limits.watcherStallMs,
    onEnd: (reason) => {
      leave();
      log("watch-end", { bytes: watch.cursor.sentBytes, reason });
    },
  });
}

async function contentType(channel: Channel): Promise<string> {
  const deadline = performance.now() + SETTLE_MS;
  while (
    !channel.broadcast.info && !channel.ended && performance.now() < deadline
  ) {
    await nextBytes(channel, deadline - performance.now());
  }
  return channel.broadcast.info?.mime ?? "application/octet-stream";
}

async function nextBytes(channel: Channel, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  channel.park(resolve);
  await promise;
  channel.unpark(resolve);
  clearTimeout(timer);
}
