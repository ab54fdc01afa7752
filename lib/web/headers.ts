import { responseHeaders } from "../session/response_headers.ts";

/**
 * Adds the headers that every response carries.
 *
 * @param response Changed in place.
 * @param allowOrigin The origin whose pages may read it; empty for none.
 */
export function secure(response: Response, allowOrigin: string): Response {
  const { vary, ...headers } = responseHeaders(allowOrigin);
  for (const [name, value] of Object.entries(headers)) {
    response.headers.set(name, value);
  }
  if (vary !== undefined) response.headers.append("vary", vary);
  return response;
}

/** Headers of a response that is true for the moment only. */
export const NO_STORE: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
};

/**
 * A response of known length, so that its connection is kept alive.
 *
 * @param body Sent in UTF-8.
 * @param type Its MIME type, with the charset.
 * @param init Status and further headers.
 */
export function textResponse(
  body: string,
  type: string,
  init: { status?: number; headers?: Record<string, string> } = {},
): Response {
  const bytes = new TextEncoder().encode(body);
  return new Response(bytes, {
    status: init.status ?? 200,
    headers: {
      "content-type": type,
      "content-length": String(bytes.length),
      ...NO_STORE,
      ...init.headers,
    },
  });
}

/**
 * A response in plain text.
 *
 * @param text One sentence, without its line end.
 */
export function plain(
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Response {
  const type = "text/plain; charset=utf-8";
  return textResponse(`${text}\n`, type, { status, headers });
}

/** A response in JSON. */
export function json(value: unknown): Response {
  return textResponse(JSON.stringify(value), "application/json");
}
