import { type Connection, type Incoming, writeAll } from "../net/connection.ts";
import { RtmpDecoder } from "../rtmp/decoder.ts";
import { answerToUserControl, encodeAcknowledgement } from "../rtmp/encode.ts";
import { encodeServerHello, RANDOM_BYTES } from "../rtmp/handshake.ts";
import { MESSAGE, type RtmpMessage } from "../rtmp/message.ts";
import { Outbox } from "./outbox.ts";

/**
 * Milliseconds that a client has to close the connection behind its broadcast. GStreamer reports an error when the
 * server closes first.
 */
const CLOSE_MS = 2000;

/** A publisher's connection as messages, which answers by itself what needs no decision. */
export class RtmpPeer {
  /** The decoder. */
  readonly decoder: RtmpDecoder = new RtmpDecoder();
  readonly #connection: Connection;
  readonly #incoming: Incoming;
  /** While a broadcast is in progress: what is written must not delay reading. */
  #outbox: Outbox | undefined;

  /**
   * Takes a connection over.
   *
   * @param incoming What it sends, from its first byte on.
   */
  constructor(connection: Connection, incoming: Incoming) {
    this.#connection = connection;
    this.#incoming = incoming;
  }

  /**
   * Reads bytes, for {@linkcode RtmpPeer.next} to return what is whole in them.
   *
   * @returns `false` at the end.
   * @throws {RtmpError} When they are no handshake.
   */
  async fill(): Promise<boolean> {
    const bytes = await this.#incoming.read();
    if (!bytes) return false;
    this.decoder.push(bytes);
    const received = this.decoder.takeAcknowledgement();
    if (received !== undefined) {
      await this.send(encodeAcknowledgement(received));
    }
    return true;
  }

  /**
   * The next message that needs a decision.
   *
   * @returns `undefined` when more bytes are needed.
   * @throws {RtmpError} For what breaks the protocol.
   */
  async next(): Promise<RtmpMessage | undefined> {
    for (;;) {
      const item = this.decoder.next();
      if (!item) return undefined;
      if ("c1" in item) {
        const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
        await this.send(encodeServerHello(item.c1, random));
      } else if (item.type === MESSAGE.userControl) {
        const answer = answerToUserControl(item.payload);
        if (answer) await this.send(answer);
      } else return item;
    }
  }

  /** Writes a message; during a broadcast as soon as what was written before has been taken. */
  async send(message: Uint8Array): Promise<void> {
    if (this.#outbox) this.#outbox.send(message);
    else await writeAll(this.#connection, message);
  }

  /** From now on reading does not wait for a client that does not read. */
  beginMedia(): void {
    this.#outbox = new Outbox(this.#connection);
  }

  /** Resolves when nothing is being written any more. */
  async idle(): Promise<void> {
    await this.#outbox?.idle();
  }

  /** Stops reading, and resolves when the client has closed its side, or has had the time to. */
  async leave(): Promise<void> {
    await this.#outbox?.flush();
    this.#connection.discard();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.#connection.gone, late]);
    clearTimeout(timer);
  }
}
