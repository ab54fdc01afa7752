import type { LingerTime, MaxLag } from "../../config/values.ts";
import type { AuthRequest, UserSettings } from "../authenticate.ts";
import { type ReadSettings, readSettings, settingOf } from "./settings.ts";

/** What is asked of the server as a whole, whatever channel the request carries. */
const WITHOUT_CHANNEL: readonly AuthRequest["verb"][] = ["token", "manage"];

/** What a user's file allows on one channel; what it does not set is the server's to say. */
export interface ChannelLimits {
  /** Channels that the user may have live or held at a time. */
  readonly channels: number | undefined;
  /** Watchers of the channel. */
  readonly watchers: number | undefined;
  /** Bits per second of a broadcast, over some seconds. */
  readonly bitRate: number | undefined;
}

/** No limit but the server's own. */
export const NO_LIMITS: ChannelLimits = {
  channels: undefined,
  watchers: undefined,
  bitRate: undefined,
};

/** What a user's file says about serving one channel. */
export interface ChannelSettings {
  /** Seconds of media that watchers that do not say are sent at once. */
  readonly burst: number | undefined;
  /** How long small pieces may wait for more. */
  readonly linger: LingerTime | undefined;
  /** How far a watcher may lag before it skips. */
  readonly maxLag: MaxLag | undefined;
}

/**
 * Why a user may not do what is asked for, although the sign-in was right.
 *
 * @param request What is asked for; the channel does not count where none is asked for.
 * @returns The reason for the log, or `undefined` when it is permitted.
 * @throws {SyntaxError} If a setting cannot be read.
 */
export function permissionProblem(
  settings: UserSettings,
  { verb, channel }: Pick<AuthRequest, "verb" | "channel">,
): string | undefined {
  const isOfNone = WITHOUT_CHANNEL.includes(verb);
  const section = isOfNone ? undefined : channel;
  const read = readSettings(settings);
  if (settingOf(read, section, "enabled") === false) {
    return "the user's file says enabled=false";
  }
  const channels = settingOf(read, undefined, "channels");
  const named = channels === undefined || isOfNone ||
    channels.includes(channel);
  return named ? undefined : "the user's file does not name the channel";
}

/** Whether a user may see and steer the channels of all users, by settings whose values have been checked. */
export function isAdmin(settings: UserSettings | undefined): boolean {
  return settings !== undefined &&
    settingOf(readSettings(settings), undefined, "admin") === true;
}

/** The limits of one channel. */
export function channelLimits(
  settings: ReadSettings,
  channel: string,
): ChannelLimits {
  return {
    channels: settingOf(settings, channel, "max_channels"),
    watchers: settingOf(settings, channel, "max_watchers"),
    bitRate: settingOf(settings, channel, "max_bit_rate"),
  };
}

/** How one channel is served, by settings whose values have been checked. */
export function channelSettings(
  settings: UserSettings | undefined,
  channel: string,
): ChannelSettings {
  if (!settings) {
    return { burst: undefined, linger: undefined, maxLag: undefined };
  }
  const read = readSettings(settings);
  return {
    burst: settingOf(read, channel, "burst"),
    linger: settingOf(read, channel, "linger"),
    maxLag: settingOf(read, channel, "max_lag"),
  };
}
