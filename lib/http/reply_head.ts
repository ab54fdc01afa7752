import { isToken, isValueCharacter } from "./characters.ts";
import { httpDate } from "./http_date.ts";

/** Asks for the body (RFC 9110 §15.2.1); the real reply follows. */
export const CONTINUE: Uint8Array<ArrayBuffer> = new TextEncoder().encode(
  "HTTP/1.1 100 Continue\r\n\r\n",
);

/** Phrases of the statuses in use (RFC 9110 §15, RFC 6585); people read them, clients do not. */
const PHRASES: Readonly<Record<number, string>> = {
  101: "Switching Protocols",
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  421: "Misdirected Request",
  426: "Upgrade Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

/**
 * Encodes the head of a reply (RFC 9112 §4), its empty line included. Adds `Date` where it is missing.
 *
 * @param status 101 to 599.
 * @param headers Sent as given, names in their case.
 * @param minorVersion 0 for clients that expect `HTTP/1.0`, such as Icecast sources.
 * @throws {RangeError} When the status is out of range.
 * @throws {TypeError} When a name or value cannot be sent; the message names the header only.
 */
export function replyHead(
  status: number,
  headers: Headers | Readonly<Record<string, string>>,
  minorVersion: 0 | 1 = 1,
): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(status) || status < 101 || status > 599) {
    throw new RangeError(`Cannot reply with status ${status}`);
  }
  const phrase = PHRASES[status] ?? "";
  let head = `HTTP/1.${minorVersion} ${status} ${phrase}\r\n`;
  let dated = false;
  const pairs = headers instanceof Headers ? headers : Object.entries(headers);
  for (const [name, value] of pairs) {
    checkField(name, value);
    if (name.toLowerCase() === "date") dated = true;
    head += `${name}: ${value}\r\n`;
  }
  if (!dated && status >= 200) head += `Date: ${httpDate()}\r\n`;
  return latin1(`${head}\r\n`);
}

/** Prevents a value from ending its line: what follows would be read as another header or reply. */
function checkField(name: string, value: string): void {
  if (!isToken(name)) {
    throw new TypeError("Cannot send a malformed header name");
  }
  for (let at = 0; at < value.length; at++) {
    if (isValueCharacter(value.charCodeAt(at))) continue;
    throw new TypeError(`Cannot send header "${name}": malformed value`);
  }
}

/** One byte for each character, which checkField() keeps below U+0100. */
function latin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
