import { nameProblem } from "../auth/users/names.ts";
import type { Channel } from "../hub/channel.ts";
import type { WebContext } from "./context.ts";
import { type AudienceQuery, WATCHER_ORDERS } from "./audience_json.ts";
import {
  type ChannelDetailJson,
  channelDetailJson,
  type ManagedChannelJson,
  managedChannelJson,
} from "./managed_json.ts";

/** Watchers that one server tells of at most: a thousand are 250 KB. */
export const MAX_AUDIENCE = 1000;

/** What a server asks the others, once it has found that the user may. */
export type NodeQuestion =
  /** The channels of a user, or of all users. */
  | { readonly ask: "channels"; readonly user?: string }
  /** How often the links of a user, or of all users, were used. */
  | { readonly ask: "links"; readonly user?: string }
  /** One channel and those who watch it. */
  | (ChannelOfQuestion & AudienceQuery & { readonly ask: "channel" })
  /** Disconnects a watcher. */
  | (ChannelOfQuestion & {
    readonly ask: "kick";
    readonly watcher: number;
    readonly by: string;
  })
  /** Ends a channel. */
  | (ChannelOfQuestion & { readonly ask: "end"; readonly by: string });

/** Which channel a question is about. */
export interface ChannelOfQuestion {
  /** Whose channel. */
  readonly user: string;
  /** The channel. */
  readonly channel: string;
}

/** A channel as one server has it. */
export interface PlacedChannel<T extends ManagedChannelJson> {
  /** Whether its broadcaster is there; otherwise it is fed from another server. */
  readonly isOwner: boolean;
  /** What that server knows of it. */
  readonly channel: T;
}

/** What answering takes. */
export type NodeContext = Pick<
  WebContext,
  "hub" | "isListed" | "links" | "logger"
>;

/**
 * Answers what a server asks about the channels of this one: another server, or this one itself.
 *
 * @param question As it came over the network.
 * @returns `undefined` when there is nothing to say.
 */
export function answerNode(
  context: NodeContext,
  question: Readonly<Record<string, unknown>>,
): unknown {
  const { ask, user, channel: name, by } = question;
  if (ask === "channels") return channelsOf(context, user);
  if (ask === "links" && (user === undefined || typeof user === "string")) {
    return context.links.of(user);
  }
  if (typeof user !== "string" || typeof name !== "string") return undefined;
  const channel = context.hub.find(user, name);
  if (!channel) return undefined;
  if (ask === "channel") return detailOf(context, channel, question);
  // It becomes part of a reason, which is logged and sent to peers.
  if (typeof by !== "string" || nameProblem(by) !== undefined) return undefined;
  if (ask === "kick") return kick(context, channel, question.watcher, by);
  return ask === "end" ? end(context, channel, by) : undefined;
}

function channelsOf(
  { hub, isListed }: NodeContext,
  user: unknown,
): PlacedChannel<ManagedChannelJson>[] {
  return hub.channels()
    .filter((channel) => user === undefined || channel.user === user)
    .map((channel) => ({
      isOwner: !channel.isRemote,
      channel: managedChannelJson(channel, isListed),
    }));
}

function detailOf(
  { isListed }: NodeContext,
  channel: Channel,
  { sort, limit }: Readonly<Record<string, unknown>>,
): PlacedChannel<ChannelDetailJson> | undefined {
  if (typeof sort !== "string" || !WATCHER_ORDERS.includes(sort)) {
    return undefined;
  }
  const most = typeof limit === "number" ? Math.max(limit, 0) : 0;
  const query = { sort, limit: Math.min(most, MAX_AUDIENCE) };
  return {
    isOwner: !channel.isRemote,
    channel: channelDetailJson(channel, isListed, query),
  };
}

function kick(
  { logger }: NodeContext,
  channel: Channel,
  id: unknown,
  by: string,
): { kicked: true } | undefined {
  if (typeof id !== "number") return undefined;
  const reason = `disconnected by ${by}`;
  const watcher = channel.audience.values().find((each) => each.id === id);
  watcher?.kick(reason);
  if (watcher) return { kicked: true };
  if (!channel.hlsAudience.kick(id, reason)) return undefined;
  const { user, name } = channel;
  const who = { user, channel: name, protocol: "hls", watcher: id };
  logger.log("watch-kick", { ...who, reason });
  return { kicked: true };
}

/** A channel that is fed from another server is ended there: here it would be fed again. */
function end(
  { hub }: NodeContext,
  { user, name, isRemote }: Channel,
  by: string,
): { ended: true } | undefined {
  if (isRemote) return undefined;
  hub.endChannel(user, name, `ended by ${by}`);
  return { ended: true };
}
