import type { Publisher } from "../hub/publisher.ts";
import { CLOSE } from "../websocket/close_codes.ts";
import { encodeClose, encodePong, encodeText } from "../websocket/encode.ts";
import { WebSocketError } from "../websocket/websocket_error.ts";
import type { BroadcastRequest } from "../wire/request.ts";
import type { Session } from "./context.ts";
import { Outbox, Reporter } from "./outbox.ts";
import { publish, type PublishEnd } from "./publish.ts";
import { closeReply, type WebSocketReader } from "./websocket.ts";

/**
 * Broadcasts what a WebSocket sends in binary messages. Close code 1000 is a clean end.
 *
 * @throws {Refusal} `denied`, `limit`, `busy` or `bad-request`.
 */
export async function broadcastOverWebSocket(
  session: Session,
  request: BroadcastRequest,
  reader: WebSocketReader,
): Promise<void> {
  const { connection, context } = session;
  const outbox = new Outbox(connection);
  let publisher: Publisher | undefined;
  let reporter: Reporter | undefined;
  try {
    await publish(session, {
      request,
      onLive: (live) => publisher = live,
      media: (take) => {
        const report = (): Uint8Array => statusOf(publisher!);
        reporter = new Reporter(context.ticker, outbox, report);
        return receiveMedia(reader, outbox, take);
      },
      replies: {
        accepted: () => encodeText(JSON.stringify({ type: "ok" })),
        ended: (end) => closeOf(end, context.isClosing()),
      },
      beforeEnd: () => {
        reporter?.close();
        return outbox.idle();
      },
    });
  } finally {
    reporter?.close();
  }
}

/** How many watch, and how many bytes have been received. */
function statusOf(
  { bytes: received, channel: { watchers } }: Publisher,
): Uint8Array {
  return encodeText(JSON.stringify({ type: "status", watchers, received }));
}

function closeOf(end: PublishEnd, isClosing: boolean): Uint8Array {
  if (end.clean) return encodeClose(CLOSE.normal, "");
  if (isClosing) return encodeClose(CLOSE.goingAway, end.reason);
  return encodeClose(
    end.by === "idle" ? CLOSE.tooSlow : CLOSE.revoked,
    end.reason,
  );
}

/** Receives the media of a broadcaster; fails when the WebSocket ends without close code 1000. */
async function receiveMedia(
  reader: WebSocketReader,
  outbox: Outbox,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  for (;;) {
    const { value, done } = await reader.read()
      .catch((error) => rejectWith(error, outbox));
    if (done) throw new Error("the connection broke");
    if (value instanceof Uint8Array) take(value);
    else if (value.type === "ping") outbox.send(encodePong(value.data));
    else if (value.type === "close") {
      if (value.code === CLOSE.normal) return;
      outbox.send(closeReply(value.code));
      await outbox.flush();
      throw new Error(`the page closed with code ${value.code ?? "none"}`);
    }
  }
}

/** Tells a broadcaster that it broke the protocol; throws what it did. */
async function rejectWith(error: unknown, outbox: Outbox): Promise<never> {
  if (error instanceof WebSocketError) {
    outbox.send(encodeClose(error.code, error.message));
    await outbox.flush();
  }
  throw error;
}
