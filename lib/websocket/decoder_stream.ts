import {
  WebSocketDecoder,
  type WebSocketDecoderOptions,
  type WebSocketEvent,
} from "./decoder.ts";

/**
 * Decodes what a client sends: binary payload comes out as it arrives, in views of the chunks that came
 * in and without message boundaries; everything else comes out as events.
 *
 * The stream fails with a `WebSocketError`. Items of the same chunk that are unread by then are
 * dropped, as in every `TransformStream`. It ends with its input: an end without a close event is
 * an abnormal closure (RFC 6455 §7.1.5).
 */
export class WebSocketDecoderStream
  extends TransformStream<Uint8Array, WebSocketEvent | Uint8Array> {
  readonly #decoder: WebSocketDecoder;

  /** Takes the caps. */
  constructor(options: WebSocketDecoderOptions) {
    let out: TransformStreamDefaultController<WebSocketEvent | Uint8Array>;
    super({
      start: (controller): void => {
        out = controller;
      },
      transform: (chunk): void => this.#decoder.push(chunk),
    });
    this.#decoder = new WebSocketDecoder(options, (item) => out.enqueue(item));
  }

  /** Bytes of text that are held back until the message is whole. */
  get heldBytes(): number {
    return this.#decoder.heldBytes;
  }
}
