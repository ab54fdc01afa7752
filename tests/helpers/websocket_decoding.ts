import { assert, assertEquals } from "@std/assert";
import { concat, equals } from "@std/bytes";
import {
  WebSocketDecoder,
  type WebSocketEvent,
} from "../../lib/websocket/decoder.ts";
import { WebSocketError } from "../../lib/websocket/websocket_error.ts";

/** An event, or all binary payload between two events. */
export type Item = WebSocketEvent | Uint8Array;

/** What a decoder makes of chunks. */
export interface Decoded {
  /** Everything it emitted, in order. */
  readonly items: Item[];
  /** The close code of the error that ended it, if one did. */
  readonly code?: number;
}

/** A cap that no test reaches by accident. */
export const AMPLE_TEXT_BYTES = 32 * 1024 * 1024;

/**
 * Decodes copies of chunks with a clock that stands still.
 *
 * @throws {Error} When the decoder throws anything but a `WebSocketError`, or holds more than the cap.
 */
export function decode(
  chunks: Iterable<Uint8Array>,
  maxTextBytes = AMPLE_TEXT_BYTES,
): Decoded {
  const items: Item[] = [];
  const decoder = new WebSocketDecoder(
    { maxTextBytes, now: () => 0 },
    (item) => items.push(item),
  );
  try {
    for (const chunk of chunks) {
      decoder.push(chunk.slice());
      assert(decoder.heldBytes <= maxTextBytes, "more is held than the cap");
    }
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    return { items: joined(items), code: error.code };
  }
  return { items: joined(items) };
}

/** Compares what was decoded; bytes faster than `assertEquals` does. */
export function assertDecoded(
  actual: Decoded,
  expected: Decoded,
  message: string,
): void {
  assertEquals(actual.code, expected.code, `${message}: the close code`);
  assertEquals(
    actual.items.length,
    expected.items.length,
    `${message}: the number of items`,
  );
  expected.items.forEach((item, at) => {
    const found = actual.items[at]!;
    if (item instanceof Uint8Array && found instanceof Uint8Array) {
      assert(equals(found, item), `${message}: bytes of item ${at}`);
    } else assertEquals(found, item, `${message}: item ${at}`);
  });
}

/** Joins neighbouring payload, whose cuts follow the chunks. */
function joined(items: readonly Item[]): Item[] {
  const result: Item[] = [];
  let run: Uint8Array[] = [];
  for (const item of items) {
    if (item instanceof Uint8Array) run.push(item);
    else {
      if (run.length > 0) result.push(concat(run));
      run = [];
      result.push(item);
    }
  }
  if (run.length > 0) result.push(concat(run));
  return result;
}
