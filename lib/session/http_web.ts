import { ChunkedDecoderStream } from "../http/chunked_decoder_stream.ts";
import { HttpError } from "../http/http_error.ts";
import { LengthDecoderStream } from "../http/length_decoder_stream.ts";
import { CONTINUE } from "../http/reply_head.ts";
import { type RequestHead, requestUrl } from "../http/request_head.ts";
import { type Connection, streamOf, writeAll } from "../net/connection.ts";
import type { Session } from "./context.ts";
import type { Continuation } from "./http.ts";
import { answerAndClose } from "./http_refusal.ts";
import { plainReply, writeResponse } from "./http_reply.ts";
import type { MessageReader } from "./message_reader.ts";
import { responseHeaders } from "./response_headers.ts";

/** Methods that the `Request` class takes and pages or the API may use. */
const WEB_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** Path segments that a URL parser resolves: behind it the path would be another one than was routed here. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** Methods that a channel answers. */
const ALLOWED = "GET, HEAD, PUT, POST, SOURCE, OPTIONS";

/** Pages, API and assets. */
export async function answerWeb(
  session: Session,
  head: RequestHead,
  messages: MessageReader,
): Promise<Continuation | "next"> {
  const { connection, context, remote } = session;
  if (!WEB_METHODS.includes(head.method)) {
    const options = { headers: { allow: ALLOWED }, ...context };
    const reply = plainReply(405, `only ${ALLOWED} are supported`, options);
    return answerAndClose.bind(null, connection, reply);
  }
  if (DOT_SEGMENT.test(head.path)) throw new HttpError(404, "not found");
  const request = new Request(requestUrl(head, connection.secure), {
    method: head.method,
    headers: [...head.headers],
    ...bodyOf(connection, head, messages),
  });
  const response = await context.web(request, { remote });
  return await writeResponse(connection, head, response);
}

/** The body is asked for when it is read first, which is after the request was authorized. */
function bodyOf(
  connection: Connection,
  { method, body, expectsContinue }: RequestHead,
  messages: MessageReader,
): { body?: ReadableStream<Uint8Array<ArrayBuffer>> } {
  if (body.kind === "none" || method === "GET" || method === "HEAD") return {};
  if (body.kind === "length" && body.bytes === 0) return {};
  const decoder = body.kind === "chunked"
    ? new ChunkedDecoderStream()
    : new LengthDecoderStream(body.bytes);
  async function* read(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    if (expectsContinue) await writeAll(connection, CONTINUE);
    const bytes = streamOf(messages.rest()).pipeThrough(decoder);
    yield* bytes as ReadableStream<Uint8Array<ArrayBuffer>>;
  }
  return { body: ReadableStream.from(read()) };
}

/** Answers a preflight of the Fetch standard, and clients that ask what is spoken here. */
export async function answerOptions(
  { connection, context: { allowOrigin } }: Session,
  head: RequestHead,
): Promise<Continuation | "next"> {
  const headers = {
    "allow": ALLOWED,
    ...responseHeaders(allowOrigin),
    ...(allowOrigin === "" ? {} : {
      "access-control-allow-methods": ALLOWED,
      "access-control-allow-headers": "authorization, content-type, range",
    }),
  };
  const response = new Response(null, { status: 204, headers });
  return await writeResponse(connection, head, response);
}
