import { Refusal } from "../errors.ts";
import { mediaPlaylist } from "../hls/media_playlist.ts";
import { multivariantPlaylist } from "../hls/multivariant_playlist.ts";
import { packagingOf } from "../hls/packaging.ts";
import { HttpError } from "../http/http_error.ts";
import type { RequestHead } from "../http/request_head.ts";
import type { Channel } from "../hub/channel.ts";
import type { MediaInfo } from "../media/tracker.ts";
import type { WatchRequest } from "../wire/request.ts";
import { Session } from "./context.ts";
import type { Continuation } from "./http.ts";
import { isSigned, liveAddress, segmentAddresses } from "./hls_address.ts";
import type { HlsPath } from "./hls_path.ts";
import { hlsClient, notePlayer, seekElsewhere } from "./hls_player.ts";
import { answerSegment } from "./hls_segment.ts";
import { isConnectionError, refuseAndKeep } from "./http_refusal.ts";
import { NO_STORE, writeResponse } from "./http_reply.ts";
import { watchRequest } from "./http_request.ts";
import type { MessageReader } from "./message_reader.ts";
import { findChannel } from "./play.ts";
import { countClient } from "./proxied_client.ts";
import { responseHeaders } from "./response_headers.ts";
import { waitUntil } from "./wait_until.ts";

const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";

/** Milliseconds that a playlist waits for its first segment: the usual distance of key frames, five times. */
const FIRST_SEGMENT_MS = 10_000;

/** Seconds without a key frame from which none is expected: six times the default distance of encoders. */
const NO_KEY_FRAME_S = 60;

/** Seconds that a playlist may be kept: half the time until the next segment. */
const PLAYLIST_MAX_AGE_S = 1;

/** `GET` and `HEAD` of a playlist or a segment (RFC 8216). */
export async function openHls(
  { context, connection, remote }: Session,
  head: RequestHead,
  path: HlsPath,
  messages: MessageReader,
): Promise<Continuation | "next"> {
  const session = new Session(context, connection, "hls", remote);
  session.target = path;
  let request = head;
  try {
    using _client = countClient(session);
    const { kind } = path.resource;
    if (kind === "segment" || kind === "map") {
      return await answerSegment(session, head, path);
    }
    const watch = watchRequest(head, path);
    if (watch.wait > 0) {
      // Only a connection that is read tells that its client has left.
      await messages.cancel();
      request = { ...head, keepAlive: false };
    }
    const response = await playlist(session, request, path, watch);
    return await writeResponse(connection, request, response);
  } catch (error) {
    if (isConnectionError(error) || !request.keepAlive) throw error;
    await refuseAndKeep(session, request, error);
    return "next";
  }
}

async function playlist(
  session: Session,
  head: RequestHead,
  path: HlsPath,
  request: WatchRequest,
): Promise<Response> {
  const { context } = session;
  if (path.resource.kind === "index") {
    const channel = await admit(session, request);
    channel.hlsAudience.readmit(hlsClient(session, head));
    return respond(session, await index(session, channel), NO_STORE);
  }
  const channel = await admitted(session, head, path) ??
    await admit(session, request);
  notePlayer(session, head, channel);
  await firstSegment(channel);
  const audience = channel.password === "" ? "public" : "private";
  return respond(session, await live(context.urlSigner, channel), {
    "cache-control": `${audience}, max-age=${PLAYLIST_MAX_AGE_S}`,
  });
}

/**
 * Lets a watcher in, as every other protocol does. It stays admitted with the address that it is given.
 *
 * @throws {Refusal} `denied`, `not-live`, `limit` or `busy`.
 */
async function admit(
  session: Session,
  request: WatchRequest,
): Promise<Channel> {
  const { channel } = await findChannel(session, request);
  session.context.hub.admitWatcher(channel);
  return channel;
}

/** The channel of a watcher that was let in before, also while its last segments are kept after its end. */
async function admitted(
  { context: { hub, urlSigner } }: Session,
  { query }: RequestHead,
  { user, channel: name, name: path }: HlsPath,
): Promise<Channel | undefined> {
  await seekElsewhere(hub, user, name);
  const channel = hub.find(user, name) ?? hub.findEnded(user, name);
  const mayPass = channel && await isSigned(urlSigner, channel, path, query);
  return mayPass ? channel : undefined;
}

async function index(session: Session, channel: Channel): Promise<string> {
  const info = await recognised(channel);
  const { arrivals, segments } = channel;
  const uri = await liveAddress(session.context.urlSigner, channel);
  session.log("hls-open");
  const now = arrivals.bitrate(channel.now());
  const peakBitrate = Math.max(segments.peakBitrate, now);
  return multivariantPlaylist({ info, peakBitrate, uri });
}

/** The playlist of the channel as it is now: the same for every watcher. */
async function live(
  signer: Session["context"]["urlSigner"],
  channel: Channel,
): Promise<string> {
  const { listed, targetSeconds } = channel.segments;
  const isOver = channel.ended;
  const addresses = new Map(
    await Promise.all(
      listed.map(async (segment) =>
        [
          segment,
          await segmentAddresses(signer, channel, segment),
        ] as const
      ),
    ),
  );
  return mediaPlaylist({
    ...{ segments: listed, targetSeconds, isOver },
    segmentUri: (segment) => addresses.get(segment)!.segment,
    mapUri: (segment) => addresses.get(segment)!.map,
  });
}

/**
 * Waits until it is known what a channel carries.
 *
 * @throws {HttpError} 406 when HLS cannot carry it, or has no key frames to cut it at.
 * @throws {Refusal} `busy` when that takes too long.
 */
async function recognised(channel: Channel): Promise<MediaInfo> {
  await waitUntil(
    channel,
    () => channel.broadcast.info !== undefined,
    FIRST_SEGMENT_MS,
  );
  const { info, init } = channel.broadcast;
  if (!info) throw new Refusal("busy", "the channel has no media yet");
  if (packagingOf(info, init)) {
    requireKeyFrames(channel);
    return info;
  }
  throw new HttpError(
    406,
    `HLS carries MPEG-TS, fragmented MP4, MP3, AAC (ADTS) and AC-3, and this channel is ${info.container}; ` +
      "its broadcaster can change that without encoding again: ffmpeg … -c copy -f mpegts",
  );
}

/** How broadcasters get segments. */
const KEY_FRAMES = "HLS segments begin at key frames: set the encoder's " +
  "key frame interval to 2 s (OBS), or -g to twice the frame rate (ffmpeg)";

/**
 * A segment that is cut elsewhere would show nothing to a player that begins with it. Where no key frame follows, that
 * is every player.
 *
 * @throws {HttpError} 406 when there is no segment, and a player that waits for one would wait in vain.
 */
function requireKeyFrames(channel: Channel): void {
  const { segments, broadcast, liveSince, state } = channel;
  if (segments.listed.length > 0 || state !== "live") return;
  const since = broadcast.joins.newest?.arrival ?? liveSince;
  const seconds = Math.floor((channel.now() - since) / 1000);
  if (seconds < NO_KEY_FRAME_S) return;
  throw new HttpError(
    406,
    `the channel has had no key frame for ${seconds} s; ${KEY_FRAMES}`,
  );
}

/**
 * Waits until there is something to list.
 *
 * @throws {HttpError} 406 when HLS cannot carry it, or has no key frames to cut it at.
 * @throws {Refusal} `busy` when there is no second key frame in time, `not-live` when the channel ends before.
 */
async function firstSegment(channel: Channel): Promise<void> {
  const { segments } = channel;
  if (!channel.ended) await recognised(channel);
  await waitUntil(channel, () => segments.listed.length > 0, FIRST_SEGMENT_MS);
  if (segments.listed.length > 0) return;
  if (channel.ended) throw new Refusal("not-live", "the channel is not live");
  throw new Refusal(
    "busy",
    `the channel has no segment yet; ${KEY_FRAMES}`,
  );
}

function respond(
  { context: { allowOrigin } }: Session,
  text: string,
  headers: Readonly<Record<string, string>>,
): Response {
  const bytes = new TextEncoder().encode(text);
  return new Response(bytes, {
    headers: {
      ...responseHeaders(allowOrigin),
      ...headers,
      "content-type": PLAYLIST_TYPE,
      "content-length": String(bytes.length),
    },
  });
}
