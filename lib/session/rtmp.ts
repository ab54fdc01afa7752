import { Refusal } from "../errors.ts";
import { type Connection, writeAll } from "../net/connection.ts";
import { type Command, isCommand, parseCommand } from "../rtmp/command.ts";
import { encodeCommand } from "../rtmp/encode.ts";
import { MESSAGE, type RtmpMessage } from "../rtmp/message.ts";
import { RtmpError } from "../rtmp/rtmp_error.ts";
import {
  encodeConnected,
  encodePublishable,
  encodeRejected,
  encodeStatus,
} from "../rtmp/status.ts";
import type { BroadcastRequest } from "../wire/request.ts";
import { type ServerContext, Session } from "./context.ts";
import { isConnectionError } from "./http_refusal.ts";
import type { MessageReader } from "./message_reader.ts";
import { RtmpPeer } from "./rtmp_peer.ts";
import { broadcastOverRtmp, refusedStatus } from "./rtmp_publish.ts";
import { rtmpRequest } from "./rtmp_request.ts";
import { limitRequest } from "./wait_limit.ts";

/** Bytes before a broadcast begins: the handshake and the commands, of which encoders send 4 KB together. */
const MAX_OPENING_BYTES = 64 * 1024;

/** The id of the one message stream that a connection has. */
const STREAM_ID = 1;

/**
 * Serves a publisher.
 *
 * @param messages What it sends, from its first byte on.
 * @returns What remains to be done.
 */
export function openRtmp(
  context: ServerContext,
  connection: Connection,
  messages: MessageReader,
): () => Promise<void> {
  const session = new Session(context, connection, "rtmp");
  const peer = new RtmpPeer(connection, messages.rest());
  return serve.bind(null, session, peer);
}

async function serve(session: Session, peer: RtmpPeer): Promise<void> {
  const dialogue = new Dialogue(session, peer);
  try {
    const { request, streamId } = await dialogue.untilPublish();
    await broadcastOverRtmp(session, peer, request, streamId);
  } catch (error) {
    await refuse(session, dialogue, error);
  }
}

async function refuse(
  session: Session,
  { refusal: encode }: Dialogue,
  error: unknown,
): Promise<void> {
  const { connection } = session;
  const refusal = session.logRefusal(asRefusal(error));
  try {
    if (encode) await writeAll(connection, encode(refusal));
    await connection.finish();
  } catch {
    connection.close(); // The peer did not wait for the answer.
  }
}

function asRefusal(error: unknown): unknown {
  if (error instanceof RtmpError) {
    return new Refusal("bad-request", error.message);
  }
  if (!isConnectionError(error)) return error;
  const message = "the connection broke before the request was complete";
  return new Refusal("bad-request", message);
}

/** What is to be published. */
interface Publishing {
  readonly request: BroadcastRequest;
  /** The message stream that its status is told on. */
  readonly streamId: number;
}

/** What is said before a broadcast: handshake, `connect`, `createStream`, `publish`. */
class Dialogue {
  /** How the command in progress is refused; `undefined` where the protocol has no words for it. */
  refusal: ((refusal: Refusal) => Uint8Array) | undefined;
  readonly #session: Session;
  readonly #peer: RtmpPeer;
  #connect: Command | undefined;

  constructor(session: Session, peer: RtmpPeer) {
    this.#session = session;
    this.#peer = peer;
  }

  /** Answers commands up to `publish`, in the time that a request has. */
  async untilPublish(): Promise<Publishing> {
    const { context, connection } = this.#session;
    using _limit = limitRequest(context, connection);
    for (;;) {
      const publishing = await this.#answer(await this.#next());
      if (publishing) return publishing;
    }
  }

  async #next(): Promise<RtmpMessage> {
    for (;;) {
      const message = await this.#peer.next();
      if (message) return message;
      if (this.#peer.decoder.receivedBytes > MAX_OPENING_BYTES) {
        throw new Refusal("bad-request", "too much before the broadcast");
      }
      if (await this.#peer.fill()) continue;
      const problem = "the connection ended before the request did";
      throw new Refusal("bad-request", problem);
    }
  }

  async #answer(message: RtmpMessage): Promise<Publishing | undefined> {
    if (isCommand(message)) {
      return await this.#obey(parseCommand(message), message);
    }
    if (message.type === MESSAGE.audio || message.type === MESSAGE.video) {
      throw new Refusal("bad-request", "media before the broadcast began");
    }
    return undefined; // Bandwidth, buffers, events of a player.
  }

  async #obey(
    command: Command,
    { streamId }: RtmpMessage,
  ): Promise<Publishing | undefined> {
    const { name, transaction } = command;
    // Before it nothing can be answered: the client does not know the size of chunks.
    if (!this.#connect && name !== "connect") {
      throw new Refusal("bad-request", "a command comes before connect");
    }
    switch (name) {
      case "connect":
        return await this.#accept(command);
      case "publish":
        return this.#publish(command, streamId || STREAM_ID);
      case "play":
      case "play2":
        return this.#refusePlay(streamId || STREAM_ID);
      case "createStream":
        return await this.#reply(transaction, STREAM_ID);
      case "FCPublish":
        await this.#reply(transaction, undefined);
        await this.#peer.send(encodePublishable());
        return undefined;
      case "releaseStream":
      case "_checkbw":
        return await this.#reply(transaction, undefined);
      default:
        return undefined;
    }
  }

  async #accept(command: Command): Promise<undefined> {
    const { transaction, properties } = command;
    this.refusal = ({ message }) => encodeRejected(transaction, message);
    if (this.#connect) {
      throw new Refusal("bad-request", "connected twice");
    }
    this.#connect = command;
    await this.#peer.send(encodeConnected(transaction, properties));
    this.refusal = undefined;
  }

  async #reply(
    transaction: number,
    value: number | undefined,
  ): Promise<undefined> {
    if (transaction === 0) return;
    await this.#peer.send(
      encodeCommand(0, "_result", transaction, null, value),
    );
  }

  #publish({ values }: Command, streamId: number): Publishing {
    this.refusal = (refusal) => refusedStatus(streamId, refusal);
    const [key] = values;
    const request = rtmpRequest({
      app: textOf(this.#connect?.properties.get("app")),
      url: textOf(this.#connect?.properties.get("tcUrl")),
      key: textOf(key),
    });
    return { request, streamId };
  }

  #refusePlay(streamId: number): never {
    const code = "NetStream.Play.Failed";
    this.refusal = ({ message: description }) =>
      encodeStatus(streamId, { level: "error", code, description });
    const message = "channels are broadcast over RTMP, and watched over HTTP";
    throw new Refusal("bad-request", message);
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
