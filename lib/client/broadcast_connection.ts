import { FramedDecoderStream } from "../wire/framed_decoder_stream.ts";
import {
  encodeMessage,
  type FramedMessage,
  parseMessage,
} from "../wire/framed_message.ts";
import { type ClientConnection, close } from "./connect.ts";
import type { KeptInit } from "./kept_init.ts";
import type { Accepted } from "./request.ts";
import type { RetainedInput } from "./retained_input.ts";
import { StallTimer } from "./stall_timer.ts";
import { untilAborted } from "./until_aborted.ts";

/** How a broadcast is sent over one connection. */
export interface BroadcastConnectionOptions {
  /** The stream. */
  readonly input: RetainedInput;
  /** Offset of the stream at which the broadcast began. */
  readonly base: number;
  /** Offset of the first byte to send. */
  readonly from: number;
  /** What the server hands over, and gets back where `isContinued`. */
  readonly init: KeptInit;
  /** Whether this is a new broadcast that continues in the middle of the stream. */
  readonly isContinued: boolean;
  /** Milliseconds in which bytes must be acknowledged, after which the connection counts as broken. */
  readonly stallMs: number;
  /** Closes the connection when it is aborted. */
  readonly signal: AbortSignal;
  /** Called when the server has acknowledged bytes. */
  readonly onProgress: () => void;
  /** Called before the end of the stream is sent. */
  readonly onEnd: () => void;
}

/**
 * Sends a broadcast over one connection, until the server ends it.
 *
 * @returns What the server said at the end.
 * @throws When the connection breaks before.
 */
export async function sendBroadcast(
  { conn, media }: Accepted,
  options: BroadcastConnectionOptions,
): Promise<ReadonlyMap<string, string>> {
  const closing = new AbortController();
  const shut = (): void => {
    closing.abort();
    close(conn);
  };
  options.signal.addEventListener("abort", shut, { once: true });
  using stall = new StallTimer(options.stallMs, () => true, shut);
  let sendError: unknown;
  // The server may have said why it closed, so a failed write is not the end yet.
  const sending = send(conn, options, closing.signal)
    .catch((error) => sendError = error);
  try {
    return await receive(media, options, stall);
  } catch (error) {
    throw sendError ?? error;
  } finally {
    options.signal.removeEventListener("abort", shut);
    shut();
    await sending; // It must not use the buffer any longer.
  }
}

async function send(
  conn: ClientConnection,
  { input, from, init, isContinued, onEnd }: BroadcastConnectionOptions,
  closing: AbortSignal,
): Promise<void> {
  if (isContinued) await writeAll(conn, init.frame);
  for (let offset = from;;) {
    if (offset < input.buffer.end) {
      offset += await sendSlice(conn, input, offset);
    } else if (input.hasEnded) {
      onEnd();
      return await writeAll(conn, encodeMessage("end"));
    } else {
      await untilAborted(input.changed, closing);
    }
  }
}

async function sendSlice(
  conn: ClientConnection,
  { buffer }: RetainedInput,
  offset: number,
): Promise<number> {
  const { frame, length, restore } = buffer.slice(offset);
  try {
    await writeAll(conn, frame);
  } finally {
    restore();
  }
  return length;
}

async function writeAll(
  conn: ClientConnection,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

async function receive(
  media: ReadableStream<Uint8Array>,
  options: BroadcastConnectionOptions,
  stall: StallTimer,
): Promise<ReadonlyMap<string, string>> {
  for await (const item of media.pipeThrough(new FramedDecoderStream())) {
    if (item instanceof Uint8Array) continue;
    if (item.type === "lead") {
      options.init.add(item.bytes);
      continue;
    }
    const message = parseMessage(item.text);
    if (message.word === "init") options.init.clear();
    const { buffer } = options.input;
    const { start } = buffer;
    if (message.values.has("received")) acknowledge(message, options);
    // Reports that do not advance show a connection that is broken in one direction.
    if (buffer.start > start || buffer.length === 0) stall.moved();
    if (message.word === "end") return message.values;
  }
  throw new Error("the server closed it");
}

function acknowledge(
  { values }: FramedMessage,
  { input, base, onProgress }: BroadcastConnectionOptions,
): void {
  const offset = base + Number(values.get("received"));
  if (offset === input.buffer.start) return;
  input.release(offset);
  onProgress();
}
