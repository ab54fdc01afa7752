/**
 * Answers of HTTP/1 in bytes (RFC 9112 §4), for the port that speaks HTTP only when it has to.
 *
 * @module
 */

/** Asks for a password (RFC 7617 §2): the value of `WWW-Authenticate`. */
export const CHALLENGE = 'Basic realm="fstream", charset="UTF-8"';

/** Phrases of the statuses in use; clients show them, none reads them. */
const PHRASES: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  421: "Misdirected Request",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** Goes before the real answer and asks for the body (RFC 9110 §15.2.1). */
export const CONTINUE: Uint8Array = new TextEncoder().encode(
  "HTTP/1.1 100 Continue\r\n\r\n",
);

/** The answer to a `SOURCE` request: the media may come. It has no length, since it is all there is. */
export const SOURCE_OK: Uint8Array = new TextEncoder().encode(
  "HTTP/1.0 200 OK\r\n\r\n",
);

/**
 * Writes a whole answer, after which the connection is closed.
 *
 * @param status The HTTP status.
 * @param text One sentence, without its line end.
 */
export function httpAnswer(status: number, text: string): Uint8Array {
  const body = new TextEncoder().encode(`${text}\n`);
  const challenge = status === 401 ? `WWW-Authenticate: ${CHALLENGE}\r\n` : "";
  const head = `HTTP/1.1 ${status} ${PHRASES[status] ?? "Error"}\r\n` +
    `Content-Type: text/plain; charset=utf-8\r\n${challenge}` +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  return new Uint8Array([...new TextEncoder().encode(head), ...body]);
}
