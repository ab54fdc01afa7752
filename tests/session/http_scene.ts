import { concat } from "@std/bytes";
import { ChunkedDecoderStream } from "../../lib/http/chunked_decoder_stream.ts";
import { LengthDecoderStream } from "../../lib/http/length_decoder_stream.ts";
import { writeAll } from "../../lib/net/connection.ts";
import type { MemoryTransport } from "../helpers/memory_transport.ts";
import { SessionScene } from "./session_scene.ts";

/** Milliseconds after which bytes that do not come fail their test. */
const READ_DEADLINE_MS = 5000;

/** The host that is asked. */
export const HOST = "fstream.test:61920";

const encoder = new TextEncoder();

/** A server in memory that is asked over HTTP: each request has a connection of its own. */
export class HttpScene extends SessionScene {
  /**
   * Sends a request, and reads the reply's head; its body is read as the test reads it.
   *
   * @param path Percent-encoded; sent as it is.
   * @param init As for `fetch`; a stream is sent in chunks.
   * @throws {Error} When the connection ends without a reply.
   */
  ask(path: string, init: RequestInit = {}): Promise<Response> {
    const transport = this.transport();
    send(transport, path, init).catch(() => {}); // The server may reply before it has everything.
    return readReply(transport, init.method ?? "GET");
  }
}

async function send(
  transport: MemoryTransport,
  path: string,
  { method = "GET", headers, body }: RequestInit,
): Promise<void> {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  // Without any header of a client's, a reply waits for a request frame of version 2.
  const sent = new Headers({ host: HOST, "user-agent": "test" });
  for (const [name, value] of new Headers(headers)) sent.set(name, value);
  if (bytes instanceof Uint8Array) {
    sent.set("content-length", `${bytes.length}`);
  }
  const isStream = bytes instanceof ReadableStream;
  if (isStream) sent.set("transfer-encoding", "chunked");
  const lines = [...sent].map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
  await writeAll(transport, encoder.encode(head));
  if (bytes instanceof Uint8Array) await writeAll(transport, bytes);
  if (isStream) await sendChunks(transport, bytes);
}

async function sendChunks(
  transport: MemoryTransport,
  body: ReadableStream<Uint8Array>,
): Promise<void> {
  try {
    for await (const part of body) {
      const size = encoder.encode(`${part.length.toString(16)}\r\n`);
      await writeAll(transport, concat([size, part, encoder.encode("\r\n")]));
    }
    await writeAll(transport, encoder.encode("0\r\n\r\n"));
  } catch {
    transport.reset(); // The body broke, and so does the connection.
  }
}

/** Reads a reply's head byte by byte, so that its body can be read from the connection. */
async function readReply(
  transport: MemoryTransport,
  method: string,
): Promise<Response> {
  let head = "";
  const byte = new Uint8Array(1);
  while (!head.endsWith("\r\n\r\n")) {
    if (await transport.read(byte) === null) {
      throw new Error(`Cannot read a reply: the connection ended: ${head}`);
    }
    head += String.fromCharCode(byte[0]!);
  }
  const [line = "", ...lines] = head.trimEnd().split("\r\n");
  const status = Number(line.split(" ")[1]);
  if (status === 100) return await readReply(transport, method);
  const headers = new Headers(
    lines.map((each) => [
      each.slice(0, each.indexOf(":")),
      each.slice(each.indexOf(":") + 1).trim(),
    ]),
  );
  const isEmpty = method === "HEAD" || [101, 204, 304].includes(status);
  if (isEmpty) transport.close();
  const body = isEmpty ? null : bodyOf(transport, headers);
  if (status === 101) return switched(headers);
  return new Response(body, { status, headers });
}

/** A `Response` cannot be made with the status 101. */
function switched(headers: Headers): Response {
  return Object.defineProperty(new Response(null, { headers }), "status", {
    value: 101,
  });
}

function bodyOf(
  transport: MemoryTransport,
  headers: Headers,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const buffer = new Uint8Array(64 * 1024);
      const count = await transport.read(buffer);
      if (count === null) controller.close();
      else controller.enqueue(buffer.subarray(0, count));
    },
    cancel: (): void => transport.close(),
  }, { highWaterMark: 0 });
  const reader = decodedBy(headers, bytes).getReader();
  return new ReadableStream({
    async pull(controller): Promise<void> {
      const { value, done } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value.slice());
    },
    cancel: (): void => {
      transport.close();
      reader.cancel().catch(() => {});
    },
  }, { highWaterMark: 0 });
}

function decodedBy(
  headers: Headers,
  bytes: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const length = headers.get("content-length");
  if (length !== null) {
    return bytes.pipeThrough(new LengthDecoderStream(Number(length)));
  }
  return headers.get("transfer-encoding") === "chunked"
    ? bytes.pipeThrough(new ChunkedDecoderStream())
    : bytes;
}

/** The headers of Basic credentials, in UTF-8. */
export function basic(user: string, password: string): HeadersInit {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return { authorization: `Basic ${bytes.toBase64()}` };
}

/** A body that a test feeds. */
export class FedBody {
  /** To be sent. */
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** Makes one without a byte. */
  constructor() {
    this.stream = new ReadableStream({
      start: (controller): void => void (this.#controller = controller),
    });
  }

  /** Sends bytes. */
  send(...values: number[]): void {
    this.#controller!.enqueue(new Uint8Array(values));
  }

  /** Ends it in order. */
  end(): void {
    this.#controller!.close();
  }

  /** Breaks it. */
  fail(): void {
    this.#controller!.error(new Error("connection reset"));
  }
}

/** Reads an answer's media piece by piece. */
export class MediaReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array();

  /** @param response The answer; its body is owned from now on. */
  constructor(response: Response) {
    this.#reader = response.body!.getReader();
  }

  /** Reads exactly `count` bytes. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#rest.length < count) {
      const { value, done } = await inTime(this.#reader.read());
      if (done) throw new Error(`Cannot read ${count} bytes: it ended`);
      this.#rest = concat([this.#rest, value]);
    }
    const taken = this.#rest.slice(0, count);
    this.#rest = this.#rest.slice(count);
    return taken;
  }

  /** Reads to the end; throws when it breaks. */
  async rest(): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [this.#rest];
    for (;;) {
      const { value, done } = await inTime(this.#reader.read());
      if (done) return concat(parts);
      parts.push(value);
    }
  }

  /** Goes away. */
  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}

/**
 * Waits for something, for so long.
 *
 * @throws {Error} when it does not come in time.
 */
export async function inTime<T>(
  promise: Promise<T>,
  deadlineMs = READ_DEADLINE_MS,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Cannot wait on: late by ${deadlineMs} ms`)),
      deadlineMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
