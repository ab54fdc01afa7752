/**
 * The text of a request frame: `verb,key=value,key=value…`.
 *
 * @module
 */

import { Refusal } from "../errors.ts";
import { parsePosition, type Position } from "./position.ts";

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
  /** Whether the stream is framed, which implies `reply`. */
  readonly frames: boolean;
}

/** A request to broadcast on a channel. */
export interface BroadcastRequest extends RequestBase {
  /** What is asked for. */
  readonly verb: "broadcast";
  /** Which of the user's channels. */
  readonly channel: string;
  /** The password that watchers must give; empty for none. */
  readonly channelPassword: string;
  /** A one-time token instead of the password. */
  readonly token: string | undefined;
  /** Record size in bytes, 0 when the stream has no records; joiners start at a multiple of it. */
  readonly bufsize: number;
  /** Name of the container, which overrides detection. */
  readonly format: string | undefined;
  /** Seconds that watchers are held after a clean end. */
  readonly hold: number;
  /** The secret of a broadcast that is to be continued after its connection broke. */
  readonly resume: string | undefined;
  /** Where an earlier broadcast stopped, on a server that no longer has it, if this one continues from there. */
  readonly continues: Position | undefined;
}

/** A request to watch a channel. */
export interface WatchRequest extends RequestBase {
  /** What is asked for. */
  readonly verb: "watch";
  /** Which of the user's channels. */
  readonly channel: string;
  /** The channel's password; empty for none. */
  readonly channelPassword: string;
  /** Where to start. */
  readonly start: Start;
  /** Seconds of media to send at once; `undefined` leaves it to the channel. */
  readonly burst: number | undefined;
  /** Seconds to wait for a channel that is not live yet. */
  readonly wait: number;
  /** Where an earlier connection stopped, if the watcher continues one. */
  readonly resume: Position | undefined;
}

/** A request for a one-time token. */
export interface TokenRequest extends RequestBase {
  /** What is asked for. */
  readonly verb: "token";
}

/** Any request. */
export type ClientRequest = BroadcastRequest | WatchRequest | TokenRequest;

/** The channel of a request that names none. */
export const DEFAULT_CHANNEL = "default";

/** Seconds: the longest wait, burst or hold that a peer may ask for, one day. */
export const MAX_SECONDS = 86_400;

/** Bytes: the largest record. Half of the default backlog, so that the start of a record is kept. */
export const MAX_BUFSIZE = 4 * 1024 * 1024;

/**
 * Reads the text of a request frame.
 *
 * @param text `verb,key=value,key=value…`. A value ends at the next comma and may hold `=`; nothing is
 * escaped; `-` and `_` in keys are the same; unknown keys are ignored.
 * @throws {Refusal} `bad-request` for an unknown verb, a duplicate key, a missing user or a malformed
 * number.
 */
export function parseRequest(text: string): ClientRequest {
  const [verb = "", ...pairs] = text.split(",");
  return requestFrom(verb, parsePairs(pairs));
}

/**
 * Makes a request from its keys, whatever protocol carried them.
 *
 * @param verb The first word.
 * @param values The keys, with `_` between their words.
 * @throws {Refusal} `bad-request` for an unknown verb, a missing user or a malformed number.
 */
export function requestFrom(
  verb: string,
  values: ReadonlyMap<string, string>,
): ClientRequest {
  if (verb !== "broadcast" && verb !== "watch" && verb !== "token") {
    // The word itself is not logged: a request that forgot its verb begins with a password.
    throw new Refusal("bad-request", "unknown verb");
  }
  const user = values.get("user");
  if (!user) throw new Refusal("bad-request", "the user is missing");
  const base = {
    user,
    userPassword: values.get("user_password"),
    reply: values.get("reply") === "1" || values.get("frames") === "1",
    frames: values.get("frames") === "1",
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
): Pick<
  BroadcastRequest,
  "token" | "bufsize" | "format" | "hold" | "resume" | "continues"
> {
  return {
    token: values.get("token"),
    bufsize: wholeNumber(values, "bufsize", MAX_BUFSIZE) ?? 0,
    format: values.get("format") || undefined,
    hold: seconds(values, "hold") ?? 0,
    resume: values.get("resume"),
    continues: position(values, "continues"),
  };
}

function watchKeys(
  values: Values,
): Pick<WatchRequest, "start" | "burst" | "wait" | "resume"> {
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
    resume: position(values, "resume"),
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
      throw new Refusal("bad-request", "duplicate key");
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

function position(values: Values, key: string): Position | undefined {
  const text = values.get(key);
  if (!text) return undefined;
  const found = parsePosition(text);
  if (found) return found;
  throw new Refusal("bad-request", `${key} must be ID:OFFSET`);
}

/**
 * Writes the text of a request frame.
 *
 * @param verb The first word.
 * @param fields Keys and values in order; `undefined` values are left out.
 * @param separator Between the words of a key: `-` in version 1, `_` in version 2.
 * @throws {RangeError} if a value contains a comma, which the protocol cannot carry.
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
        `Cannot send ${key}: it contains a comma, which the protocol cannot carry`,
      );
    }
    text += `,${key.replaceAll("_", separator)}=${value}`;
  }
  return text;
}

/** Whether the text asks for a status frame, even if nothing else in it is valid. */
export function wantsReply(text: string): boolean {
  return /,(?:reply|frames)=1(?:,|$)/.test(text);
}
