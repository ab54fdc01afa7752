/**
 * Servers that share their channels over NATS: each takes any broadcast and serves any watcher. It is loaded only by a
 * server with `nats`, as a script of its own, and so imports nothing but types from other modules.
 *
 * @module
 */

import type { Elsewhere } from "../hub/elsewhere.ts";
import type { Buses } from "./bus.ts";
import type { ClusterContext } from "./context.ts";
import { type ClusterCounts, zeroCounts } from "./counts.ts";
import { EventExchange, type OwnEvents } from "./event_exchange.ts";
import type { Fields } from "./json.ts";
import { KeyExchange, type OwnSigner } from "./key_exchange.ts";
import { LinkExchange, type OwnLinks } from "./link_exchange.ts";
import { NatsBus } from "./nats_bus.ts";
import { type NatsSettings, prefixOf } from "./nats_settings.ts";
import { Ownership } from "./ownership.ts";
import { type Answers, Questions } from "./questions.ts";
import { type OwnNode, Roster } from "./roster.ts";
import { Subjects } from "./subjects.ts";
import { exchangeTokens, type OwnTokens } from "./token_exchange.ts";

export { probeNats } from "./probe_nats.ts";

/** Milliseconds that a node waits until others have taken its broadcasts over, when it shuts down. */
const DRAIN_MS = 1500;

/** Milliseconds between two looks whether they have. */
const DRAIN_LOOK_MS = 20;

/** What a cluster needs of its server. */
export interface ClusterParts extends
  Pick<
    ClusterContext,
    "hub" | "logger" | "now" | "trackerFor" | "entryOf" | "sameSecret"
  > {
  /** What the other nodes are told of this one. */
  readonly own: OwnNode;
  /** This node's tokens. */
  readonly tokens: OwnTokens;
  /** Redeems one of them, for a user who may broadcast. */
  readonly redeem: (user: string, token: string) => Promise<boolean>;
  /** What signs this node's addresses. */
  readonly signer: OwnSigner;
  /** This node's links to watch. */
  readonly links: OwnLinks;
  /** What happens at this node, and who follows it here. */
  readonly events: OwnEvents;
  /** Answers a question of another node; `undefined` for nothing to say. */
  readonly answer: (question: Fields) => unknown;
}

/** How a node is connected, for health and metrics. */
export interface ClusterStatus {
  /** Whether both connections to NATS work. */
  readonly isConnected: boolean;
  /** The other nodes. */
  readonly nodes: number;
  /** Channels that are fed from other nodes. */
  readonly feeds: number;
  /** Channels that are sent to other nodes. */
  readonly outlets: number;
  /** What was counted. */
  readonly counts: Readonly<ClusterCounts>;
}

/** A server's part in a cluster. */
export interface Cluster extends AsyncDisposable {
  /** What lists call this node. */
  readonly name: string;
  /** What the hub asks. */
  readonly elsewhere: Elsewhere;
  /** How it is. */
  readonly status: ClusterStatus;
  /** Where clients reach the other nodes, for those that leave this one. */
  readonly addresses: readonly string[];
  /** What lists show of the channels that other nodes receive. */
  listings(): readonly Fields[];
  /** Asks every other node; resolves when all have answered, or after a moment. */
  ask(question: Fields): Promise<Answers>;
  /** Called several times a second. */
  tick(): void;
  /** Hands the broadcasts of this node over to others; resolves when that is done, or takes too long. */
  drain(): Promise<void>;
}

/**
 * Joins a cluster; NATS is connected to in the background, and again whenever a connection breaks.
 *
 * @throws {SyntaxError} When there are credentials that cannot be used.
 */
export function startCluster(
  settings: NatsSettings,
  parts: ClusterParts,
): Cluster {
  const node = newNode();
  const counts = zeroCounts();
  const buses = connect(settings, parts, counts);
  const subjects = new Subjects(prefixOf(settings));
  const context: ClusterContext = { ...parts, node, buses, subjects, counts };
  const own = { ...parts.own, name: parts.own.name || node };
  const roster = new Roster(context, own, (live) => ownership.hear(live));
  const ownership = new Ownership(context, roster);
  const endTokens = exchangeTokens(context, parts.tokens, parts.redeem);
  const keys = new KeyExchange(context, parts.signer);
  const links = new LinkExchange(context, parts.links);
  const events = new EventExchange(context, own.name, parts.events);
  const questions = new Questions(context, () => roster.nodes, parts.answer);
  return {
    name: own.name,
    elsewhere: ownership,
    get status(): ClusterStatus {
      return statusOf(context, ownership, roster);
    },
    get addresses(): readonly string[] {
      return roster.nodes.map(({ address }) => address).filter(Boolean);
    },
    listings: () =>
      roster.listings((user, channel) =>
        parts.hub.find(user, channel)?.watchers ?? 0
      ),
    ask: (question) => questions.ask(question),
    tick: () => {
      ownership.tick();
      roster.tick(ownership);
      links.tick();
      keys.tick();
      events.tick();
    },
    drain: () => drain(ownership, roster, buses),
    async [Symbol.asyncDispose](): Promise<void> {
      endTokens();
      questions.close();
      links.close();
      keys.close();
      events.close();
      ownership.close();
      roster.close();
      await Promise.all([buses.control.close(), buses.media.close()]);
    },
  };
}

/** An id that no other node has. */
function newNode(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}

function connect(
  settings: NatsSettings,
  { logger, own }: ClusterParts,
  counts: ClusterCounts,
): Record<keyof Buses, NatsBus> {
  const connected = { control: false, media: false };
  let problem = "";
  const changed = (isConnected: boolean, detail: string): void => {
    if (isConnected && connected.control && connected.media) {
      logger.log("cluster-up", { nats: detail });
      problem = "";
    }
    // One line for both connections, which are of one server as a rule.
    if (isConnected || detail === problem) return;
    logger.log("cluster-down", { reason: detail });
    problem = detail;
  };
  const open = (name: keyof Buses): NatsBus => {
    let wasConnected = false;
    return new NatsBus(settings, `fstream ${own.name} ${name}`, {
      onChange: (isConnected, detail) => {
        if (isConnected && wasConnected) counts.reconnects++;
        wasConnected ||= isConnected;
        connected[name] = isConnected;
        changed(isConnected, detail);
      },
      onForbidden: (reason) => logger.log("cluster-error", { reason }),
    });
  };
  return { control: open("control"), media: open("media") };
}

function statusOf(
  { buses: { control, media }, counts }: ClusterContext,
  ownership: Ownership,
  roster: Roster,
): ClusterStatus {
  return {
    isConnected: control.isConnected && media.isConnected,
    nodes: roster.nodes.length,
    feeds: ownership.feeds.length,
    outlets: ownership.outlets,
    counts,
  };
}

async function drain(
  ownership: Ownership,
  roster: Roster,
  { control }: Buses,
): Promise<void> {
  if (!control.isConnected || roster.nodes.length === 0) return;
  ownership.drain("the server is shutting down");
  const until = performance.now() + DRAIN_MS;
  while (ownership.owned.length > 0 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
  }
}
