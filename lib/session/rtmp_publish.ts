import { type Refusal, type RefusalCode, REFUSALS } from "../errors.ts";
import { isCommand, parseCommand } from "../rtmp/command.ts";
import { FlvMuxer } from "../rtmp/flv_muxer.ts";
import { encodeStatus, type StatusCode } from "../rtmp/status.ts";
import type { BroadcastRequest } from "../wire/request.ts";
import type { Session } from "./context.ts";
import { MessageMemory } from "./message_memory.ts";
import { publish, type PublishEnd } from "./publish.ts";
import type { RtmpPeer } from "./rtmp_peer.ts";

/**
 * Broadcasts what a publisher sends as FLV. The end of its stream or of its connection is a clean end, but not within
 * a message.
 *
 * @param streamId The message stream that its status is told on.
 * @throws {Refusal} as {@linkcode publish} does.
 */
export async function broadcastOverRtmp(
  session: Session,
  peer: RtmpPeer,
  request: BroadcastRequest,
  streamId: number,
): Promise<void> {
  let isUnpublished = false;
  using memory = new MessageMemory(session.context.hub.memory);
  await publish(session, {
    request,
    media: async (take) => {
      peer.beginMedia();
      isUnpublished = await receiveMedia(peer, streamId, memory, take);
    },
    replies: {
      accepted: () => startedStatus(streamId),
      ended: (end) => end.clean ? NOTHING : cutStatus(streamId, end),
    },
    beforeEnd: () => isUnpublished ? peer.leave() : peer.idle(),
  });
}

const NOTHING = new Uint8Array();

/** Tells encoders by which code a broadcast is refused. */
const REFUSAL_CODES: Readonly<Record<RefusalCode, StatusCode>> = {
  "bad-request": "NetStream.Publish.BadName",
  denied: "NetStream.Publish.Denied",
  forbidden: "NetStream.Publish.Denied",
  "not-live": "NetStream.Publish.Rejected",
  busy: "NetStream.Publish.Rejected",
  limit: "NetStream.Publish.Rejected",
  server: "NetStream.Publish.Rejected",
};

/** The status of a broadcast that is refused. Encoders show its words, so they say what to do. */
export function refusedStatus(
  streamId: number,
  { code, message }: Refusal,
): Uint8Array {
  const remedy = code === "denied"
    ? "the stream key is CHANNEL?password=… or CHANNEL?token=…"
    : code === "bad-request"
    ? ""
    : REFUSALS[code].hint;
  return encodeStatus(streamId, {
    level: "error",
    code: REFUSAL_CODES[code],
    description: remedy === "" ? message : `${message}: ${remedy}`,
  });
}

function startedStatus(streamId: number): Uint8Array {
  return encodeStatus(streamId, {
    level: "status",
    code: "NetStream.Publish.Start",
    description: "live",
  });
}

function unpublishedStatus(streamId: number): Uint8Array {
  return encodeStatus(streamId, {
    level: "status",
    code: "NetStream.Unpublish.Success",
    description: "the broadcast ended",
  });
}

function cutStatus(
  streamId: number,
  { reason: description }: PublishEnd,
): Uint8Array {
  const code = "NetStream.Failed";
  return encodeStatus(streamId, { level: "error", code, description });
}

/** Commands that end a broadcast; encoders send two or three of them, one after the other. */
const ENDS: readonly string[] = ["FCUnpublish", "deleteStream", "closeStream"];

/** Receives the media of a publisher as FLV; tells whether the publisher says that its broadcast ends. */
async function receiveMedia(
  peer: RtmpPeer,
  streamId: number,
  memory: MessageMemory,
  take: (bytes: Uint8Array) => void,
): Promise<boolean> {
  const muxer = new FlvMuxer();
  for (;;) {
    const message = await peer.next();
    if (!message) {
      memory.hold(peer.decoder.heldBytes);
      if (!await peer.fill()) break;
      take(NOTHING); // There may be no whole message in what has come.
    } else if (!isCommand(message)) {
      const media = muxer.mux(message);
      if (media) take(media);
    } else {
      const { name } = parseCommand(message);
      if (ENDS.includes(name)) {
        await peer.send(unpublishedStatus(streamId));
        return true;
      }
      if (name === "publish") await peer.send(secondStatus(streamId));
    }
  }
  if (peer.decoder.isBetweenMessages) return false;
  throw new Error("the connection ended within a message");
}

function secondStatus(streamId: number): Uint8Array {
  return encodeStatus(streamId, {
    level: "error",
    code: "NetStream.Publish.BadName",
    description: "a connection has one broadcast",
  });
}
