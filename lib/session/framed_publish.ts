import { concat } from "@std/bytes";
import type { Publisher } from "../hub/publisher.ts";
import { FRAME_TYPE, framedHeader } from "../wire/framed.ts";
import { FramedDecoderStream } from "../wire/framed_decoder_stream.ts";
import { encodeMessage, parseMessage } from "../wire/framed_message.ts";
import type { BroadcastRequest } from "../wire/request.ts";
import type { Session } from "./context.ts";
import { Outbox, Reporter } from "./outbox.ts";
import { publish, type PublishEnd } from "./publish.ts";

/**
 * Broadcasts a framed stream. The broadcaster is told once a second how many bytes have been received, so that it can
 * send the rest again on another connection; only its `end` frame ends the broadcast.
 *
 * @throws {Refusal} as {@linkcode publish} does.
 */
export async function publishFramed(
  session: Session,
  request: BroadcastRequest,
  bytes: ReadableStream<Uint8Array>,
): Promise<void> {
  const { connection, context } = session;
  const outbox = new Outbox(connection);
  let publisher: Publisher | undefined;
  let reporter: Reporter | undefined;
  try {
    await publish(session, {
      request,
      onLive: (live) => publisher = live,
      replies: {
        accepted: () => acceptance(publisher!, request),
        ended: (end) => endMessage(end, publisher!, context.isClosing()),
      },
      media: () => {
        const report = reportsOf(publisher!);
        reporter = new Reporter(context.ticker, outbox, report);
        return mediaOf(bytes, publisher!);
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

function acceptance(
  { broadcast: { id, secret }, bytes }: Publisher,
  request: BroadcastRequest,
): Uint8Array {
  const resume = request.resume === undefined ? secret : undefined;
  return encodeMessage("ok", { frames: 1, id, resume, received: bytes });
}

/** The last acknowledgement tells a broadcaster that comes back what it need not send again. */
function endMessage(
  { clean, by, reason: message }: PublishEnd,
  { bytes: received }: Publisher,
  isClosing: boolean,
): Uint8Array {
  if (clean) return encodeMessage("end", { reason: "ended", received });
  const reason = isClosing ? "restart" : by === "ended" ? "revoked" : by;
  return encodeMessage("end", { reason, received, message });
}

/**
 * Bytes of an init segment that a broadcaster is asked to keep: those of real streams have a few KB, with a cover
 * picture some hundred.
 */
const MAX_INIT_BYTES = 1024 * 1024;

/**
 * Acknowledges what has been received, and hands over each new init segment: a broadcaster that has to start again on
 * a restarted server sends it first, since its stream goes on in the middle.
 */
function reportsOf(publisher: Publisher): () => Uint8Array {
  let known: Uint8Array = NOTHING;
  return function report(): Uint8Array {
    const { bytes, broadcast: { init } } = publisher;
    const received = encodeMessage(`received=${bytes}`);
    const isSent = init === known || init.length === 0;
    if (isSent || init.length > MAX_INIT_BYTES) return received;
    known = init;
    const header = framedHeader(FRAME_TYPE.lead, init.length);
    return concat([encodeMessage("init"), header, init, received]);
  };
}

const NOTHING = new Uint8Array();

/** The media of a framed stream; fails when the stream ends without an `end` frame. */
function mediaOf(
  bytes: ReadableStream<Uint8Array>,
  publisher: Publisher,
): ReadableStream<Uint8Array> {
  const reader = bytes.pipeThrough(new FramedDecoderStream()).getReader();
  return new ReadableStream({
    async pull(controller): Promise<void> {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) throw new Error("the connection broke");
        if (value instanceof Uint8Array) return controller.enqueue(value);
        if (value.type === "lead") publisher.prime(value.bytes);
        else if (parseMessage(value.text).word === "end") {
          return controller.close();
        }
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
