import { concat } from "@std/bytes";
import type { AmfValue } from "../../lib/rtmp/amf.ts";
import { encodeAmf } from "../../lib/rtmp/amf_encoder.ts";
import { ChunkDecoder } from "../../lib/rtmp/chunk_decoder.ts";
import {
  type Command,
  isCommand,
  parseCommand,
} from "../../lib/rtmp/command.ts";
import { HANDSHAKE_BYTES } from "../../lib/rtmp/handshake.ts";
import { MESSAGE, type RtmpMessage } from "../../lib/rtmp/message.ts";
import { keptMessage } from "./kept_message.ts";

/** A message as a test writes it. */
export interface SentMessage {
  readonly type: number;
  readonly payload: Uint8Array;
  readonly timestamp?: number;
  readonly streamId?: number;
}

/** How a message is cut into chunks. */
export interface Chunking {
  /** The chunk stream; default 3. */
  readonly id?: number;
  /** Bytes of a chunk; default 128. */
  readonly chunkBytes?: number;
  /** Format of the first chunk's header; default 0. In others the timestamp is a difference. */
  readonly format?: 0 | 1 | 2 | 3;
  /** Whether a timestamp of 32 bits is left out within the message, as some encoders do. */
  readonly extendedOnce?: boolean;
}

function basicHeader(format: number, id: number): number[] {
  if (id < 64) return [format << 6 | id];
  if (id < 320) return [format << 6, id - 64];
  return [format << 6 | 1, (id - 64) & 0xff, (id - 64) >> 8];
}

/** The chunks of a message, each with its header. */
export function chunksOf(
  { type, payload, timestamp = 0, streamId = 0 }: SentMessage,
  { id = 3, chunkBytes = 128, format = 0, extendedOnce = false }: Chunking = {},
): Uint8Array<ArrayBuffer>[] {
  const isExtended = timestamp >= 0xffffff;
  const head = new DataView(new ArrayBuffer(11));
  head.setUint32(0, (isExtended ? 0xffffff : timestamp) << 8);
  head.setUint32(3, payload.length << 8 | type);
  head.setUint32(7, streamId, true);
  const length = [11, 7, 3, 0][format]!;
  const extended = new DataView(new ArrayBuffer(4));
  extended.setUint32(0, timestamp);
  const more = isExtended ? new Uint8Array(extended.buffer) : new Uint8Array();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at === 0 || at < payload.length; at += chunkBytes) {
    parts.push(concat([
      new Uint8Array(basicHeader(at === 0 ? format : 3, id)),
      new Uint8Array(head.buffer, 0, at === 0 ? length : 0),
      at > 0 && extendedOnce ? new Uint8Array() : more,
      payload.subarray(at, at + chunkBytes),
    ]));
  }
  return parts;
}

/** A message in chunks. */
export function messageBytes(
  message: SentMessage,
  chunking?: Chunking,
): Uint8Array<ArrayBuffer> {
  return concat(chunksOf(message, chunking));
}

/** A command as a client sends it. */
export function commandBytes(
  streamId: number,
  ...values: readonly AmfValue[]
): Uint8Array<ArrayBuffer> {
  const payload = encodeAmf(...values);
  return messageBytes({ type: MESSAGE.command, streamId, payload });
}

/** A control message: numbers of 32 bits. */
export function controlBytes(
  type: number,
  ...numbers: readonly number[]
): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((number, i) => view.setUint32(4 * i, number));
  const payload = new Uint8Array(view.buffer);
  return messageBytes({ type, payload }, { id: 2 });
}

/** What a client names. */
export interface Names {
  /** The application. */
  readonly app: string;
  /** The stream key. */
  readonly key: string;
  /** The server's address; default `rtmp://here/APP`. */
  readonly tcUrl?: string;
}

/** C0, C1 and C2; a client may send them at once, as no answer changes them. */
export const HELLO: Uint8Array<ArrayBuffer> = concat([
  new Uint8Array([3]),
  new Uint8Array(HANDSHAKE_BYTES).map((_, i) => i),
  new Uint8Array(HANDSHAKE_BYTES),
]);

/** `connect`, with more properties if a test wants them. */
export function connectBytes(
  { app, tcUrl = `rtmp://here/${app}` }: Omit<Names, "key">,
  more: Readonly<Record<string, AmfValue>> = {},
): Uint8Array<ArrayBuffer> {
  const properties = new Map(
    Object.entries({ app, type: "nonprivate", tcUrl, ...more }),
  );
  return commandBytes(0, "connect", 1, properties);
}

/** What OBS sends before media. */
export function openingBytes(names: Names): Uint8Array<ArrayBuffer> {
  return concat([
    HELLO,
    connectBytes(names),
    commandBytes(0, "releaseStream", 2, null, names.key),
    commandBytes(0, "FCPublish", 3, null, names.key),
    commandBytes(0, "createStream", 4, null),
    commandBytes(1, "publish", 5, null, names.key, "live"),
  ]);
}

/** What OBS sends behind media. */
export function endingBytes(key: string): Uint8Array<ArrayBuffer> {
  return concat([
    commandBytes(0, "FCUnpublish", 6, null, key),
    commandBytes(0, "deleteStream", 7, null, 1),
  ]);
}

/** The tags of an FLV file as messages. */
export function messagesOf(flv: Uint8Array): SentMessage[] {
  const view = new DataView(flv.buffer, flv.byteOffset, flv.length);
  const messages: SentMessage[] = [];
  for (let at = 13; at < flv.length;) {
    const type = view.getUint8(at);
    const size = view.getUint32(at) & 0xffffff;
    const low = view.getUint32(at + 4) >>> 8;
    const timestamp = (view.getUint8(at + 7) << 24 | low) >>> 0;
    const data = flv.subarray(at + 11, at + 11 + size);
    const payload = type === MESSAGE.data
      ? concat([encodeAmf("@setDataFrame"), data])
      : data;
    messages.push({ type, timestamp, streamId: 1, payload });
    at += 11 + size + 4;
  }
  return messages;
}

/** Bytes of S0, S1 and S2. */
export const SERVER_HELLO_BYTES = 1 + 2 * HANDSHAKE_BYTES;

/** Everything that a server sent behind its handshake. */
export function repliesOf(bytes: Uint8Array): RtmpMessage[] {
  const decoder = new ChunkDecoder(0xffff, 0xfffff);
  decoder.push(bytes.slice(SERVER_HELLO_BYTES));
  const messages: RtmpMessage[] = [];
  for (let next = decoder.next(); next; next = decoder.next()) {
    messages.push(keptMessage(next));
    if (next.type === MESSAGE.chunkSize) decoder.setChunkBytes(0xffff);
  }
  return messages;
}

/** The commands among them. */
export function commandsOf(bytes: Uint8Array): Command[] {
  return repliesOf(bytes).filter(isCommand).map(parseCommand);
}

/** The codes of all statuses that a server sent, in order. */
export function codesOf(bytes: Uint8Array): unknown[] {
  return statusesOf(bytes).map((status) => status.get("code"));
}

/** All statuses that a server sent, in order. */
export function statusesOf(
  bytes: Uint8Array,
): ReadonlyMap<string, AmfValue>[] {
  return commandsOf(bytes).flatMap(({ values }) =>
    values.filter((value) => value instanceof Map)
  ) as ReadonlyMap<string, AmfValue>[];
}
