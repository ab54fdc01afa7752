import { concat } from "@std/bytes";
import type { Address } from "../../lib/net/address.ts";
import { encodeFrame } from "../../lib/wire/frame.ts";
import { FRAME_TYPE, framedHeader } from "../../lib/wire/framed.ts";
import type { FramedItem } from "../../lib/wire/framed_decoder.ts";
import { FramedDecoderStream } from "../../lib/wire/framed_decoder_stream.ts";
import {
  type FramedMessage,
  parseMessage,
} from "../../lib/wire/framed_message.ts";

/** A peer that speaks framed streams step by step. */
export class FramedPeer implements Disposable {
  /** Milliseconds after which an item that does not come fails its test. */
  deadlineMs = 5000;
  readonly #conn: Deno.TcpConn;
  readonly #reader: ReadableStreamDefaultReader<FramedItem>;
  #open = true;
  /** Media that was read and not taken. */
  #rest: Uint8Array = new Uint8Array();

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    const bytes = new ReadableStream<Uint8Array>({
      pull: async (controller): Promise<void> => {
        const buffer = new Uint8Array(64 * 1024);
        const count = await conn.read(buffer);
        if (count === null) controller.close();
        else controller.enqueue(buffer.subarray(0, count));
      },
    }, { highWaterMark: 0 });
    this.#reader = bytes.pipeThrough(new FramedDecoderStream()).getReader();
  }

  /** Connects and sends a request; `frames=1` is added. */
  static async connect(
    { host, port }: Address,
    request: string,
  ): Promise<FramedPeer> {
    const conn = await Deno.connect({ hostname: host, port });
    const peer = new FramedPeer(conn);
    await peer.write(
      concat([new Uint8Array([10, 10]), encodeFrame(`${request},frames=1`)]),
    );
    return peer;
  }

  /** Writes bytes as they are. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.#conn.write(bytes.subarray(at));
    }
  }

  /** Sends a frame of media. */
  async media(bytes: Uint8Array): Promise<void> {
    await this.write(
      concat([framedHeader(FRAME_TYPE.media, bytes.length), bytes]),
    );
  }

  /** Sends a text frame. */
  async text(text: string): Promise<void> {
    await this.write(encodeFrame(text));
  }

  /** The next item; `undefined` at the end of the connection. */
  async next(): Promise<FramedItem | undefined> {
    const timer = setTimeout(() => this.close(), this.deadlineMs);
    try {
      return (await this.#reader.read()).value;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next text; fails for anything else. */
  async message(): Promise<FramedMessage> {
    const item = await this.next();
    if (item && "type" in item && item.type === "text") {
      return parseMessage(item.text);
    }
    throw new Error(`Cannot read a text: got ${Deno.inspect(item)}`);
  }

  /** The next text with a word; other texts and lead are passed over. */
  async messageOf(word: string): Promise<ReadonlyMap<string, string>> {
    for (;;) {
      const item = await this.next();
      if (!item || item instanceof Uint8Array) {
        throw new Error(`Cannot read ${word}: got ${item?.length} bytes`);
      }
      if (item.type === "lead") continue;
      const message = parseMessage(item.text);
      if (message.word === word) return message.values;
    }
  }

  /** Exactly `count` bytes of media; fails for a lead, passes over texts. */
  async take(count: number): Promise<Uint8Array> {
    while (this.#rest.length < count) {
      const item = await this.next();
      if (item instanceof Uint8Array) this.#rest = concat([this.#rest, item]);
      else if (!item || item.type === "lead") {
        throw new Error(`Cannot read media: got ${Deno.inspect(item)}`);
      }
    }
    const taken = this.#rest.slice(0, count);
    this.#rest = this.#rest.slice(count);
    return taken;
  }

  /** Closes at once. */
  close(): void {
    if (this.#open) this.#conn.close();
    this.#open = false;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
