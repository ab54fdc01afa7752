import { concat } from "@std/bytes";
import { Refusal } from "../../lib/errors.ts";
import type { RequestHead } from "../../lib/http/request_head.ts";
import {
  type FrameMessage,
  RequestDecoder,
  type RequestLimits,
  type RtmpOpening,
} from "../../lib/session/request_decoder.ts";

/** The limits of a server at its defaults, in bytes. */
export const LIMITS: RequestLimits = { headerBytes: 8192, frameBytes: 4096 };

/** A request as a test compares it: the byte behind a head depends on how the bytes are cut. */
export type DecodedRequest =
  | FrameMessage
  | RtmpOpening
  | { readonly type: "head"; readonly head: RequestHead };

/** What became of some bytes; requests before a refusal do not count. */
export type Decoded =
  | {
    readonly requests: readonly DecodedRequest[];
    readonly media: Uint8Array;
  }
  | { readonly refused: string; readonly why: string };

/**
 * Puts chunks through a {@linkcode RequestDecoder}.
 *
 * @throws {Error} When it fails with anything but a refusal.
 */
export function decodeRequests(
  chunks: Iterable<Uint8Array>,
  limits: RequestLimits = LIMITS,
): Promise<Decoded> {
  const requests: DecodedRequest[] = [];
  const media: Uint8Array[] = [];
  const decoder = new RequestDecoder(limits);
  try {
    for (const chunk of chunks) {
      if (decoder.hasRest) {
        media.push(chunk);
        continue;
      }
      const bytes = chunk.slice();
      decoder.push(bytes);
      for (let next = decoder.next(); next; next = decoder.next()) {
        if (next.type !== "head") requests.push(next);
        else requests.push({ type: "head", head: next.head });
      }
      if (decoder.hasRest) media.push(decoder.rest);
      else bytes.fill(0xff); // As the next read does.
    }
    decoder.end();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const why = error.detail ?? error.message;
    return Promise.resolve({ refused: error.code, why });
  }
  return Promise.resolve({ requests, media: concat(media) });
}
