import { ChunkedDecoder } from "./chunked_decoder.ts";
import { HttpError } from "./http_error.ts";

/**
 * Decodes a chunked body (RFC 9112 §7.1) into its data, as views of what came in. The readable side ends
 * with the last chunk's trailers; bytes behind them are dropped, so a connection that is to be read on
 * needs {@linkcode ChunkedDecoder} itself.
 *
 * Fails with an {@linkcode HttpError} 400 when the coding is violated or the bytes end before the body.
 */
export class ChunkedDecoderStream
  extends TransformStream<Uint8Array, Uint8Array> {
  /** Makes the stream. */
  constructor() {
    const decoder = new ChunkedDecoder();
    super({
      transform(chunk, controller): void {
        decoder.push(chunk, (data) => controller.enqueue(data));
        if (decoder.ended) controller.terminate();
      },
      flush(): void {
        throw new HttpError(400, "the body ended before its last chunk");
      },
    });
  }
}
