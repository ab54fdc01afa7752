import { Refusal } from "../errors.ts";
import type { ChannelPath } from "../session/channel_path.ts";
import type { NodeAnswer, WebContext } from "./context.ts";
import { type AudienceQuery } from "./audience_json.ts";
import {
  type ChannelDetailJson,
  type ManagedChannelJson,
} from "./managed_json.ts";
import { type Manager, requireManaged } from "./manager.ts";
import { mergedChannels, mergedDetail } from "./merged_channels.ts";
import { answerNode, type NodeQuestion } from "./node_answers.ts";

/** What asking takes. */
export type ManagedContext = Pick<
  WebContext,
  "hub" | "isListed" | "links" | "logger" | "cluster"
>;

/** What this server and the others know; without others, `unanswered` is `undefined`. */
export interface Known {
  /** What they answered. */
  readonly answers: readonly NodeAnswer[];
  /** Names of those that did not answer in time. */
  readonly unanswered: readonly string[] | undefined;
}

/** Asks this server, and the others where there are any. */
export async function askAll(
  context: ManagedContext,
  question: NodeQuestion,
): Promise<Known> {
  const { cluster } = context;
  const answer = answerNode(context, { ...question });
  const own = { node: cluster?.node, answer };
  const others = await cluster?.ask(question);
  const answers = answer === undefined ? [] : [own];
  return {
    answers: [...answers, ...others?.answers ?? []],
    unanswered: others?.unanswered,
  };
}

/** The channels that a manager sees, at all servers. */
export async function managedChannels(
  context: ManagedContext,
  { user, isAdmin }: Manager,
): Promise<{ channels: ManagedChannelJson[]; unanswered?: readonly string[] }> {
  const question = isAdmin ? {} : { user };
  const known = await askAll(context, { ask: "channels", ...question });
  return { channels: mergedChannels(known.answers), ...silence(known) };
}

/**
 * One of them with its watchers, at all servers.
 *
 * @throws {Refusal} `forbidden` for another user's channel, `not-live` when there is none.
 */
export async function managedDetail(
  context: ManagedContext,
  manager: Manager,
  path: ChannelPath,
  query: AudienceQuery,
): Promise<ChannelDetailJson> {
  requireManaged(manager, path);
  const { user, channel } = path;
  const question = { ask: "channel", user, channel, ...query } as const;
  const known = await askAll(context, question);
  const found = mergedDetail(known.answers, query);
  if (!found) throw notLive();
  return { ...found, ...silence(known) };
}

/**
 * Ends a channel where its broadcaster is.
 *
 * @returns How many watched it.
 * @throws {Refusal} As {@linkcode managedDetail}.
 */
export async function endChannel(
  context: ManagedContext,
  manager: Manager,
  path: ChannelPath,
): Promise<number> {
  requireManaged(manager, path);
  const { user, channel } = path;
  const { hub, cluster } = context;
  const found = hub.find(user, channel);
  const watchers = (found?.watchers ?? 0) +
    (cluster?.watchersOf(user, channel) ?? 0);
  const question = { ask: "end", user, channel, by: manager.user } as const;
  const { answers } = await askAll(context, question);
  if (answers.length > 0) return watchers;
  if (!found) throw notLive();
  const why = "the server with its broadcaster does not answer";
  throw new Refusal("busy", why);
}

/**
 * Disconnects a watcher, at whichever server.
 *
 * @returns Whether there is one with that number.
 * @throws {Refusal} As {@linkcode managedDetail}.
 */
export async function kickWatcher(
  context: ManagedContext,
  manager: Manager,
  path: ChannelPath,
  watcher: number,
): Promise<boolean> {
  requireManaged(manager, path);
  const { user, channel } = path;
  const by = manager.user;
  const own = { ask: "kick", user, channel, watcher, by } as const;
  const { answers } = await askAll(context, own);
  if (answers.length > 0) return true;
  // Whether the channel is live anywhere is asked for last: as a rule there is such a watcher.
  await managedDetail(context, manager, path, { sort: "lag", limit: 0 });
  return false;
}

function silence(
  { unanswered }: Known,
): { unanswered?: readonly string[] } {
  return unanswered === undefined ? {} : { unanswered };
}

function notLive(): Refusal {
  return new Refusal("not-live", "the channel is not live");
}
