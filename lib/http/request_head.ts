import { type BodyFraming, readBodyFraming } from "./body_framing.ts";
import { isToken } from "./characters.ts";
import { fieldListIncludes } from "./field_list.ts";
import { BARE_LF, type FieldLines, readFieldLines } from "./field_lines.ts";
import { isHost } from "./host.ts";
import { readRequestTarget, type RequestTarget } from "./request_target.ts";

/** The head of an HTTP/1 request. */
export interface RequestHead {
  /** As sent; methods are case-sensitive. */
  readonly method: string;
  /** Path and query, `*`, or the target as sent when it is neither a path nor an HTTP URL. */
  readonly target: string;
  /** The path alone, percent-encoded; `*`, or empty when the target has none. */
  readonly path: string;
  /** What follows the first `?`, without it; empty without a query. */
  readonly query: string;
  /** The `0` of HTTP/1.0 or the `1` of HTTP/1.1. */
  readonly minorVersion: 0 | 1;
  /**
   * Lower-case names; values of a name that occurs again are joined with `", "`. Lines with an invalid name
   * or value are left out. The authority of an absolute-form target replaces `host` (RFC 9112 §3.2.2).
   */
  readonly headers: ReadonlyMap<string, string>;
  /** How the body is delimited; `none` when its framing is a problem. */
  readonly body: BodyFraming;
  /** Whether the client will send another request on the connection. */
  readonly keepAlive: boolean;
  /** Whether the client waits for `100 Continue`; never in HTTP/1.0 (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  /**
   * The first violation for which a server must answer 400 and close; `undefined` when there is none. It
   * quotes nothing that the peer sent.
   */
  readonly problem?: string | undefined;
}

const CR = 0x0d;

/** Of every version that is read, without its last digit. */
const VERSION = "HTTP/1.";

/** Stands for the host where a request names none, as HTTP/1.0 may. */
const DEFAULT_HOST = "localhost";

/**
 * Reads a request head (RFC 9112 §2 to §7). Never throws.
 *
 * @param text The head including its empty line, one character for each byte.
 * @returns `undefined` when the first line is no HTTP/1.0 or HTTP/1.1 request line.
 */
export function parseRequestHead(text: string): RequestHead | undefined {
  const lf = text.indexOf("\n");
  const crlf = lf > 0 && text.charCodeAt(lf - 1) === CR;
  const line = readRequestLine(text.slice(0, crlf ? lf - 1 : lf));
  if (lf === -1 || !line) return undefined;
  const { method, minorVersion } = line;
  const target = readRequestTarget(method, line.target);
  const lines = readFieldLines(text, lf + 1);
  const hostFound = hostProblem(lines, target, minorVersion);
  const { body, problem: framing } = readBodyFraming(lines, minorVersion);
  const { fields } = lines;
  return {
    method,
    target: target.target,
    path: target.path,
    query: target.query,
    minorVersion,
    headers: fields,
    body,
    keepAlive: wantsKeepAlive(fields.get("connection"), minorVersion),
    expectsContinue: minorVersion === 1 &&
      fields.get("expect")?.toLowerCase() === "100-continue",
    problem: (crlf ? undefined : BARE_LF) ?? target.problem ?? lines.problem ??
      framing ?? hostFound ?? repetitionProblem(lines),
  };
}

/**
 * Returns the URL for a `Request`. Never throws, and what it returns is always a URL: a missing or malformed
 * host becomes `localhost`.
 *
 * @param head The request.
 * @param secure Whether it came over TLS.
 */
export function requestUrl(head: RequestHead, secure: boolean): string {
  const sent = head.headers.get("host");
  const host = sent !== undefined && isHost(sent) ? sent : DEFAULT_HOST;
  const path = head.path.startsWith("/") ? head.target : "/";
  return `${secure ? "https" : "http"}://${host}${path}`;
}

interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly minorVersion: 0 | 1;
}

/** Reads `method SP target SP version` (RFC 9112 §3). */
function readRequestLine(line: string): RequestLine | undefined {
  const first = line.indexOf(" ");
  const last = line.length - VERSION.length - 2;
  if (first < 1 || last <= first + 1) return undefined;
  if (line.indexOf(" ", first + 1) !== last) return undefined;
  const minorVersion = line.endsWith("1") ? 1 : 0;
  if (line.slice(last + 1) !== `${VERSION}${minorVersion}`) return undefined;
  const method = line.slice(0, first);
  if (!isToken(method)) return undefined;
  return { method, target: line.slice(first + 1, last), minorVersion };
}

/** Returns what is wrong with the host, or replaces `Host` by the target's authority. */
function hostProblem(
  { fields, repeated }: FieldLines,
  { authority }: RequestTarget,
  minorVersion: 0 | 1,
): string | undefined {
  const host = fields.get("host");
  if (repeated.has("host")) return "more than one Host";
  if (host === undefined && minorVersion === 1) return "no Host";
  if (host !== undefined && !isHost(host)) return "a malformed Host";
  if (authority === undefined) return undefined;
  if (!isHost(authority)) return "a malformed host in the target";
  fields.set("host", authority);
  return undefined;
}

function repetitionProblem({ repeated }: FieldLines): string | undefined {
  return repeated.has("authorization") ? "Authorization twice" : undefined;
}

function wantsKeepAlive(
  connection: string | undefined,
  minorVersion: 0 | 1,
): boolean {
  if (fieldListIncludes(connection, "close")) return false;
  return minorVersion === 1 || fieldListIncludes(connection, "keep-alive");
}
