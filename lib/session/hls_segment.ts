import { type MediaSegment, segmentBytes } from "../hls/media_segment.ts";
import { type ByteRange, byteRange } from "../http/content_headers.ts";
import { HttpError } from "../http/http_error.ts";
import { replyHead } from "../http/reply_head.ts";
import type { RequestHead } from "../http/request_head.ts";
import type { Channel } from "../hub/channel.ts";
import { SegmentReader } from "../hub/segment_reader.ts";
import { writeAll } from "../net/connection.ts";
import type { Session } from "./context.ts";
import { isLastHead } from "./detect.ts";
import type { Continuation } from "./http.ts";
import { isSigned, SEGMENT_S, segmentName } from "./hls_address.ts";
import type { HlsPath } from "./hls_path.ts";
import { notePlayer, seekElsewhere } from "./hls_player.ts";
import { writeResponse } from "./http_reply.ts";
import { responseHeaders } from "./response_headers.ts";
import { Sender } from "./sender.ts";

/** Seconds that what an open channel has sent may be kept: a day, and it never changes. */
const OPEN_MAX_AGE_S = 24 * 3600;

/** A segment that was asked for, and the channel whose log has it. */
interface Found {
  readonly channel: Channel;
  readonly segment: MediaSegment;
}

/**
 * A segment or an init segment.
 *
 * @throws {HttpError} 403 for a wrong or expired signature, 404 for what there never was, 410 for what is gone.
 */
export async function answerSegment(
  session: Session,
  head: RequestHead,
  path: HlsPath,
): Promise<Continuation | "next"> {
  const found = await findSegment(session, head, path);
  if (path.resource.kind === "segment") {
    return await sendSegment(session, head, found);
  }
  const { init, packaging } = found.segment;
  const response = new Response(new Uint8Array(init), {
    headers: {
      ...headersOf(session, found),
      "content-type": packaging.mime,
      "content-length": String(init.length),
    },
  });
  return await writeResponse(session.connection, head, response);
}

async function findSegment(
  { context: { hub, urlSigner } }: Session,
  { query }: RequestHead,
  { user, channel: channelName, name, resource }: HlsPath,
): Promise<Found> {
  await seekElsewhere(hub, user, channelName);
  let isGone = false;
  const channels = [
    hub.find(user, channelName),
    hub.findEnded(user, channelName),
  ];
  for (const channel of channels) {
    if (!channel) continue;
    const segment = segmentIn(channel, name, resource);
    isGone ||= resource.kind === "segment" &&
      channel.segments.hasDropped(resource.id, resource.start);
    if (!segment) continue;
    const mayPass = channel.password === "" ||
      await isSigned(urlSigner, channel, name, query);
    if (mayPass) return { channel, segment };
    throw new HttpError(403, "the address is wrong or has expired");
  }
  throw isGone
    ? new HttpError(410, "the segment is gone")
    : new HttpError(404, "there is no such segment");
}

function segmentIn(
  { segments }: Channel,
  name: string,
  resource: HlsPath["resource"],
): MediaSegment | undefined {
  if (resource.kind === "map") {
    return segments.findMap(resource.id, resource.map);
  }
  if (resource.kind !== "segment") return undefined;
  const { id, start, end } = resource;
  const segment = segments.find(id, start, end);
  return segment && segmentName(segment) === name ? segment : undefined;
}

async function sendSegment(
  session: Session,
  head: RequestHead,
  found: Found,
): Promise<Continuation | "next"> {
  const { connection } = session;
  const { channel, segment } = found;
  const player = notePlayer(session, head, channel);
  const bytes = segmentBytes(segment);
  const range = rangeOf(head, bytes);
  const { from, to } = range ?? { from: 0, to: bytes };
  const keepAlive = head.keepAlive && !isLastHead(head);
  // A player that asks for a later part has asked for the beginning before.
  if (head.method === "GET" && from === 0) segment.requests++;
  await writeAll(
    connection,
    replyHead(range ? 206 : 200, {
      ...headersOf(session, found),
      "content-type": segment.packaging.mime,
      "content-length": String(to - from),
      "accept-ranges": "bytes",
      ...(range ? { "content-range": `bytes ${from}-${to - 1}/${bytes}` } : {}),
      "connection": keepAlive ? "keep-alive" : "close",
    }),
  );
  const isHead = head.method === "HEAD";
  const isSent = isHead ||
    await send(session, new SegmentReader(channel, segment, from, to), channel);
  if (isSent && !isHead) player?.sent(to - from, segment.end);
  return isSent && keepAlive ? "next" : connection.finish.bind(connection);
}

/** The range that is asked for; there is no validator, so that `If-Range` never holds (RFC 9110 §13.1.5). */
function rangeOf(
  { headers }: RequestHead,
  bytes: number,
): ByteRange | undefined {
  if (headers.has("if-range")) return undefined;
  const range = byteRange(headers.get("range"), bytes);
  if (range !== "unsatisfiable") return range;
  throw new HttpError(416, "the range is not in the segment");
}

/** Sends what a reader reads; a client that is promised more than is left sees its connection break. */
async function send(
  { connection, context: { ticker } }: Session,
  reader: SegmentReader,
  channel: Channel,
): Promise<boolean> {
  channel.enter(reader);
  try {
    const { complete } = await new Sender({
      ...{ cursor: reader, connection, ticker },
    }).done;
    if (complete && reader.isComplete) return true;
    connection.cut("the segment was dropped while it was sent");
    return false;
  } finally {
    channel.leave(reader);
  }
}

/** The same address always has the same bytes, so that every cache may keep them. */
function headersOf(
  { context: { allowOrigin } }: Session,
  { channel }: Found,
): Record<string, string> {
  const cache = channel.password === ""
    ? `public, max-age=${OPEN_MAX_AGE_S}`
    : `private, max-age=${SEGMENT_S}`;
  return {
    ...responseHeaders(allowOrigin),
    "cache-control": `${cache}, immutable`,
  };
}
