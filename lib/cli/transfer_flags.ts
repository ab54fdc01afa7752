import { parseSeconds, parseSize } from "../config/values.ts";
import { UsageError } from "../errors.ts";
import type { Flag } from "./flag_table.ts";

/** Seconds without progress for which a client reconnects: longer than most machines take to start again. */
const DEFAULT_RECONNECT_S = 300;

/** Bytes that a broadcast keeps: eight seconds at 8 Mbit/s, and what a server keeps for its watchers. */
const DEFAULT_RETAIN_BYTES = 8 * 1024 * 1024;

/** Bytes that a broadcast must be able to keep: servers acknowledge every 512 KiB, and before only once a second. */
const MIN_RETAIN_BYTES = 1024 * 1024;

/** Bytes that a broadcast may keep: what is allocated at once. */
const MAX_RETAIN_BYTES = 1024 * 1024 * 1024;

const RECONNECT: Flag = {
  name: "reconnect",
  placeholder: "TIME|off",
  about: "how long to reconnect without progress (default 5m)",
};

const REPORT: Flag = {
  name: "report",
  placeholder: "text|json",
  about: "summary at the end (default text)",
};

/** The flags of `watch` for a stream that survives its connections. */
export const WATCH_FLAGS: readonly Flag[] = [
  RECONNECT,
  {
    name: "on-loss",
    placeholder: "continue|fail",
    about: "what to do when bytes are lost (default continue)",
  },
  REPORT,
];

/** The flags of `broadcast` for a stream that survives its connections. */
export const BROADCAST_FLAGS: readonly Flag[] = [
  RECONNECT,
  {
    name: "retain",
    placeholder: "SIZE",
    about: "keep so much until the server has it (default 8M)",
  },
  REPORT,
];

/** Values of flags by name. */
export type FlagValues = ReadonlyMap<string, string>;

/**
 * Reads `--reconnect`.
 *
 * @returns Milliseconds; 0 for never.
 * @throws {UsageError} For what is neither a time nor `off`.
 */
export function readReconnect(values: FlagValues): number {
  const text = values.get("reconnect");
  if (text === undefined) return DEFAULT_RECONNECT_S * 1000;
  if (text === "off") return 0;
  return valueOf("reconnect", text, parseSeconds) * 1000;
}

/**
 * Reads `--retain`.
 *
 * @returns Bytes.
 * @throws {UsageError} For what is no size, or none that can be kept.
 */
export function readRetain(values: FlagValues): number {
  const text = values.get("retain");
  if (text === undefined) return DEFAULT_RETAIN_BYTES;
  const bytes = valueOf("retain", text, parseSize);
  if (bytes >= MIN_RETAIN_BYTES && bytes <= MAX_RETAIN_BYTES) return bytes;
  throw new UsageError(`--retain expects 1M to 1G, not "${text}"`);
}

/**
 * Reads `--on-loss`.
 *
 * @returns Whether lost bytes end the command.
 * @throws {UsageError} For another word.
 */
export function readFailOnLoss(values: FlagValues): boolean {
  return choiceOf("on-loss", values, ["continue", "fail"]) === "fail";
}

/**
 * Reads `--report`.
 *
 * @returns Whether the summary is JSON.
 * @throws {UsageError} For another word.
 */
export function readReportJson(values: FlagValues): boolean {
  return choiceOf("report", values, ["text", "json"]) === "json";
}

function choiceOf(
  name: string,
  values: FlagValues,
  words: readonly [string, string],
): string {
  const word = values.get(name) ?? words[0];
  if (words.includes(word)) return word;
  throw new UsageError(
    `--${name} expects ${words.join(" or ")}, not "${word}"`,
  );
}

function valueOf(
  name: string,
  text: string,
  parse: (text: string) => number,
): number {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`--${name} ${error.message}`);
  }
}
