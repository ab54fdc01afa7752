import { parseSeconds } from "../../config/values.ts";
import type { UserSettings } from "../authenticate.ts";
import { RIGHT_READERS } from "./permissions.ts";

/** What a user's file says of one channel. */
export interface ChannelSettings {
  /** Seconds of media that watchers who do not say are sent at once. */
  readonly burst: number | undefined;
}

/** What may be set, and what reads it; each throws `SyntaxError` with what it expects. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  burst: parseSeconds,
  ...RIGHT_READERS,
};

/**
 * Tells what is wrong with a value of a user's file, and never what it is: a line that is indented by
 * mistake belongs to the value above it, and may be the one with the password.
 *
 * @returns `undefined` when nothing is, or when the key is none of ours.
 */
export function settingProblem(key: string, value: string): string | undefined {
  try {
    if (Object.hasOwn(READERS, key)) READERS[key]!(value);
    return undefined;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return `${key} ${problem.replace(/, not ".*"$/s, "")}`;
  }
}

/**
 * The settings of one channel: its section's, or else the user's own.
 *
 * @param rights The user's settings, whose values have been checked.
 * @param channel The channel.
 */
export function channelSettings(
  rights: UserSettings | undefined,
  channel: string,
): ChannelSettings {
  const values = rights?.channels.get(channel) ?? rights?.values;
  const burst = values?.get("burst");
  return { burst: burst === undefined ? undefined : parseSeconds(burst) };
}
