import {
  type LingerTime,
  type MaxLag,
  parseBitRate,
  parseCount,
  parseLinger,
  parseMaxLag,
  parseSeconds,
  parseSwitch,
} from "../../config/values.ts";
import type { UserSettings } from "../authenticate.ts";
import { channelProblem } from "../users/names.ts";

/** What a user's file may set for the user and in each `[channel NAME]`, as it is once read. */
export interface SettingValues {
  /** Whether the user may broadcast. */
  readonly enabled: boolean;
  /** Names of the channels that the user may use. */
  readonly channels: readonly string[];
  /** Channels that the user may have live or held at a time. */
  readonly "max_channels": number;
  /** Watchers of the channel. */
  readonly "max_watchers": number;
  /** Bits per second of a broadcast, over some seconds. */
  readonly "max_bit_rate": number;
  /** Seconds of media that watchers that do not say are sent at once. */
  readonly burst: number;
  /** How long small pieces of the channel may wait for more. */
  readonly linger: LingerTime;
  /** How far a watcher of the channel may lag before it skips. */
  readonly "max_lag": MaxLag;
  /** Whether the channel is shown in lists and metrics. */
  readonly listed: boolean;
  /** Whether the user sees and steers the channels of all users. */
  readonly admin: boolean;
}

/** A key of a user's file. */
export type SettingKey = keyof SettingValues;

/** What reads each value; each throws `SyntaxError` with what it expects. A new key is one more row. */
const READERS: {
  readonly [K in SettingKey]: (text: string) => SettingValues[K];
} = {
  enabled: parseSwitch,
  channels: parseChannels,
  "max_channels": parseCount,
  "max_watchers": parseCount,
  "max_bit_rate": parseBitRate,
  burst: parseSeconds,
  linger: parseLinger,
  "max_lag": parseMaxLag,
  listed: parseSwitch,
  admin: parseSwitch,
};

/** Every key of a user's file except the password's. */
export const SETTING_KEYS: readonly string[] = Object.keys(READERS);

/** Settings that are the user's alone: a `[channel NAME]` does not change them. */
const OF_USER: readonly string[] = ["channels", "max_channels", "admin"];

function isKey(key: string): key is SettingKey {
  return Object.hasOwn(READERS, key);
}

function parseChannels(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    const problem = channelProblem(name);
    if (problem === undefined) continue;
    throw new SyntaxError(
      `expects channels with commas between; one ${problem}`,
    );
  }
  return names;
}

/**
 * What is wrong with a value of a user's file; never the value itself, for a line that is indented by
 * mistake belongs to the value above it, and may be the one with the password.
 *
 * @returns `undefined` when nothing is, or when the key is not in the table.
 */
export function settingProblem(key: string, value: string): string | undefined {
  try {
    if (isKey(key)) READERS[key](value);
    return undefined;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return `${key} ${problem.replace(/, not ".*"$/s, "")}`;
  }
}

/** The settings of a user or a channel that are set, read. */
export type ReadValues = { -readonly [K in SettingKey]?: SettingValues[K] };

/** A user's settings, read. */
export interface ReadSettings {
  /** Settings of the user. */
  readonly values: Readonly<ReadValues>;
  /** Settings by channel name, with the user's own where the channel sets nothing else. */
  readonly channels: ReadonlyMap<string, Readonly<ReadValues>>;
}

/**
 * Reads all of a user's settings.
 *
 * @throws {SyntaxError} If a value cannot be read.
 */
export function readSettings(settings: UserSettings): ReadSettings {
  const channels = new Map<string, Readonly<ReadValues>>();
  for (const [channel, values] of settings.channels) {
    channels.set(channel, readValues(values));
  }
  return { values: readValues(settings.values), channels };
}

function readValues(texts: ReadonlyMap<string, string>): ReadValues {
  const values: ReadValues = {};
  for (const [key, text] of texts) if (isKey(key)) readInto(values, key, text);
  return values;
}

function readInto<K extends SettingKey>(
  values: ReadValues,
  key: K,
  text: string,
): void {
  values[key] = READERS[key](text);
}

/**
 * One setting of a channel: its section's, or else the user's own.
 *
 * @param channel The channel; `undefined` stands for all without a section.
 * @returns `undefined` where nothing is set.
 */
export function settingOf<K extends SettingKey>(
  { values, channels }: ReadSettings,
  channel: string | undefined,
  key: K,
): SettingValues[K] | undefined {
  const section = channel === undefined || OF_USER.includes(key)
    ? undefined
    : channels.get(channel);
  return (section ?? values)[key];
}
