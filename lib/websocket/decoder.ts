import {
  ControlData,
  parseClose,
  type ReceivedClose,
} from "./control_frame.ts";
import {
  type FrameHeader,
  FrameHeaderReader,
  protocolError,
} from "./frame_header.ts";
import { IdleFrameLimit } from "./idle_frame_limit.ts";
import { applyMask } from "./mask.ts";
import { isControl, OPCODE } from "./opcodes.ts";
import { PayloadRun } from "./payload_run.ts";
import { TextMessage } from "./text_message.ts";

/** A whole text message. */
export interface ReceivedText {
  /** Tells it from other events. */
  readonly type: "text";
  /** The message. */
  readonly text: string;
}

/** A ping, to be answered by a pong with the same data, or a pong. */
export interface ReceivedPing {
  /** Tells it from other events. */
  readonly type: "ping" | "pong";
  /** At most 125 bytes, a copy. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** What comes from a client besides binary payload. */
export type WebSocketEvent = ReceivedText | ReceivedPing | ReceivedClose;

/** Receives events, and binary payload as it arrives, without message boundaries. */
export type WebSocketSink = (item: WebSocketEvent | Uint8Array) => void;

/** What bounds a decoder. */
export interface WebSocketDecoderOptions {
  /** Bytes of UTF-8 that a text message may have. */
  readonly maxTextBytes: number;
  /**
   * A clock in milliseconds, for the rate of frames without data.
   *
   * @default {performance.now}
   */
  readonly now?: () => number;
}

/**
 * Decodes the frames of a client (RFC 6455 §5, version 13, no extensions) in any chunking.
 *
 * Binary payload is unmasked in place and passed on as views of the chunks, so a chunk belongs to the
 * decoder and then to the sink. Only text and control frames are gathered, up to their caps. Nothing
 * follows a close frame: what the peer still sends is ignored.
 */
export class WebSocketDecoder {
  readonly #emit: WebSocketSink;
  readonly #maxTextBytes: number;
  readonly #headers = new FrameHeaderReader();
  readonly #control = new ControlData();
  readonly #idleFrames: IdleFrameLimit;
  readonly #run: PayloadRun;
  /** The frame in progress, from its header to the end of its payload. */
  #frame: FrameHeader | undefined;
  /** Bytes of payload of that frame that have arrived. */
  #received = 0;
  /** The message in progress, from its first fragment to its last. */
  #message: TextMessage | "binary" | undefined;
  #closed = false;

  /** Takes the caps, and the sink of everything that is decoded. */
  constructor(options: WebSocketDecoderOptions, emit: WebSocketSink) {
    this.#emit = emit;
    this.#maxTextBytes = options.maxTextBytes;
    this.#idleFrames = new IdleFrameLimit(
      options.now ?? (() => performance.now()),
    );
    this.#run = new PayloadRun(emit);
  }

  /** Bytes of text that are held back until the message is whole. */
  get heldBytes(): number {
    return this.#message instanceof TextMessage ? this.#message.heldBytes : 0;
  }

  /**
   * Decodes the next bytes. Everything in front of an error has been emitted when it is thrown; the
   * decoder must not be used after that.
   *
   * @throws {WebSocketError} With the close code to send: 1002 for a violation of the protocol, 1007 for
   * text that is not UTF-8, 1008 for a flood of frames without data, 1009 for what exceeds a cap.
   */
  push(chunk: Uint8Array): void {
    try {
      for (let at = 0; at < chunk.length && !this.#closed;) {
        at += this.#frame
          ? this.#readPayload(this.#frame, chunk, at)
          : this.#readHeader(chunk, at);
      }
    } finally {
      this.#run.flush();
    }
  }

  #readHeader(chunk: Uint8Array, at: number): number {
    const frame = this.#headers.push(chunk, at);
    if (frame) this.#beginFrame(frame);
    return this.#headers.used;
  }

  #beginFrame(frame: FrameHeader): void {
    const control = isControl(frame.opcode);
    if (!control) this.#beginFragment(frame);
    if (control || frame.length === 0) this.#idleFrames.count();
    else this.#idleFrames.reset();
    this.#frame = frame;
    this.#received = 0;
    // No byte will follow that could end it.
    if (frame.length === 0) this.#endFrame(frame);
  }

  #beginFragment({ opcode, length }: FrameHeader): void {
    if (opcode !== OPCODE.continuation) {
      if (this.#message) throw protocolError("a message began within another");
      this.#message = opcode === OPCODE.binary
        ? "binary"
        : new TextMessage(this.#maxTextBytes);
    }
    if (!this.#message) throw protocolError("there is no message to continue");
    if (this.#message instanceof TextMessage) this.#message.announce(length);
  }

  #readPayload(frame: FrameHeader, chunk: Uint8Array, start: number): number {
    const size = Math.min(frame.length - this.#received, chunk.length - start);
    const payload = chunk.subarray(start, start + size);
    applyMask(payload, frame.key, this.#received);
    this.#received += size;
    if (isControl(frame.opcode)) this.#control.append(payload);
    else if (this.#message instanceof TextMessage) {
      this.#message.append(payload);
    } else this.#run.add(chunk, start, start + size);
    if (this.#received === frame.length) this.#endFrame(frame);
    return size;
  }

  #endFrame(frame: FrameHeader): void {
    this.#frame = undefined;
    if (isControl(frame.opcode)) return this.#endControl(frame.opcode);
    if (!frame.fin) return;
    const message = this.#message;
    this.#message = undefined;
    if (message instanceof TextMessage) {
      this.#emitEvent({ type: "text", text: message.end() });
    }
  }

  #endControl(opcode: number): void {
    const data = this.#control.take();
    if (opcode === OPCODE.close) {
      const event = parseClose(data);
      this.#closed = true;
      this.#message = undefined;
      return this.#emitEvent(event);
    }
    const type = opcode === OPCODE.ping ? "ping" : "pong";
    this.#emitEvent({ type, data });
  }

  /** Emits an event behind the payload that came before it. */
  #emitEvent(event: WebSocketEvent): void {
    this.#run.flush();
    this.#emit(event);
  }
}
