import { parseBitRate, parseCount, parseSwitch } from "../../config/values.ts";
import type { AuthRequest, UserSettings } from "../authenticate.ts";
import { channelProblem } from "../users/names.ts";

/** What a user's file allows on one channel; what it does not set is the server's to say. */
export interface ChannelLimits {
  /** Channels that the user may have on the air at a time. */
  readonly channels: number | undefined;
  /** Watchers of the channel. */
  readonly watchers: number | undefined;
  /** Bits per second that he may send on it, over some seconds. */
  readonly bitRate: number | undefined;
}

/** No limit but the server's own. */
export const NO_LIMITS: ChannelLimits = {
  channels: undefined,
  watchers: undefined,
  bitRate: undefined,
};

/** What may be set, and what reads it; each throws `SyntaxError` with what it expects. */
export const RIGHT_READERS: Readonly<
  Record<string, (text: string) => unknown>
> = {
  enabled: parseSwitch,
  channels: parseChannels,
  "max_channels": parseCount,
  "max_watchers": parseCount,
  "max_bit_rate": parseBitRate,
};

/** Names of channels, several with commas. */
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

function valuesFor(
  rights: UserSettings,
  channel: string | undefined,
): ReadonlyMap<string, string> {
  const section = channel === undefined
    ? undefined
    : rights.channels.get(channel);
  return section ?? rights.values;
}

/**
 * Tells why a user may not do what he asks for, although he is who he says.
 *
 * @param rights The user's settings.
 * @param request What he asks for; the channel of a token does not count.
 * @returns The reason for the log, or `undefined` when he may.
 * @throws {SyntaxError} If a setting cannot be read.
 */
export function rightProblem(
  rights: UserSettings,
  { verb, channel }: Pick<AuthRequest, "verb" | "channel">,
): string | undefined {
  const values = valuesFor(rights, verb === "token" ? undefined : channel);
  if (!parseSwitch(values.get("enabled") ?? "true")) {
    return "the user's file says enabled=false";
  }
  const channels = rights.values.get("channels");
  const named = channels === undefined || verb === "token" ||
    parseChannels(channels).includes(channel);
  return named ? undefined : "the user's file does not name the channel";
}

/**
 * The limits of one channel: its section's, or else the user's own.
 *
 * @param rights The user's settings.
 * @param channel The channel; `undefined` stands for all that have no section.
 * @throws {SyntaxError} If one cannot be read.
 */
export function channelLimits(
  rights: UserSettings,
  channel?: string,
): ChannelLimits {
  const values = valuesFor(rights, channel);
  return {
    channels: read(rights.values, "max_channels", parseCount),
    watchers: read(values, "max_watchers", parseCount),
    bitRate: read(values, "max_bit_rate", parseBitRate),
  };
}

function read(
  values: ReadonlyMap<string, string>,
  key: string,
  parse: (text: string) => number,
): number | undefined {
  const text = values.get(key);
  return text === undefined ? undefined : parse(text);
}
