/**
 * Replies of HTTP/1.1 in bytes.
 *
 * @module
 */

import { concat } from "@std/bytes";
import { ChunkedEncoderStream } from "../http/chunked_encoder_stream.ts";
import type { RequestHead } from "../http/request_head.ts";
import { replyHead } from "../http/reply_head.ts";
import { type Connection, writeAll } from "../net/connection.ts";
import { isLastHead } from "./detect.ts";
import type { Continuation } from "./http.ts";
import { responseHeaders } from "./response_headers.ts";

/** Asks for a password (RFC 7617 §2): the value of `WWW-Authenticate`. */
export const CHALLENGE = 'Basic realm="fstream", charset="UTF-8"';

/** Headers of a reply that is true for the moment only. */
export const NO_STORE: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
};

/** What a reply in plain text depends on, besides its status and text. */
export interface PlainReplyOptions {
  /** Whether another request may follow on the connection. Default not. */
  readonly keepAlive?: boolean;
  /** Method of the request: the reply to `HEAD` has no body. */
  readonly method?: string;
  /** The origin whose pages may read it; `*` for all, empty for none, which is the default. */
  readonly allowOrigin?: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A whole reply in plain text.
 *
 * @param status The HTTP status; 401 asks for a password.
 * @param text One sentence, without its line end.
 */
export function plainReply(
  status: number,
  text: string,
  options: PlainReplyOptions = {},
): Uint8Array {
  const { keepAlive = false, method, allowOrigin = "", headers = {} } = options;
  const body = new TextEncoder().encode(`${text}\n`);
  const head = replyHead(status, {
    "content-type": "text/plain; charset=utf-8",
    ...NO_STORE,
    ...responseHeaders(allowOrigin),
    ...(status === 401 ? { "www-authenticate": CHALLENGE } : {}),
    ...headers,
    "content-length": String(body.length),
    "connection": keepAlive ? "keep-alive" : "close",
  });
  return method === "HEAD" ? head : concat([head, body]);
}

/**
 * Writes a `Response`. A body without `content-length` is sent in chunks, or to HTTP/1.0 until the connection
 * closes.
 *
 * @returns `next` when another request may follow; otherwise how the connection is closed.
 */
export async function writeResponse(
  connection: Connection,
  request: RequestHead,
  response: Response,
): Promise<Continuation | "next"> {
  const { status, body } = response;
  const headers = new Headers(response.headers);
  const isEmpty = status === 204 || status === 304;
  const hasLength = headers.has("content-length") || isEmpty;
  if (!body && !hasLength) headers.set("content-length", "0");
  const chunked = body !== null && !hasLength && request.minorVersion === 1;
  if (chunked) headers.set("transfer-encoding", "chunked");
  // After the last head its body would have to be read to find the next request.
  const keepAlive = request.keepAlive && !isLastHead(request) &&
    (body === null || hasLength || chunked);
  headers.set("connection", keepAlive ? "keep-alive" : "close");
  const after = keepAlive ? "next" : connection.finish.bind(connection);
  await writeAll(connection, replyHead(status, headers));
  if (request.method === "HEAD" || !body) {
    await body?.cancel();
    return after;
  }
  const bytes = chunked ? body.pipeThrough(new ChunkedEncoderStream()) : body;
  for await (const part of bytes) await writeAll(connection, part);
  return after;
}
