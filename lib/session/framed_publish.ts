import { concat } from "@std/bytes";
import type { Publisher } from "../hub/publisher.ts";
import type { Incoming } from "../net/connection.ts";
import { FRAME_TYPE, framedHeader } from "../wire/framed.ts";
import { FramedDecoder, type FramedItem } from "../wire/framed_decoder.ts";
import { encodeMessage, parseMessage } from "../wire/framed_message.ts";
import type { BroadcastRequest } from "../wire/request.ts";
import type { ServerContext, Session } from "./context.ts";
import { serverList } from "./server_list.ts";
import { Outbox, Reporter } from "./outbox.ts";
import { publish, type PublishEnd } from "./publish.ts";

/**
 * Bytes after which a broadcaster is told without waiting for the second to pass: it keeps what it has not been told
 * of, and one that sends a file would wait for most of each second. Half of what a client keeps at least.
 */
const ACKNOWLEDGE_BYTES = 512 * 1024;

/**
 * Broadcasts a framed stream. The broadcaster is told once a second, and every {@linkcode ACKNOWLEDGE_BYTES}, how many
 * bytes have been received, so that it can send the rest again on another connection; only its `end` frame ends the
 * broadcast. It is also handed the init segment: a broadcaster that has to start again on a restarted server sends it
 * first, since its stream continues in the middle.
 *
 * @throws {Refusal} as {@linkcode publish} does.
 */
export async function publishFramed(
  session: Session,
  request: BroadcastRequest,
  incoming: Incoming,
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
        ended: (end) => endMessage(end, publisher!, context),
      },
      media: (take) => {
        const acks = new Acknowledgements(publisher!, outbox);
        const report = acks.report.bind(acks);
        reporter = new Reporter(context.ticker, outbox, report);
        const reportIfDue = (): void => {
          if (acks.isDue) reporter!.report();
        };
        return receiveFrames(incoming, publisher!, reportIfDue, take);
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
  context: ServerContext,
): Uint8Array {
  if (clean) return encodeMessage("end", { reason: "ended", received });
  const isClosing = context.isClosing();
  const reason = isClosing ? "restart" : by === "ended" ? "revoked" : by;
  const servers = isClosing ? serverList(context) : undefined;
  return encodeMessage("end", { reason, received, servers, message });
}

/**
 * Bytes of an init segment that a broadcaster is asked to keep at most: those of real streams have a few KB, with a
 * cover picture some hundred.
 */
const MAX_INIT_BYTES = 1024 * 1024;

/** Acknowledges what has been received, and hands over each new init segment. */
class Acknowledgements {
  readonly #publisher: Publisher;
  readonly #outbox: Outbox;
  #acknowledged: number;
  #init: Uint8Array | undefined;

  constructor(publisher: Publisher, outbox: Outbox) {
    this.#publisher = publisher;
    this.#outbox = outbox;
    this.#acknowledged = publisher.bytes;
  }

  /** Whether the broadcaster should be told without waiting for the second to pass. */
  get isDue(): boolean {
    return this.#publisher.bytes >= this.#acknowledged + ACKNOWLEDGE_BYTES;
  }

  /** The next report. */
  report(): Uint8Array {
    this.#acknowledged = this.#publisher.bytes;
    const received = encodeMessage(`received=${this.#acknowledged}`);
    const { init } = this.#publisher.broadcast;
    const isNew = init !== this.#init && init.length > 0 &&
      init.length <= MAX_INIT_BYTES;
    // A report that has to wait may be replaced by the next one.
    if (!isNew || !this.#outbox.isIdle) return received;
    this.#init = init;
    const header = framedHeader(FRAME_TYPE.lead, init.length);
    return concat([encodeMessage("init"), header, init, received]);
  }
}

/**
 * Receives the media of a framed stream; fails when the stream ends without an `end` frame.
 *
 * @param onTaken Called when what has come so far has been taken.
 */
async function receiveFrames(
  incoming: Incoming,
  publisher: Publisher,
  onTaken: () => void,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  const decoder = new FramedDecoder();
  let hasEnded = false;
  const emit = (item: FramedItem): void => {
    if (hasEnded) return;
    if (item instanceof Uint8Array) take(item);
    else if (item.type === "lead") publisher.prime(item.bytes);
    else hasEnded = parseMessage(item.text).word === "end";
  };
  while (!hasEnded) {
    onTaken();
    const bytes = await incoming.read();
    if (!bytes) throw new Error("the connection broke");
    decoder.push(bytes, emit);
  }
}
