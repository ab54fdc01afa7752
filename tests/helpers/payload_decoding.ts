import { concat } from "@std/bytes";
import { Refusal } from "../../lib/errors.ts";
import {
  PayloadDecoderStream,
  type Prelude,
  type PreludeLimits,
} from "../../lib/wire/payload_decoder_stream.ts";

/** The limits of a server at its defaults, in bytes. */
export const LIMITS: PreludeLimits = { headerBytes: 8192, payloadBytes: 4096 };

/** What became of some bytes; whatever the stream put out before a refusal does not count. */
export type Decoded =
  | { readonly preludes: readonly Prelude[]; readonly media: Uint8Array }
  | { readonly refused: string; readonly why: string };

/**
 * Puts chunks through a {@linkcode PayloadDecoderStream}.
 *
 * @throws {Error} when the stream fails with anything but a refusal.
 */
export async function decodePayload(
  chunks: Iterable<Uint8Array>,
): Promise<Decoded> {
  const preludes: Prelude[] = [];
  const media: Uint8Array[] = [];
  const messages = ReadableStream.from(chunks).pipeThrough(
    new PayloadDecoderStream(LIMITS),
  );
  try {
    for await (const message of messages) {
      if (message instanceof Uint8Array) media.push(message);
      else if (media.length === 0) preludes.push(message);
      else throw new Error(`a ${message.type} came behind media`);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refused: error.code, why: error.detail ?? error.message };
  }
  return { preludes, media: concat(media) };
}
