/**
 * The text of a status frame, which answers a request that asked for one: `ok,key=value…` or
 * `error,code=…,message=…`.
 *
 * @module
 */

import { isRefusalCode, type Refusal, type RefusalCode } from "../errors.ts";
import { formatRequest } from "./request.ts";

/** The answer to a request that asked for one. */
export type Status =
  | { readonly ok: true; readonly values: ReadonlyMap<string, string> }
  | {
    readonly ok: false;
    readonly code: RefusalCode;
    readonly message: string;
  };

/**
 * Writes the text of a status frame.
 *
 * @param refusal The refusal; `ok` without one.
 * @param values Keys that go with `ok`.
 */
export function formatStatus(
  refusal: Refusal | undefined,
  values: Readonly<Record<string, string | number>> = {},
): string {
  if (!refusal) return formatRequest("ok", values, "_");
  const message = refusal.message.replaceAll(",", ";");
  return formatRequest("error", { code: refusal.code, message }, "_");
}

/**
 * Reads the text of a status frame.
 *
 * @throws {SyntaxError} if the text is not a status.
 */
export function parseStatus(text: string): Status {
  const [word, ...pairs] = text.split(",");
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const split = pair.indexOf("=");
    if (split > 0) values.set(pair.slice(0, split), pair.slice(split + 1));
  }
  if (word === "ok") return { ok: true, values };
  const code = values.get("code") ?? "";
  if (word !== "error" || !isRefusalCode(code)) {
    throw new SyntaxError(
      "Cannot read the server's answer: it is not a status frame",
    );
  }
  return { ok: false, code, message: values.get("message") ?? code };
}
