import { assert, assertEquals } from "@std/assert";
import { concat, endsWith } from "@std/bytes";
import { Refusal } from "../../lib/errors.ts";
import { parseIp } from "../../lib/net/ip_address.ts";
import { formatPosition } from "../../lib/wire/position.ts";
import { encodeFrame, FrameDecoder } from "../../lib/wire/frame.ts";
import {
  type ClientRequest as Request,
  formatRequest,
  parseRequest,
  wantsReply,
} from "../../lib/wire/request.ts";
import {
  formatStatus,
  parseStatus,
  type Status,
} from "../../lib/wire/status.ts";
import {
  MAX_PROXY_HEADER_BYTES,
  readProxyHeader,
} from "../../lib/net/proxy_header.ts";
import { StatusDecoderStream } from "../../lib/wire/status_decoder_stream.ts";
import { decodeRequests } from "../helpers/request_decoding.ts";
import { CHEAP_CASES, cutAtRandom, type FuzzTarget, textOf } from "./target.ts";

/** Runs something that may refuse; gives nothing when it does, and fails on any other error. */
export function unlessRefused<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Any chunking gives the same requests, and media behind the last one is untouched. */
const requests: FuzzTarget = {
  name: "requests",
  cases: CHEAP_CASES,
  words: [
    ...[
      "\r\n",
      "\n\n",
      "\r\n\r\n",
      "GET / HTTP/1.1\r\n",
      "PUT /u HTTP/1.0\r\n",
    ],
    ...["SOURCE /u HTTP/1.0\r\n", "OPTIONS * HTTP/1.1\r\n", "Host: a\r\n"],
    ...[
      "Upgrade: websocket\r\n",
      "Content-Length: 0\r\n",
      "POST / HTTP/1.1\r\n",
    ],
    ...[
      "Authorization: Basic OjE=\r\n",
      "Transfer-Encoding: chunked\r\n",
      "\0",
    ],
  ],
  async check(bytes, random): Promise<void> {
    const whole = await decodeRequests([bytes]);
    assertEquals(await decodeRequests(cutAtRandom(bytes, random)), whole);
    if (!("media" in whole)) return;
    assert(endsWith(bytes, whole.media), "media is not what was behind");
    const last = whole.requests.at(-1);
    assert(last || whole.media.length === 0, "media without a request");
    if (last?.type !== "frame") return;
    const head = bytes.length - whole.media.length;
    const frame = encodeFrame(last.text);
    assertEquals(bytes.slice(head - frame.length, head), frame);
  },
};

function fieldsOf(
  request: Request,
): Record<string, string | number | undefined> {
  const { verb: _, userPassword, reply, frames, ...rest } = request;
  const resume = "resume" in rest ? rest.resume : undefined;
  const continues = "continues" in rest ? rest.continues : undefined;
  const shared = {
    "user_password": userPassword,
    reply: reply ? 1 : undefined,
    frames: frames ? 1 : undefined,
    resume: typeof resume === "object" ? formatPosition(resume) : resume,
    continues: continues && formatPosition(continues),
  };
  if (!("channelPassword" in rest)) return { ...rest, ...shared };
  const { channelPassword, ...more } = rest;
  return { ...more, ...shared, channel_password: channelPassword };
}

/** What is read is written so that the same is read again, in both spellings. */
const request: FuzzTarget = {
  name: "request",
  cases: CHEAP_CASES,
  words: [
    ...[
      "watch",
      "broadcast",
      "token",
      ",user=",
      ",user-password=",
      "__proto__",
    ],
    ...[",channel=", ",bufsize=", ",start=oldest", ",burst=1.5", ",wait=10"],
    ...[
      ",reply=1",
      ",hold=0.000001",
      ",format=",
      ",token=",
      "86400",
      "constructor",
    ],
  ],
  check(bytes): void {
    const text = textOf(bytes);
    const request = unlessRefused(() => parseRequest(text));
    if (!request) return;
    assertEquals(request.reply, wantsReply(text));
    for (const separator of ["-", "_"] as const) {
      const again = formatRequest(request.verb, fieldsOf(request), separator);
      assertEquals(parseRequest(again), request);
    }
  },
};

/** What a stream of status frames makes of chunks; an error is a result too. */
async function statusOf(chunks: readonly Uint8Array[]): Promise<unknown[]> {
  const out: Status[] = [];
  const media: Uint8Array[] = [];
  try {
    const stream = ReadableStream.from(chunks)
      .pipeThrough(new StatusDecoderStream());
    for await (const message of stream) {
      if (message instanceof Uint8Array) media.push(message);
      else out.push(message);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [error.message];
  }
  return [...out, concat(media)];
}

/** Any chunking gives the same, and what is read is written so that the same is read again. */
const status: FuzzTarget = {
  name: "status",
  cases: CHEAP_CASES,
  words: ["ok", "error", ",code=", "denied", ",message=", "token=", "limit"],
  async check(bytes, random): Promise<void> {
    const whole = await statusOf([bytes]);
    assertEquals(await statusOf(cutAtRandom(bytes, random)), whole);
    const result = new FrameDecoder(bytes.length).push(bytes);
    if (result.state === "frame") checkStatusText(result.text);
  },
};

function checkStatusText(text: string): void {
  let read: Status;
  try {
    read = parseStatus(text);
  } catch (error) {
    if (error instanceof SyntaxError) return;
    throw error;
  }
  const again = read.ok
    ? formatStatus(undefined, Object.fromEntries(read.values))
    : formatStatus(new Refusal(read.code, read.message));
  const reread = parseStatus(again);
  if (read.ok) assertEquals(reread, { ok: true, values: orderOf(read.values) });
  else assertEquals(reread, read);
}

/** Keys that look like numbers come first once they have been an object's. */
function orderOf(values: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(Object.entries(Object.fromEntries(values)));
}

/** A header ends where it ends, whatever follows, and is open before. */
const proxy: FuzzTarget = {
  name: "proxy",
  cases: CHEAP_CASES,
  words: ["PROXY ", "TCP4 ", "TCP6 ", "UNKNOWN", "\r\n", "65536", "::1 "],
  check(bytes, random): void {
    const header = readProxyHeader(bytes);
    if (header.state !== "whole") return;
    const { bytes: length, source } = header;
    assert(length <= Math.min(bytes.length, MAX_PROXY_HEADER_BYTES));
    assertEquals(readProxyHeader(bytes.subarray(0, length)), header);
    const part = bytes.subarray(0, random(length));
    assertEquals(readProxyHeader(part).state, "open");
    if (!source) return;
    assert(parseIp(source.host) !== undefined, `${source.host} is no address`);
    assert(source.port >= 0 && source.port <= 65_535);
  },
};

/** What comes over TCP before and beside the media. */
export const WIRE_TARGETS: readonly FuzzTarget[] = [
  requests,
  request,
  status,
  proxy,
];
