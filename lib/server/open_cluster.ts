import { secretsEqual } from "../auth/passwords/secrets.ts";
import type { LinkStore } from "../auth/link_store.ts";
import type { TokenStore } from "../auth/token_store.ts";
import { readAuthorities } from "../client/connect.ts";
import type * as ClusterModule from "../cluster/cluster.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { NatsSettings } from "../cluster/nats_settings.ts";
import type { Config } from "../config/config.ts";
import { messageOf, UsageError } from "../errors.ts";
import type { UrlSigner } from "../hls/url_signer.ts";
import { entryOf } from "../hub/entry_point.ts";
import type { Hub } from "../hub/hub.ts";
import type { Logger } from "../logger.ts";
import { trackerFor } from "../media/tracker_for.ts";
import { listing } from "../web/channels_json.ts";
import { answerNode } from "../web/node_answers.ts";
import type { EventFeed } from "../web/event_feed.ts";
import type { ClusterView } from "../web/context.ts";

/** Loads the part of the program that connects servers, which others do not need. */
export type LoadCluster = () => Promise<typeof ClusterModule>;

/** What a cluster is made of. */
export interface ClusterNeeds {
  /** The channels. */
  readonly hub: Hub;
  /** Takes events. */
  readonly logger: Logger;
  /** This server's tokens. */
  readonly tokens: TokenStore;
  /** What signs this server's addresses. */
  readonly signer: UrlSigner;
  /** This server's links to watch. */
  readonly links: LinkStore;
  /** What happens at this server, and who follows it here. */
  readonly events: EventFeed;
  /** Redeems one of them for another server. */
  readonly redeem: (user: string, token: string) => Promise<boolean>;
  /** Whether lists may name a channel. */
  readonly isListed: (user: string, channel: string) => boolean;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/**
 * Connects a server with others, if its settings say so.
 *
 * @param load As for `main` of the command line.
 * @throws {UsageError} When the program has no such part, or credentials or certificate authority cannot be used.
 */
export async function openCluster(
  config: Config,
  load: LoadCluster | undefined,
  { isListed, ...needs }: ClusterNeeds,
): Promise<Cluster | undefined> {
  if (config.nats.length === 0) return undefined;
  const settings = await natsSettings(config);
  const { startCluster } = await required(load)();
  needs.hub.totals.watchers = firstWatcher();
  try {
    return startCluster(settings, {
      ...needs,
      ...{ trackerFor, entryOf, sameSecret: secretsEqual },
      answer: (question) => answerNode({ ...needs, isListed }, question),
      own: {
        name: config.node,
        address: config.advertise,
        describe: (channel) =>
          isListed(channel.user, channel.name) ? listing(channel) : undefined,
      },
    });
  } catch (error) {
    throw credentialsErrorOf(config, error);
  }
}

/**
 * The number of a server's first watcher: a random number of millions, so that no two servers of a cluster have watchers
 * of the same number, and people can still tell those of one server apart.
 */
function firstWatcher(): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return (random >>> 8) * 1_000_000;
}

/** What pages and API tell of a cluster. */
export function clusterView(cluster: Cluster): ClusterView {
  return {
    node: cluster.name,
    ask: (question) => cluster.ask({ ...question }),
    isConnected: () => cluster.status.isConnected,
    listings: () => cluster.listings(),
    watchersOf: (user, channel) => cluster.elsewhere.watchersOf(user, channel),
  };
}

/**
 * Finds out whether a server could use its NATS.
 *
 * @returns What is wrong; `undefined` when nothing is.
 * @throws {UsageError} As {@linkcode openCluster}.
 */
export async function checkCluster(
  config: Config,
  load: LoadCluster | undefined,
): Promise<string | undefined> {
  const { probeNats } = await required(load)();
  try {
    return await probeNats(await natsSettings(config));
  } catch (error) {
    throw credentialsErrorOf(config, error);
  }
}

function credentialsErrorOf(
  { natsCredentials }: Config,
  error: unknown,
): unknown {
  if (!(error instanceof SyntaxError)) return error;
  return new UsageError(
    `Cannot use ${natsCredentials}: ${error.message}`,
    "name a NATS credentials file, or a file with the nkey seed of a user",
  );
}

function required(load: LoadCluster | undefined): LoadCluster {
  if (load) return load;
  throw new UsageError("nats is set, and this program was made without it");
}

async function natsSettings(
  { nats, natsCredentials, natsCa }: Config,
): Promise<NatsSettings> {
  return {
    urls: nats,
    credentials: await textOf(natsCredentials),
    ca: natsCa === undefined
      ? ""
      : (await readAuthorities({ ca: natsCa })).join(""),
  };
}

async function textOf(path: string | undefined): Promise<string> {
  if (path === undefined) return "";
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new UsageError(`Cannot read ${path}: ${messageOf(cause)}`);
  }
}
