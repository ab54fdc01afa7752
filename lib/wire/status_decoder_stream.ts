import { FrameDecoder } from "./frame.ts";
import { parseStatus, type Status } from "./status.ts";

/** Bytes of a status frame's text; the server's own are far shorter. */
const MAX_STATUS_BYTES = 4096;

/**
 * Frames the client's side of the wire: bytes in; out comes the server's status, and from then on
 * the media's bytes as they are.
 *
 * The stream fails with a `SyntaxError` when what comes first is no status frame, and ends without
 * any output when the server closes before it has sent one.
 */
export class StatusDecoderStream
  extends TransformStream<Uint8Array, Status | Uint8Array> {
  #frame: FrameDecoder | undefined = new FrameDecoder(MAX_STATUS_BYTES);

  /** Makes the stream. */
  constructor() {
    super({
      transform: (chunk, controller): void => this.#handle(chunk, controller),
    });
  }

  #handle(
    chunk: Uint8Array,
    controller: TransformStreamDefaultController<Status | Uint8Array>,
  ): void {
    if (!this.#frame) return controller.enqueue(chunk);
    const result = this.#frame.push(chunk);
    if (result.state === "more") return;
    if (result.state === "bad") {
      throw new SyntaxError(`Cannot read the server's answer: ${result.why}`);
    }
    this.#frame = undefined;
    controller.enqueue(parseStatus(result.text));
    if (result.used < chunk.length) {
      controller.enqueue(chunk.subarray(result.used));
    }
  }
}
