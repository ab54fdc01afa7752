/**
 * FLV of messages (Adobe Flash Video File Format Specification 10.1, annex E): a tag is a message with a head and its
 * size behind it.
 *
 * @module
 */

import { type AmfObject, MARKER } from "./amf.ts";
import { decodeAmf } from "./amf_decoder.ts";
import { HEAD_ROOM, MESSAGE, type RtmpMessage, TAIL_ROOM } from "./message.ts";
import { RtmpError } from "./rtmp_error.ts";

/** Flags of the file header (E.2). */
const FLAG = { audio: 4, video: 1 } as const;

/** What names a track in the metadata. */
const AUDIO_PROPERTIES = ["audiocodecid", "audiodatarate"];
const VIDEO_PROPERTIES = ["videocodecid", "videodatarate"];

/**
 * The file header (E.2), and the size before the first tag.
 *
 * @param metadata What the encoder says of its tracks. Without a word of either, both are announced: players wait for
 *     a track that is announced, and ignore one that is not.
 */
export function flvHeader(
  metadata: AmfObject = new Map(),
): Uint8Array {
  const names = (properties: readonly string[]): boolean =>
    properties.some((name) => Boolean(metadata.get(name)));
  const flags = (names(AUDIO_PROPERTIES) ? FLAG.audio : 0) |
    (names(VIDEO_PROPERTIES) ? FLAG.video : 0);
  const header = new Uint8Array(13);
  header.set([0x46, 0x4c, 0x56, 1, flags || FLAG.audio | FLAG.video]);
  header[8] = 9;
  return header;
}

/** Makes a tag of an audio or video message, within the message's own buffer. */
export function flvTag(
  { type, timestamp, payload }: RtmpMessage,
): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = payload;
  const bytes = HEAD_ROOM + length + TAIL_ROOM;
  const view = new DataView(buffer, byteOffset - HEAD_ROOM, bytes);
  view.setUint32(0, type << 24 | length);
  setTimestamp(view, 4, timestamp);
  view.setUint32(bytes - TAIL_ROOM, HEAD_ROOM + length);
  return new Uint8Array(buffer, byteOffset - HEAD_ROOM, bytes);
}

/** Writes a timestamp, whose upper byte comes last, and the stream id 0 (E.4.1). */
function setTimestamp(view: DataView, at: number, timestamp: number): void {
  view.setUint32(at, timestamp << 8 | timestamp >>> 24);
  view.setUint8(at + 4, 0);
  view.setUint16(at + 5, 0);
}

/** What a data message is to a player. */
export interface ScriptData {
  /** The script tag. */
  readonly tag: Uint8Array<ArrayBuffer>;
  /** The properties of `onMetaData`, as far as they can be read; absent for any other event. */
  readonly metadata?: AmfObject;
}

/**
 * Makes a script tag of a data message. Its bytes are those of the encoder, but for the `@setDataFrame` in front of
 * metadata, which concerns the server alone.
 *
 * @returns `undefined` for what a player must not see.
 */
export function scriptData(
  { type, timestamp, payload }: RtmpMessage,
): ScriptData | undefined {
  let script = type === MESSAGE.amf3Data ? payload.subarray(1) : payload;
  let name = nameOf(script);
  if (name === "@setDataFrame") {
    script = script.subarray(3 + name.length);
    name = nameOf(script);
  }
  if (name === undefined || name.startsWith("@")) return undefined;
  const padded = new Uint8Array(HEAD_ROOM + script.length + TAIL_ROOM);
  padded.set(script, HEAD_ROOM);
  const tag = flvTag({
    ...{ type: MESSAGE.data, streamId: 0, timestamp },
    payload: padded.subarray(HEAD_ROOM, HEAD_ROOM + script.length),
  });
  return name === "onMetaData"
    ? { tag, metadata: propertiesOf(script) }
    : { tag };
}

/** Bytes of an event's name that count; names are ASCII. */
const MAX_NAME_BYTES = 64;

/** The text in front of a script. */
function nameOf(script: Uint8Array): string | undefined {
  const length = script[2] ?? 0;
  const isName = script[0] === MARKER.string && script[1] === 0 &&
    length <= MAX_NAME_BYTES;
  if (!isName || script.length < 3 + length) return undefined;
  return String.fromCharCode(...script.subarray(3, 3 + length));
}

/** Metadata that cannot be read is a player's business, and no reason to end a broadcast. */
function propertiesOf(script: Uint8Array): AmfObject {
  try {
    const [, properties] = decodeAmf(script);
    return properties instanceof Map ? properties : new Map();
  } catch (error) {
    if (error instanceof RtmpError) return new Map();
    throw error;
  }
}

/** Types that may be in an aggregate. */
const TAGS: readonly number[] = [MESSAGE.audio, MESSAGE.video, MESSAGE.data];

/**
 * Makes tags of an aggregate (§7.1.6), which is tags already, with timestamps that count from those of the message.
 *
 * @returns The tags, within the message's own buffer.
 * @throws {RtmpError} When it is malformed.
 */
export function aggregateTags(
  { timestamp, payload }: RtmpMessage,
): Uint8Array {
  const { buffer, byteOffset, length } = payload;
  // The size behind the last tag may be missing; there is room for it.
  const view = new DataView(buffer, byteOffset, length + TAIL_ROOM);
  let first: number | undefined;
  let at = 0;
  while (at < length) {
    if (at + HEAD_ROOM > length) throw malformed();
    const size = view.getUint32(at) & 0xffffff;
    const end = at + HEAD_ROOM + size;
    if (end > length || !TAGS.includes(view.getUint8(at))) throw malformed();
    const own = view.getUint32(at + 4);
    const time = (own << 24 | own >>> 8) >>> 0;
    first ??= time;
    setTimestamp(view, at + 4, (timestamp + time - first) >>> 0);
    view.setUint32(end, HEAD_ROOM + size);
    at = end + TAIL_ROOM;
  }
  return new Uint8Array(buffer, byteOffset, at);
}

function malformed(): RtmpError {
  return new RtmpError("an aggregate message is malformed");
}
