import { concat } from "@std/bytes";
import { HttpError } from "../../lib/http/http_error.ts";

/** What became of a body. */
export type DecodedBody =
  | { readonly data: Uint8Array }
  | { readonly status: number; readonly problem: string };

/**
 * Puts chunks through a body decoder.
 *
 * @throws {Error} When the decoder fails with anything but an HttpError.
 */
export async function decodeBody(
  decoder: TransformStream<Uint8Array, Uint8Array>,
  chunks: Iterable<Uint8Array>,
): Promise<DecodedBody> {
  const data: Uint8Array[] = [];
  try {
    const decoded = ReadableStream.from(chunks).pipeThrough(decoder);
    for await (const piece of decoded) data.push(piece);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { status: error.status, problem: error.message };
  }
  return { data: concat(data) };
}
