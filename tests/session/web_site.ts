import type { Config } from "../../lib/config/config.ts";
import { formatAddress } from "../../lib/net/address.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";
import { inTime } from "./http_scene.ts";

/** A server on loopback that is asked over HTTP and WebSocket. */
export interface WebSite extends TestServer {
  /** `127.0.0.1:PORT`. */
  readonly web: string;
}

/**
 * Starts one; `await using` stops it.
 *
 * @param config Settings that are to be different.
 * @param folder Whether users are read from a folder, with tokens, as in earnest.
 */
export async function startWebSite(
  config: Partial<Config> = {},
  folder = false,
): Promise<WebSite> {
  const server = await startTestServer({ config, folder });
  const web = formatAddress(server.address);
  return { ...server, web };
}

/** What a server says over a WebSocket. */
export type Said = Readonly<Record<string, unknown>> | Uint8Array<ArrayBuffer>;

/** A WebSocket client that keeps what it is told until a test asks for it. */
export class SocketClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #said: Said[] = [];
  readonly #closed: Promise<CloseEvent>;
  #wake: (() => void) | undefined;

  /** @param socket Connecting; owned from now on. */
  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    const { promise, resolve } = Promise.withResolvers<CloseEvent>();
    this.#closed = promise;
    socket.onclose = (event): void => {
      resolve(event);
      this.#wake?.();
    };
    socket.onmessage = ({ data }): void => {
      this.#said.push(
        typeof data === "string" ? JSON.parse(data) : new Uint8Array(data),
      );
      this.#wake?.();
    };
  }

  /**
   * Connects, and sends a first message.
   *
   * @param web Where to.
   * @param path The channel's.
   * @param messages Sent one after another as JSON; text and bytes as they are.
   */
  static async open(
    web: string,
    path: string,
    ...messages: readonly (object | string | Uint8Array<ArrayBuffer>)[]
  ): Promise<SocketClient> {
    const socket = new WebSocket(`ws://${web}${path}`);
    const opened = new Promise<void>((resolve, reject) => {
      socket.onopen = (): void => resolve();
      socket.onerror = (): void => reject(new Error("Cannot connect"));
    });
    const client = new SocketClient(socket);
    await inTime(opened);
    for (const each of messages) client.send(each);
    return client;
  }

  /** Sends bytes or text as they are, anything else as JSON. */
  send(message: object | string | Uint8Array<ArrayBuffer>): void {
    const plain = typeof message === "string" || message instanceof Uint8Array;
    this.#socket.send(plain ? message : JSON.stringify(message));
  }

  /** The next thing that is said of these kinds, `bytes` for media; others are passed over. */
  async next(...kinds: readonly string[]): Promise<Said> {
    for (;;) {
      const said = this.#said.shift();
      if (said && kinds.includes(kindOf(said))) return said;
      if (said) continue;
      if (this.#socket.readyState === WebSocket.CLOSED) {
        throw new Error(`Cannot wait for ${kinds}: the socket is closed`);
      }
      await inTime(new Promise<void>((resolve) => this.#wake = resolve));
    }
  }

  /** The next message of a type. */
  async message(type: string): Promise<Readonly<Record<string, unknown>>> {
    return await this.next(type) as Readonly<Record<string, unknown>>;
  }

  /** The next media. */
  async media(): Promise<Uint8Array<ArrayBuffer>> {
    return await this.next("bytes") as Uint8Array<ArrayBuffer>;
  }

  /** Code and reason with which it is closed by the server. */
  async closed(): Promise<[code: number, reason: string]> {
    const { code, reason } = await inTime(this.#closed);
    return [code, reason];
  }

  /** Closes it. */
  async close(code = 1000): Promise<void> {
    this.#socket.close(code);
    await inTime(this.#closed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function kindOf(said: Said): string {
  return said instanceof Uint8Array ? "bytes" : String(said.type);
}

/** Opens a WebSocket by hand (RFC 6455 §4.1), whose bytes are read only when a test wants it. */
export async function deafViewer({ web }: WebSite): Promise<RawPeer> {
  const [host = "", port] = web.split(":");
  const head = `GET /fier HTTP/1.1\r\nHost: ${web}\r\nUpgrade: websocket\r\n` +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
  const text = new TextEncoder().encode(JSON.stringify({ verb: "watch" }));
  // A text frame, final and masked with zeroes.
  const frame = [0x81, 0x80 | text.length, 0, 0, 0, 0, ...text];
  return await RawPeer.connect(
    { host, port: Number(port) },
    new TextEncoder().encode(head),
    new Uint8Array(frame),
  );
}
