import { maskFrame } from "../helpers/mask_frame.ts";
import type { Item } from "../helpers/websocket_decoding.ts";

/** One case of the Autobahn test suite, as what a server's decoder must make of it. */
export interface AutobahnCase {
  /** The suite's number. */
  readonly id: string;
  /** What the client sends, frame by frame. */
  readonly frames: readonly Uint8Array[];
  /** What comes out, neighbouring binary payload joined. */
  readonly items: readonly Item[];
  /** The code of the error that ends it, if one does. */
  readonly code?: number;
  /** Bytes of the chunks it is sent in; other cases are sent in several chunkings. */
  readonly chop?: number;
}

/** Makes a row: number, frames, items, close code. */
export function row(
  id: string,
  frames: readonly Uint8Array[],
  items: readonly Item[],
  code?: number,
): AutobahnCase {
  return code === undefined
    ? { id, frames, items }
    : { id, frames, items, code };
}

/** Bytes of a string whose characters are bytes. */
export function bytesOf(binary: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** A payload that repeats a pattern up to a length. */
export function repeated(
  patternBytes: Uint8Array,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  bytes.set(patternBytes.subarray(0, length));
  // Twice as much each time: what is there is a whole number of patterns.
  for (let done = patternBytes.length; done < length; done *= 2) {
    bytes.copyWithin(done, 0, done);
  }
  return bytes;
}

/** A text event. */
export function text(content: string): Item {
  return { type: "text", text: content };
}

/** A ping event. */
export function ping(content: string): Item {
  return { type: "ping", data: bytesOf(content) };
}

/** A pong event. */
export function pong(content: string): Item {
  return { type: "pong", data: bytesOf(content) };
}

/** A close frame with a code and raw bytes of a reason. */
export function closeFrame(code: number, reason = ""): Uint8Array<ArrayBuffer> {
  const data = bytesOf(`\0\0${reason}`);
  new DataView(data.buffer).setUint16(0, code);
  return maskFrame(8, data);
}
