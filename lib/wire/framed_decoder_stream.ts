import {
  FramedDecoder,
  type FramedDecoderOptions,
  type FramedItem,
} from "./framed_decoder.ts";

/**
 * Decodes a framed stream. Media and lead are passed on as views of the input, without being gathered.
 *
 * The stream fails with a `SyntaxError` for an unknown type, a length above its cap, text that is not UTF-8, and an
 * end within a frame.
 */
export class FramedDecoderStream
  extends TransformStream<Uint8Array, FramedItem> {
  /** Starts between two frames. */
  constructor(options?: FramedDecoderOptions) {
    const decoder = new FramedDecoder(options);
    super({
      transform: (chunk, output): void =>
        decoder.push(chunk, (item) => output.enqueue(item)),
      flush: (): void => decoder.end(),
    });
  }
}
