import type { Channel } from "../hub/channel.ts";
import type { Watch } from "../hub/hub.ts";
import { requestFrom, type WatchRequest } from "../protocol/messages.ts";
import { readCredentials } from "./credentials.ts";
import { NO_STORE } from "./headers.ts";
import {
  authorize,
  enter,
  type HttpRooms,
  sessionLog,
  type Visitor,
} from "./rooms.ts";
import type { ChannelPath } from "./route.ts";
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
  const wish = readWish(request, path);
  const { user, channel } = path;
  await authorize(rooms, {
    verb: "watch",
    user,
    channel,
    remote: visitor.remote,
    door: "http",
  });
  const leave = enter(rooms, visitor);
  try {
    const watch = await rooms.hub.watch({
      ...wish,
      wait: Math.min(wish.wait, MAX_WAIT_S),
      signal: NEVER,
    });
    const headers = {
      "content-type": await contentType(watch.channel),
      ...NO_STORE,
    };
    if (request.method !== "HEAD") {
      const stream = openStream(rooms, watch, path, visitor, leave);
      return new Response(stream, { headers });
    }
    watch.leave();
    leave();
    return new Response(null, { headers });
  } catch (error) {
    leave();
    throw error;
  }
}

function openStream(
  rooms: HttpRooms,
  watch: Watch,
  path: ChannelPath,
  { remote }: Visitor,
  leave: () => void,
): ReadableStream<Uint8Array> {
  const log = sessionLog(rooms, { ...path, remote });
  log("watch-start");
  return watchStream(watch, {
    sweep: rooms.sweep,
    stallMs: rooms.limits.watcherStallMs,
    onEnd: (reason) => {
      leave();
      log("watch-end", { bytes: watch.cursor.sentBytes, reason });
    },
  });
}

/** The query's keys are the wire's, and so are their checks; the password may come by Basic. */
function readWish(
  request: Request,
  { user, channel }: ChannelPath,
): WatchRequest {
  const values = new Map([
    ...new URL(request.url).searchParams,
    ["user", user],
    ["channel", channel],
  ]);
  const { password } = readCredentials(request.headers.get("authorization"));
  if (password !== undefined) values.set("channel_password", password);
  return requestFrom("watch", values) as WatchRequest;
}

async function contentType(channel: Channel): Promise<string> {
  const deadline = performance.now() + SETTLE_MS;
  while (
    !channel.epoch.info && !channel.ended && performance.now() < deadline
  ) {
    await nextBytes(channel, deadline - performance.now());
  }
  return channel.epoch.info?.mime ?? "application/octet-stream";
}

async function nextBytes(channel: Channel, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  channel.park(resolve);
  await promise;
  channel.unpark(resolve);
  clearTimeout(timer);
}
