import { HttpError } from "./http_error.ts";

/**
 * Passes on a body of known length (RFC 9112 §6.2), as views of what came in. The readable side ends with
 * its last byte; bytes behind it are dropped.
 *
 * Fails with an {@linkcode HttpError} 400 when the bytes end before the body.
 */
export class LengthDecoderStream
  extends TransformStream<Uint8Array, Uint8Array> {
  /**
   * Makes the stream.
   *
   * @param bytes The body's length.
   * @throws {RangeError} When it is no length.
   */
  constructor(bytes: number) {
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      throw new RangeError(`Cannot decode a body of ${bytes} bytes`);
    }
    let missing = bytes;
    super({
      start(controller): void {
        if (missing === 0) controller.terminate();
      },
      transform(chunk, controller): void {
        const data = chunk.subarray(0, missing);
        missing -= data.length;
        if (data.length > 0) controller.enqueue(data);
        if (missing === 0) controller.terminate();
      },
      flush(): void {
        throw new HttpError(400, `the body ended ${missing} bytes too early`);
      },
    });
  }
}
