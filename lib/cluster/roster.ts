import type { Channel } from "../hub/channel.ts";
import { type Announcement, keyOfAnnounced } from "./announcement.ts";
import type { ClusterContext } from "./context.ts";
import type { Fields } from "./json.ts";
import {
  encodeReport,
  type NodeReport,
  readReport,
  type ReportedChannel,
} from "./node_report.ts";
import type { Ownership } from "./ownership.ts";
import { keyOf } from "./subjects.ts";

/** Milliseconds between two reports. */
const REPORT_MS = 2000;

/** Milliseconds without a report after which a node counts as gone: three reports, and some. */
const GONE_MS = 7000;

/** Nodes that are remembered. */
const MAX_NODES = 1000;

/** Channels of a node that are remembered: twice as many as it has connections by default. */
export const MAX_CHANNELS = 20_000;

/** Another node. */
export interface RosterNode {
  /** Its name. */
  readonly name: string;
  /** Where clients reach it; empty where unknown. */
  readonly address: string;
}

interface KnownNode extends RosterNode {
  readonly heardAt: number;
  readonly channels: ReadonlyMap<string, ReportedChannel>;
}

/** What this node tells of itself. */
export interface OwnNode extends RosterNode {
  /** What lists show of a channel; `undefined` for one that they do not show. */
  readonly describe: (channel: Channel) => unknown;
}

/** Knows the other nodes and what they have, and tells them the same of this one. */
export class Roster {
  readonly #context: ClusterContext;
  readonly #own: OwnNode;
  readonly #nodes: Map<string, KnownNode> = new Map();
  /** Reports of which some messages are still to come. */
  readonly #partial: Map<string, NodeReport> = new Map();
  readonly #end: () => void;
  readonly #onLive: (live: Announcement) => void;
  #turn = 0;
  #reportedAt = -Infinity;

  /**
   * Listens to the other nodes.
   *
   * @param onLive Told of each broadcast that another node receives, live, in case an announcement was lost.
   */
  constructor(
    context: ClusterContext,
    own: OwnNode,
    onLive: (live: Announcement) => void,
  ) {
    this.#context = context;
    this.#own = own;
    this.#onLive = onLive;
    const { buses: { control }, subjects } = context;
    this.#end = control.subscribe(subjects.roster, ({ data }) => {
      const report = readReport(data);
      if (report && report.node !== context.node) this.#take(report);
    });
  }

  /** The other nodes. */
  get nodes(): readonly (RosterNode & { readonly id: string })[] {
    return [...this.#nodes].map(([id, node]) => ({ ...node, id }));
  }

  /** What lists show of the channels that other nodes receive, with the watchers of all nodes. */
  listings(localWatchers: (user: string, channel: string) => number): Fields[] {
    const found: Fields[] = [];
    for (const { name, channels } of this.#nodes.values()) {
      for (const { announcement, listing } of channels.values()) {
        if (!listing) continue;
        const { user, channel } = announcement;
        const watchers = this.watchersOf(user, channel) +
          localWatchers(user, channel);
        found.push({
          ...listing,
          ...{ user, channel, node: name },
          ...("watchers" in listing ? { watchers } : {}),
        });
      }
    }
    return found;
  }

  /** How many channels of a user other nodes receive, besides one. */
  channelsOf(user: string, besides: string): number {
    const keys = new Set<string>();
    const except = keyOf(user, besides);
    for (const { channels } of this.#nodes.values()) {
      for (const [key, { announcement, state }] of channels) {
        if (announcement.user !== user || state === "fed") continue;
        if (key !== except) keys.add(key);
      }
    }
    return keys.size;
  }

  /** How many watch a channel at other nodes. */
  watchersOf(user: string, channel: string): number {
    const key = keyOf(user, channel);
    let sum = 0;
    for (const { channels } of this.#nodes.values()) {
      sum += channels.get(key)?.watchers ?? 0;
    }
    return sum;
  }

  /** Called several times a second. */
  tick(ownership: Ownership): void {
    const now = this.#context.now();
    for (const [node, { heardAt }] of this.#nodes) {
      if (now - heardAt < GONE_MS) continue;
      this.#nodes.delete(node);
      this.#partial.delete(node);
    }
    if (now - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = now;
    this.#report(ownership);
  }

  /** Ends it. */
  close(): void {
    this.#end();
  }

  #report(ownership: Ownership): void {
    const { node, buses: { control }, subjects } = this.#context;
    const { name, address } = this.#own;
    const turn = this.#turn++;
    const channels = [...this.#owned(ownership), ...this.#fed(ownership)];
    for (
      const part of encodeReport({ node, name, address, turn, channels })
    ) control.publish(subjects.roster, part);
  }

  #owned({ owned }: Ownership): ReportedChannel[] {
    return owned.map(({ channel, announcement, isLive }) => ({
      announcement,
      state: isLive ? "live" : "held",
      watchers: channel.watchers,
      listing: this.#own.describe(channel) as Fields | undefined,
    }));
  }

  #fed({ feeds }: Ownership): ReportedChannel[] {
    return feeds.filter(({ isOpen }) => isOpen).map(({ source }) => {
      const { user, channel } = source;
      const found = this.#context.hub.find(user, channel);
      return {
        announcement: source,
        state: "fed",
        watchers: found?.watchers ?? 0,
        listing: undefined,
      };
    });
  }

  #take(report: NodeReport): void {
    const { node, turn, isLast } = report;
    const before = this.#partial.get(node);
    const channels = before?.turn === turn
      ? [...before.channels, ...report.channels].slice(0, MAX_CHANNELS)
      : report.channels;
    if (!isLast) {
      if (this.#nodes.has(node)) {
        this.#partial.set(node, { ...report, channels });
      }
      return;
    }
    this.#partial.delete(node);
    if (this.#nodes.size >= MAX_NODES && !this.#nodes.has(node)) return;
    this.#nodes.set(node, {
      name: report.name || node,
      address: report.address,
      heardAt: this.#context.now(),
      channels: new Map(
        channels.map((each) => [keyOfAnnounced(each.announcement), each]),
      ),
    });
    for (const { announcement, state } of channels) {
      if (state === "live") this.#onLive(announcement);
    }
  }
}
