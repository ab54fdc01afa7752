import { concat } from "@std/bytes";
import { Refusal } from "../../lib/errors.ts";
import type { RequestHead } from "../../lib/http/request_head.ts";
import {
  type FrameMessage,
  RequestDecoderStream,
  type RequestLimits,
  type RtmpOpening,
} from "../../lib/session/request_decoder_stream.ts";

/** The limits of a server at its defaults, in bytes. */
export const LIMITS: RequestLimits = { headerBytes: 8192, frameBytes: 4096 };

/** A request as a test compares it: the byte behind a head depends on how the bytes are cut. */
export type DecodedRequest =
  | FrameMessage
  | RtmpOpening
  | { readonly type: "head"; readonly head: RequestHead };

/** What became of some bytes; what the stream emitted before a refusal does not count. */
export type Decoded =
  | {
    readonly requests: readonly DecodedRequest[];
    readonly media: Uint8Array;
  }
  | { readonly refused: string; readonly why: string };

/**
 * Puts chunks through a {@linkcode RequestDecoderStream}.
 *
 * @throws {Error} When the stream fails with anything but a refusal.
 */
export async function decodeRequests(
  chunks: Iterable<Uint8Array>,
  limits: RequestLimits = LIMITS,
): Promise<Decoded> {
  const requests: DecodedRequest[] = [];
  const media: Uint8Array[] = [];
  const messages = ReadableStream.from(chunks).pipeThrough(
    new RequestDecoderStream(limits),
  );
  try {
    for await (const message of messages) {
      if (message instanceof Uint8Array) media.push(message);
      else if (media.length > 0) {
        throw new Error(`a ${message.type} came behind media`);
      } else if (message.type !== "head") requests.push(message);
      else requests.push({ type: "head", head: message.head });
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refused: error.code, why: error.detail ?? error.message };
  }
  return { requests, media: concat(media) };
}
