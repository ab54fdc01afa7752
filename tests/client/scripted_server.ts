import { concat } from "@std/bytes";
import { byteSource } from "../../lib/net/byte_source.ts";
import type { Address } from "../../lib/net/address.ts";
import { encodeFrame } from "../../lib/wire/frame.ts";
import {
  FRAME_TYPE,
  framedHeader,
  type FrameType,
} from "../../lib/wire/framed.ts";
import type { FramedItem } from "../../lib/wire/framed_decoder.ts";
import { FramedDecoderStream } from "../../lib/wire/framed_decoder_stream.ts";
import { OddServer } from "./odd_server.ts";

/** The server's end of a connection in a test. */
export class ScriptedPeer {
  readonly #conn: Deno.Conn;
  readonly #items: ReadableStreamDefaultReader<FramedItem>;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
    let headerBytes = 2; // The empty header block.
    const block = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller): void {
        const rest = chunk.subarray(headerBytes);
        headerBytes -= chunk.length - rest.length;
        controller.enqueue(rest);
      },
    });
    this.#items = byteSource(conn).pipeThrough(block)
      .pipeThrough(new FramedDecoderStream()).getReader();
  }

  /** Reads the next text: the request, or the end of a broadcast. Media before it is dropped. */
  async text(): Promise<string> {
    for (;;) {
      const item = await this.#next();
      if (!(item instanceof Uint8Array) && item.type === "text") {
        return item.text;
      }
    }
  }

  /** Reads `count` bytes of media. */
  async media(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [];
    for (let left = count; left > 0;) {
      const item = await this.#next();
      if (!(item instanceof Uint8Array)) throw new Error("Cannot read media");
      parts.push(item.slice());
      left -= item.length;
    }
    return concat(parts);
  }

  /** Sends texts. */
  async say(...texts: readonly string[]): Promise<void> {
    for (const text of texts) await this.#write(encodeFrame(text));
  }

  /** Sends media, or lead. */
  async send(
    bytes: string | Uint8Array,
    type: FrameType = FRAME_TYPE.media,
  ): Promise<void> {
    const data = typeof bytes === "string"
      ? new TextEncoder().encode(bytes)
      : bytes;
    await this.#write(concat([framedHeader(type, data.length), data]));
  }

  /** Sends bytes as they are. */
  async sendRaw(bytes: Uint8Array): Promise<void> {
    await this.#write(bytes);
  }

  /** Waits until the client has closed its side. */
  async closed(): Promise<void> {
    while (!(await this.#items.read().catch(() => ({ done: true }))).done);
  }

  async #next(): Promise<FramedItem> {
    const { value } = await this.#items.read();
    if (value === undefined) throw new Error("Cannot read: the client closed");
    return value;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.#conn.write(bytes.subarray(at));
    }
  }
}

/** What a server does on a connection, which is closed in the end. */
export type Script = (peer: ScriptedPeer) => Promise<void>;

/** A server that follows one script for each connection, and rejects those that come after. */
export class ScriptedServer implements AsyncDisposable {
  /** What went wrong in a script. */
  readonly errors: unknown[] = [];
  readonly #server: OddServer;
  readonly #scripts: Script[];

  constructor(...scripts: Script[]) {
    this.#scripts = scripts;
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#server = new OddServer(listener, (conn) => this.#serve(conn));
  }

  /** Where it listens. */
  get address(): Address {
    return this.#server.client.address;
  }

  /** Scripts that no connection has come for. */
  get left(): number {
    return this.#scripts.length;
  }

  async #serve(conn: Deno.Conn): Promise<void> {
    const peer = new ScriptedPeer(conn);
    const script = this.#scripts.shift() ?? rejecting("not-live");
    try {
      await script(peer);
    } catch (error) {
      this.errors.push(error);
    }
    conn.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

/** Rejects a request. */
export function rejecting(code: string): Script {
  return async (peer) => {
    await peer.text();
    await peer.say(`error,code=${code},message=no`);
    await peer.closed();
  };
}
