import {
  HEAD_ROOM,
  type RtmpMessage,
  TAIL_ROOM,
} from "../../lib/rtmp/message.ts";

/** A copy of a message that stays valid, with as much room around its payload. */
export function keptMessage(message: RtmpMessage): RtmpMessage {
  const { length } = message.payload;
  const room = new Uint8Array(HEAD_ROOM + length + TAIL_ROOM);
  room.set(message.payload, HEAD_ROOM);
  const payload = room.subarray(HEAD_ROOM, HEAD_ROOM + length);
  return { ...message, payload };
}
