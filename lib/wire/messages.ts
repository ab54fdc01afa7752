/**
 * What peers say to each other before and beside the media: the request (`verb,key=value,…`) and the
 * status that answers it (`ok,…` or `error,code=…,message=…`).
 *
 * @module
 */

import { isRefusalCode, Refusal, type RefusalCode } from "../errors.ts";

/** What a peer may ask for. */
export type Verb = "broadcast" | "watch" | "token";

/** Where a watcher starts. */
export type Start = "join" | "live" | "oldest";

/** The values of `start=`. */
export const STARTS: readonly Start[] = ["join", "live", "oldest"];

/** What the verbs share. */
export interface RequestBase {
  /** Whose channel. */
  readonly user: string;
  /** The user's password. */
  readonly userPassword: string | undefined;
  /** Whether a status frame is wanted first. */
  readonly reply: boolean;
}

/** A request to put a channel on the air. */
export interface BroadcastRequest extends RequestBase {
  /** What is asked for. */
  readonly verb: "broadcast";
  /** Which of the user's channels. */
  readonly channel: string;
  /** What watchers will have to give; empty: nothing. */
  readonly channelPassword: string;
  /** A one-time token in the password's place. */
  readonly token: string | undefined;
  /** Bytes to a chunk; 0: no set size. */
  readonly bufsize: number;
  /** The container, where the peer names it. */
  readonly format: string | undefined;
  /** Seconds that watchers are held after a clean end. */
  readonly hold: number;
}

/** A request to watch a channel. */
export interface WatchRequest extends RequestBase {
  /** What is asked for. */
  readonly verb: "watch";
  /** Which of the user's channels. */
  readonly channel: string;
  /** What the channel asks for; empty: nothing. */
  readonly channelPassword: string;
  /** Where to begin. */
  readonly start: Start;
  /** Seconds of media to begin with; `undefined`: the channel's own setting. */
  readonly burst: number | undefined;
  /** Seconds to wait for a channel that is not live yet. */
  readonly wait: number;
}

/** A request for a one-time token. */
export interface TokenRequest extends RequestBase {
  /** What is asked for. */
  readonly verb: "token";
}

/** Any request. */
export type Request = BroadcastRequest | WatchRequest | TokenRequest;

/** The channel of a request that names none. */
export const DEFAULT_CHANNEL = "default";

/** Seconds; no peer's wish for a wait, burst or hold is longer than a day. */
export const MAX_SECONDS = 86_400;

/** Bytes; no peer's chunk is larger. Half of the default backlog, so that a chunk's start is kept. */
export const MAX_BUFSIZE = 4 * 1024 * 1024;

/**
 * Reads a payload's text.
 *
 * @param text `verb,key=value,key=value…`. A value ends at the next comma and may hold `=`; nothing is
 * escaped; `-` and `_` in keys are the same; unknown keys are ignored.
 * @throws {Refusal} `bad-request` for an unknown verb, a key given twice, a missing user or a value
 * that is no number where one is due.
 */
export function parseRequest(text: string): Request {
  const [verb = "", ...pairs] = text.split(",");
  return requestFrom(verb, parsePairs(pairs));
}

/**
 * Makes a request of its keys, however they came.
 *
 * @param verb The first word.
 * @param values The keys, with `_` between their words.
 * @throws {Refusal} `bad-request` for an unknown verb, a missing user or a value that is no number
 * where one is due.
 */
export function requestFrom(
  verb: string,
  values: ReadonlyMap<string, string>,
): Request {
  if (verb !== "broadcast" && verb !== "watch" && verb !== "token") {
    const detail = `verb ${JSON.stringify(verb.slice(0, 32))}`;
    throw new Refusal("bad-request", "unknown verb", detail);
  }
  const user = values.get("user");
  if (!user) throw new Refusal("bad-request", "the user is missing");
  const base = {
    user,
    userPassword: values.get("user_password"),
    reply: values.get("reply") === "1",
  };
  if (verb === "token") return { verb, ...base };
  const channel = values.get("channel") || DEFAULT_CHANNEL;
  const channelPassword = values.get("channel_password") ?? "";
  return verb === "broadcast"
    ? { verb, ...base, channel, channelPassword, ...broadcastKeys(values) }
    : { verb, ...base, channel, channelPassword, ...watchKeys(values) };
}

type Values = ReadonlyMap<string, string>;

function broadcastKeys(
  values: Values,
): Pick<BroadcastRequest, "token" | "bufsize" | "format" | "hold"> {
  return {
    token: values.get("token"),
    bufsize: wholeNumber(values, "bufsize", MAX_BUFSIZE) ?? 0,
    format: values.get("format") || undefined,
    hold: seconds(values, "hold") ?? 0,
  };
}

function watchKeys(
  values: Values,
): Pick<WatchRequest, "start" | "burst" | "wait"> {
  const start = values.get("start") || "join";
  const known = STARTS.find((word) => word === start);
  if (!known) {
    throw new Refusal(
      "bad-request",
      `start must be one of ${STARTS.join(" ")}`,
    );
  }
  return {
    start: known,
    burst: seconds(values, "burst"),
    wait: seconds(values, "wait") ?? 0,
  };
}

function parsePairs(pairs: readonly string[]): Values {
  const values = new Map<string, string>();
  for (const pair of pairs) {
    if (pair === "") continue;
    const split = pair.indexOf("=");
    if (split < 1) throw new Refusal("bad-request", "a key without a value");
    const key = pair.slice(0, split).replaceAll("-", "_");
    if (values.has(key)) {
      throw new Refusal("bad-request", "a key is given twice");
    }
    values.set(key, pair.slice(split + 1));
  }
  return values;
}

function wholeNumber(
  values: Values,
  key: string,
  most: number,
): number | undefined {
  const text = values.get(key);
  if (!text) return undefined;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(number <= most)) {
    throw new Refusal(
      "bad-request",
      `${key} must be a whole number up to ${most}`,
    );
  }
  return number;
}

function seconds(values: Values, key: string): number | undefined {
  const text = values.get(key);
  if (!text) return undefined;
  const number = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  if (!(number <= MAX_SECONDS)) {
    throw new Refusal(
      "bad-request",
      `${key} must be seconds up to ${MAX_SECONDS}`,
    );
  }
  return number;
}

/**
 * Writes a payload's text.
 *
 * @param verb The first word.
 * @param fields Keys and values in order; `undefined` values are left out.
 * @param separator What stands between a key's words: `-` in wire version 1, `_` in version 2.
 * @throws {RangeError} if a value holds a comma, which the wire cannot carry.
 */
export function formatRequest(
  verb: string,
  fields: Readonly<Record<string, string | number | undefined>>,
  separator: "-" | "_",
): string {
  let text = verb;
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (String(value).includes(",")) {
      throw new RangeError(
        `Cannot send ${key}: it holds a comma, which the protocol cannot carry`,
      );
    }
    text += `,${key.replaceAll("_", separator)}=${value}`;
  }
  return text;
}

/** The answer to a request that asked for one. */
export type Status =
  | { readonly ok: true; readonly values: ReadonlyMap<string, string> }
  | {
    readonly ok: false;
    readonly code: RefusalCode;
    readonly message: string;
  };

/**
 * Writes a status frame's text.
 *
 * @param refusal The refusal, or none for `ok`.
 * @param values Keys to tell along with `ok`.
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
 * Reads a status frame's text.
 *
 * @throws {SyntaxError} if it is none.
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
      "Cannot read the server's answer: it is no status frame",
    );
  }
  return { ok: false, code, message: values.get("message") ?? code };
}

/** Whether a payload's text asks for a status frame, also when nothing else of it can be read. */
export function wantsReply(text: string): boolean {
  return /,reply=1(?:,|$)/.test(text);
}
