/**
 * Messages of a server. Each has headers of format 0, so that none depends on the one before it.
 *
 * @module
 */

import { concat } from "@std/bytes";
import type { AmfValue } from "./amf.ts";
import { encodeAmf } from "./amf_encoder.ts";
import { MESSAGE } from "./message.ts";

/**
 * Bytes of a server's chunks, which is told before anything longer than 128 bytes is sent: every message is one chunk.
 * ffmpeg takes the size for its own; it writes each chunk by itself, so that small ones cost both sides most of their
 * time.
 */
export const CHUNK_BYTES = 65_536;

/** The chunk streams of a server: one for messages about the connection (§5.4), one for commands. */
const CHUNK_STREAM = { control: 2, command: 3 } as const;

/**
 * Makes one chunk of a message.
 *
 * @param id The chunk stream, 2 to 63.
 */
export function encodeMessage(
  id: number,
  { type, streamId, payload }: {
    readonly type: number;
    readonly streamId: number;
    readonly payload: Uint8Array;
  },
): Uint8Array {
  const head = new DataView(new ArrayBuffer(12));
  head.setUint8(0, id);
  head.setUint32(4, payload.length << 8 | type);
  head.setUint32(8, streamId, true);
  return concat([new Uint8Array(head.buffer), payload]);
}

/** A command or the reply to one. */
export function encodeCommand(
  streamId: number,
  ...values: readonly AmfValue[]
): Uint8Array {
  const payload = encodeAmf(...values);
  return encodeMessage(CHUNK_STREAM.command, {
    type: MESSAGE.command,
    streamId,
    payload,
  });
}

function encodeControl(type: number, payload: Uint8Array): Uint8Array {
  return encodeMessage(CHUNK_STREAM.control, { type, streamId: 0, payload });
}

/** Announces the size of the chunks that follow (§5.4.1). */
export function encodeChunkSize(): Uint8Array {
  return encodeControl(MESSAGE.chunkSize, fourBytes(CHUNK_BYTES));
}

/** Tells how many bytes have been received, modulo 2^32 (§5.4.3). */
export function encodeAcknowledgement(received: number): Uint8Array {
  return encodeControl(MESSAGE.acknowledgement, fourBytes(received));
}

/** Asks to be told after each window how much has been received (§5.4.4). */
export function encodeWindowSize(bytes: number): Uint8Array {
  return encodeControl(MESSAGE.windowSize, fourBytes(bytes));
}

/** The limit type "dynamic" of a bandwidth (§5.4.5). */
const DYNAMIC = 2;

/** Limits what a peer sends without acknowledgement (§5.4.5). */
export function encodePeerBandwidth(bytes: number): Uint8Array {
  const payload = concat([fourBytes(bytes), new Uint8Array([DYNAMIC])]);
  return encodeControl(MESSAGE.peerBandwidth, payload);
}

/** The events of a user control message that matter to a publisher (§7.1.7). */
const EVENT = { pingRequest: 6, pingResponse: 7 } as const;

/**
 * The answer to a user control message.
 *
 * @returns `undefined` for all but a ping.
 */
export function answerToUserControl(
  payload: Uint8Array,
): Uint8Array | undefined {
  if (payload.length < 6 || payload[0] !== 0) return undefined;
  if (payload[1] !== EVENT.pingRequest) return undefined;
  const pong = new Uint8Array([0, EVENT.pingResponse]);
  return encodeControl(
    MESSAGE.userControl,
    concat([pong, payload.subarray(2, 6)]),
  );
}

function fourBytes(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return new Uint8Array(view.buffer);
}
