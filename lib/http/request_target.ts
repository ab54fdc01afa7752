const HASH = 0x23;
const PERCENT = 0x25;
const QUESTION_MARK = 0x3f;
const BACKSLASH = 0x5c;

/** Where a request goes (RFC 9112 §3.2). */
export interface RequestTarget {
  /** The path with its query, `*`, or the target as sent when it is neither a path nor an HTTP URL. */
  readonly target: string;
  /** The path alone, percent-encoded; `*`, or empty when the target has none. */
  readonly path: string;
  /** What follows the first `?`, without it. */
  readonly query: string;
  /** Host and port of an absolute-form target, not yet checked; it replaces the `Host` field's value. */
  readonly authority: string | undefined;
  /** The first violation. */
  readonly problem: string | undefined;
}

/**
 * Reads a request target in origin-form, absolute-form or asterisk-form. Authority-form, which only
 * proxies serve, is a problem.
 *
 * @param method `*` goes with `OPTIONS` only.
 * @param text The target as sent.
 */
export function readRequestTarget(method: string, text: string): RequestTarget {
  const problem = characterProblem(text);
  if (text.startsWith("/")) return originForm(text, undefined, problem);
  if (text === "*" && method === "OPTIONS") {
    return { target: "*", path: "*", query: "", authority: undefined, problem };
  }
  const [scheme = "", authority] = /^https?:\/\/([^/?#]*)/i.exec(text) ?? [];
  if (authority === undefined) {
    return {
      ...originForm(text, undefined, undefined),
      path: "",
      query: "",
      problem: problem ?? "the target is neither a path nor an HTTP URL",
    };
  }
  const rest = text.slice(scheme.length);
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  return originForm(path, authority, problem);
}

function originForm(
  target: string,
  authority: string | undefined,
  problem: string | undefined,
): RequestTarget {
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? "" : target.slice(mark + 1);
  return { target, path, query, authority, problem };
}

/**
 * Browsers send some characters that RFC 3986 does not allow, as `|` and, in a query, `\`: these stay. In a
 * path `\` is rejected, because `new URL()` reads it as a slash.
 */
function characterProblem(text: string): string | undefined {
  let inQuery = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f) {
      return "a control character in the target";
    }
    if (code > 0x7f) return "a character beyond ASCII in the target";
    if (code === HASH) return "a fragment in the target";
    if (code === BACKSLASH && !inQuery) return "a backslash in the path";
    if (code === PERCENT && !isHexPair(text, at + 1)) {
      return "a percent sign without two hex digits in the target";
    }
    if (code === QUESTION_MARK) inQuery = true;
  }
  return undefined;
}

function isHexPair(text: string, at: number): boolean {
  return /^[\dA-Fa-f]{2}$/.test(text.slice(at, at + 2));
}
