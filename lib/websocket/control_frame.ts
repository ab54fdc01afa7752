import { CLOSE, isCloseCode } from "./close_codes.ts";
import { protocolError } from "./frame_header.ts";
import { MAX_CONTROL_BYTES } from "./opcodes.ts";
import { WebSocketError } from "./websocket_error.ts";

/** The peer closes the connection. */
export interface ReceivedClose {
  /** Tells it from other events. */
  readonly type: "close";
  /** Why, as a code; absent when the frame is empty. */
  readonly code?: number;
  /** Why, in words of the peer; may be empty. */
  readonly reason: string;
}

/** Gathers the data of one control frame, which may arrive in pieces. */
export class ControlData {
  readonly #bytes = new Uint8Array(MAX_CONTROL_BYTES);
  #length = 0;

  /** Appends bytes; the header has made sure that they fit. */
  append(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Returns a copy of the frame's data, and begins the next frame. */
  take(): Uint8Array<ArrayBuffer> {
    const data = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return data;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the data of a close frame (RFC 6455 §5.5.1).
 *
 * @throws {WebSocketError} 1002 for half a code or a code that may not be sent, 1007 for a reason that
 * is not UTF-8.
 */
export function parseClose(data: Uint8Array): ReceivedClose {
  if (data.length === 0) return { type: "close", reason: "" };
  if (data.length === 1) throw protocolError("a close frame has half a code");
  const code = data[0]! << 8 | data[1]!;
  if (!isCloseCode(code)) {
    throw protocolError(`close code ${code} must not be sent`);
  }
  return { type: "close", code, reason: readReason(data.subarray(2)) };
}

function readReason(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new WebSocketError(
      CLOSE.invalidPayload,
      "the reason of a close frame is not valid UTF-8",
    );
  }
}
