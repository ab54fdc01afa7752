import { Refusal } from "../errors.ts";
import { readChannelPath } from "./channel_path.ts";
import { broadcastOverHttp } from "./http_request.ts";
import type { BroadcastRequest } from "./messages.ts";

/**
 * The head of an Icecast source client's request. What follows it is media until the connection ends:
 * a body without a length, which HTTP/1.1 itself does not know in requests (RFC 9112 §6.3).
 */
export interface IcecastHead {
  /** Tells it from other preludes. */
  readonly type: "icecast";
  /** `SOURCE` waits for its 200 before the media, `PUT` for a 100 where it asks for one. */
  readonly method: "PUT" | "SOURCE";
  /** The request target: path and query, percent-encoded. */
  readonly target: string;
  /** The `Authorization` header's value; `undefined` when it is to be asked for. */
  readonly authorization: string | undefined;
  /** Whether the client waits for `100 Continue`. */
  readonly expectsContinue: boolean;
}

/**
 * Recognises a source client's request head. A request with a body that has an end is none; it belongs
 * to the HTTP front. Behind a head without credentials a payload may come, unless its query says
 * `reply=1`, as no such peer's does: that client, sent here by the HTTP front, waits for a challenge.
 *
 * @param head The head with its lines' ends, one character for each byte.
 * @returns `undefined` for any other text.
 */
export function parseIcecastHead(head: string): IcecastHead | undefined {
  const [requestLine = "", ...lines] = head.split(/\r?\n/);
  const [, method, target] =
    /^(PUT|SOURCE) (\/\S*) HTTP\/1\.[01]$/.exec(requestLine) ?? [];
  if ((method !== "PUT" && method !== "SOURCE") || !target) return undefined;
  const fields = readFields(lines);
  const authorization = fields.get("authorization") || undefined;
  if (!authorization && !/[?&]reply=1(?:&|$)/.test(target)) return undefined;
  if (fields.has("content-length") || fields.has("transfer-encoding")) {
    return undefined;
  }
  const expect = fields.get("expect") ?? "";
  const expectsContinue = expect.toLowerCase() === "100-continue";
  return { type: "icecast", method, target, authorization, expectsContinue };
}

function readFields(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    fields.set(
      line.slice(0, colon).toLowerCase(),
      line.slice(colon + 1).trim(),
    );
  }
  return fields;
}

/**
 * Reads what a source client asks for; the query has the wire's keys.
 *
 * @param head Its request head.
 * @throws {Refusal} `not-live` for a path that can be no channel's, `bad-request` for a query that
 * cannot be read, `denied` without credentials: then nothing has been tried that the brake would count.
 */
export function icecastRequest(head: IcecastHead): BroadcastRequest {
  const { pathname, searchParams } = new URL(`http://icecast${head.target}`);
  const path = readChannelPath(pathname);
  if (!path) throw new Refusal("not-live", "no channel can be there");
  const { authorization } = head;
  if (!authorization) {
    throw new Refusal("denied", "access denied", "asked for its password");
  }
  return broadcastOverHttp({ ...path, query: searchParams, authorization });
}
