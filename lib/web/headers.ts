/** Sent with every answer: nothing here is to be guessed, framed, or told to other sites. */
const SECURITY: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'self'; media-src 'self' blob:; " +
    "connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self'; script-src 'self'; " +
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/**
 * Adds the headers that every answer carries.
 *
 * @param response Changed in place.
 * @param allowOrigin Who may read media from other sites; empty: nobody.
 */
export function secure(response: Response, allowOrigin: string): Response {
  for (const [name, value] of Object.entries(SECURITY)) {
    response.headers.set(name, value);
  }
  if (allowOrigin !== "") {
    response.headers.set("access-control-allow-origin", allowOrigin);
  }
  return response;
}

/** Headers of an answer that changes from moment to moment. */
export const NO_STORE: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
};

/**
 * An answer in plain text.
 *
 * @param status The HTTP status.
 * @param text One sentence, without its line end.
 * @param headers More headers.
 */
export function plain(
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Response {
  return new Response(`${text}\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      ...NO_STORE,
      ...headers,
    },
  });
}
