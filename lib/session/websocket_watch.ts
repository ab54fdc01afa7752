import type { Tickable } from "../clock/ticker.ts";
import type { Channel } from "../hub/channel.ts";
import type { Watcher } from "../hub/watcher.ts";
import { CLOSE } from "../websocket/close_codes.ts";
import {
  encodeClose,
  encodePing,
  encodePong,
  encodeText,
  frameHeader,
} from "../websocket/encode.ts";
import { OPCODE } from "../websocket/opcodes.ts";
import { WebSocketError } from "../websocket/websocket_error.ts";
import type { WatchRequest } from "../wire/request.ts";
import type { Session } from "./context.ts";
import {
  type LiveChannel,
  LiveFraming,
  type LiveProtocol,
} from "./live_framing.ts";
import { Outbox, REPORT_MS } from "./outbox.ts";
import { join, play, type Playback } from "./play.ts";
import type { Sender } from "./sender.ts";
import { SharedFraming } from "./slice_framing.ts";
import { closeReply, type WebSocketReader } from "./websocket.ts";

/** Milliseconds that media waits for a stream that has just begun to be recognised. */
const SETTLE_MS = 2000;

/** Milliseconds without a sign of life after which a viewer is pinged. */
const PING_AFTER_MS = 15_000;

/** Milliseconds without a sign of life after which a viewer counts as gone. */
const DEAD_AFTER_MS = 45_000;

/**
 * Milliseconds that a viewer has to read the end and answer the close. Until then it may ping, and a connection
 * that is closed on this side would answer with a reset, which takes from the viewer what it has not read.
 */
const CLOSE_WAIT_MS = 30_000;

const WEBSOCKET: LiveProtocol = { header: binaryHeader, report: statusOf };

const MEDIA = new SharedFraming((channel: Channel) =>
  new LiveFraming(channel, WEBSOCKET)
);

const LEAD = new SharedFraming(() => ({
  header: binaryHeader,
  trailer: new Uint8Array(),
}));

/**
 * Sends a channel to a WebSocket: text messages in JSON that describe what follows, binary messages of media.
 *
 * @throws {Refusal} `denied`, `not-live`, `limit` or `busy`.
 */
export async function watchOverWebSocket(
  session: Session,
  request: WatchRequest,
  reader: WebSocketReader,
): Promise<void> {
  const viewer = new Viewer(session, reader);
  const left = viewer.read(); // Also finds out while it waits that the viewer has left.
  const watcher = await join(session, request, true);
  try {
    await play(session, watcher, viewer);
  } finally {
    viewer.close();
  }
  await left;
}

/** One viewer: what it is told in addition to the media, and what it says. */
class Viewer implements Playback, Tickable {
  readonly framing: SharedFraming<Channel> = MEDIA;
  readonly leadFraming: SharedFraming = LEAD;
  readonly lingerMs = CLOSE_WAIT_MS;
  readonly #session: Session;
  readonly #reader: WebSocketReader;
  readonly #since: number;
  /** For what is said before the sender writes. */
  readonly #outbox: Outbox;
  #sender: Sender | undefined;
  #watcher: Watcher | undefined;
  /** When the viewer was told last how the channel is doing, on the ticker's clock. */
  #toldAt: number;
  #isAccepted = false;
  #isHeld = false;
  /** When the viewer last sent something or took media, on the ticker's clock. */
  #aliveAt: number;
  #pinged = false;
  #sentBytes = 0;
  #isSettling = false;

  constructor(session: Session, reader: WebSocketReader) {
    const { now } = session.context.ticker;
    this.#session = session;
    this.#reader = reader;
    this.#outbox = new Outbox(session.connection);
    this.#since = this.#toldAt = this.#aliveAt = now;
  }

  async accepted(): Promise<Uint8Array> {
    await this.#outbox.idle();
    this.#isAccepted = true;
    return message({ type: "ok" });
  }

  onSending(sender: Sender, watcher: Watcher): void {
    this.#sender = sender;
    this.#watcher = watcher;
    this.#session.context.ticker.add(this);
  }

  /** Describes the stream, at the start and wherever decoding starts again. */
  onRestart(watcher: Watcher, sender: Sender): boolean {
    const { cursor, channel } = watcher;
    const { info } = cursor;
    const { ticker } = this.#session.context;
    const isUnknown = !info || info.codecs.length === 0;
    this.#isSettling = isUnknown && info?.container !== "raw" &&
      !channel.ended && ticker.now - this.#since < SETTLE_MS;
    if (this.#isSettling) return false;
    const gap = channel.arrivals.gap(channel.now());
    const unknown = { container: "raw", codecs: [] };
    // The position behind the lead lets a page that reconnects continue where it stopped.
    const place = { ...cursor.position, lead: cursor.leadBytes };
    const description = { ...unknown, ...info, ...place, gap };
    sender.send(message({ type: "stream", ...description }));
    return true;
  }

  ended(reason: string): Uint8Array {
    const code = this.#session.context.isClosing()
      ? CLOSE.goingAway
      : CLOSE.normal;
    return encodeClose(code, reason);
  }

  kicked(why: string): Uint8Array {
    return encodeClose(CLOSE.kicked, why);
  }

  /** Reads what the viewer says until it leaves; never rejects. */
  async read(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await this.#reader.read();
        if (done) return this.#sender?.stop("the watcher left");
        this.#alive();
        if (value instanceof Uint8Array) continue; // A viewer has nothing to send.
        if (value.type === "ping") this.#say(encodePong(value.data));
        if (value.type !== "close") continue;
        return this.#leave(closeReply(value.code), "the watcher left");
      }
    } catch (error) {
      if (!(error instanceof WebSocketError)) return;
      this.#leave(encodeClose(error.code, error.message), error.message);
    }
  }

  tick(): void {
    const { now } = this.#session.context.ticker;
    if (this.#isSettling) this.#sender!.resume();
    this.#noticeMedia(now);
    this.#checkAlive(now);
    this.#tellState();
    if (now - this.#toldAt < REPORT_MS) return;
    this.#toldAt = now;
    this.#sender!.send(statusOf(this.#watcher!.channel));
  }

  close(): void {
    this.#session.context.ticker.delete(this);
  }

  #say(message: Uint8Array): void {
    if (!this.#isAccepted) this.#outbox.send(message);
    else this.#sender?.send(message);
  }

  #leave(close: Uint8Array, reason: string): void {
    if (this.#sender) return this.#sender.leave(close, reason);
    const { connection } = this.#session;
    if (this.#isAccepted) return connection.cut(reason);
    this.#outbox.send(close);
    this.#outbox.flush().then(() => connection.finish());
  }

  #alive(): void {
    this.#aliveAt = this.#session.context.ticker.now;
    this.#pinged = false;
  }

  /** A viewer that takes media is alive, however late its pong comes behind the media, which carries reports. */
  #noticeMedia(now: number): void {
    const { sentBytes } = this.#watcher!.cursor;
    if (sentBytes === this.#sentBytes) return;
    this.#sentBytes = sentBytes;
    this.#toldAt = now;
    this.#alive();
  }

  #checkAlive(now: number): void {
    const silent = now - this.#aliveAt;
    if (silent >= DEAD_AFTER_MS) {
      return this.#session.connection.cut("the watcher does not answer pings");
    }
    if (silent < PING_AFTER_MS || this.#pinged) return;
    this.#pinged = true;
    this.#sender!.send(encodePing(new Uint8Array()));
  }

  #tellState(): void {
    const { state } = this.#watcher!.channel;
    const isHeld = state === "held";
    if (state !== "ended" && isHeld !== this.#isHeld) {
      this.#sender!.send(message({ type: state }));
    }
    this.#isHeld = isHeld;
  }
}

function binaryHeader(length: number): Uint8Array {
  return frameHeader(OPCODE.binary, length);
}

function statusOf({ watchers, arrivals, now }: LiveChannel): Uint8Array {
  return message({ type: "status", watchers, age: arrivals.age(now()) });
}

/** What a page is told: its `type`, and what belongs to it. */
type PageMessage =
  & { readonly type: "ok" | "stream" | "status" | "held" | "live" }
  & Readonly<Record<string, unknown>>;

function message(content: PageMessage): Uint8Array {
  return encodeText(JSON.stringify(content));
}
