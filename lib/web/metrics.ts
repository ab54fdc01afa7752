/**
 * The figures of a running server as Prometheus reads them (text format 0.0.4). They are gathered when
 * they are asked for; the media's way only counts.
 *
 * @module
 */

import type { Channel, Totals } from "../hub/channel.ts";
import type { MemoryBudget } from "../hub/memory/memory_budget.ts";

/** Where the figures come from. */
export interface MetricsSources {
  /** The program's version. */
  readonly version: string;
  /** The channels that are live or held. */
  readonly channels: () => readonly Channel[];
  /** Counts of all channels, past and present. */
  readonly totals: () => Totals;
  /** What all channels and sessions hold, and may hold. */
  readonly memory: () => MemoryBudget;
  /** Seconds by which the server was late at most, lately. */
  readonly delay: () => number;
  /** TCP connections at present. */
  readonly connections: () => number;
  /** Milliseconds on the hub's clock. */
  readonly now: () => number;
}

/**
 * Channels that get lines of their own, the most watched first: each makes a time series for each
 * figure in whatever reads them, and users choose the names.
 */
export const MAX_LABELLED_CHANNELS = 100;

/** Makes the function that renders the figures. */
export function createMetrics(sources: MetricsSources): () => string {
  return function render(): string {
    const channels = [...sources.channels()].sort((a, b) =>
      b.watchers - a.watchers
    );
    return [
      ...totals(sources, channels),
      ...ofTheServer(sources),
      ...perChannel(sources, channels),
    ].join("");
  };
}

function totals(
  sources: MetricsSources,
  channels: readonly Channel[],
): string[] {
  const { receivedBytes, sentBytes, skips } = sources.totals();
  const sum = (of: (channel: Channel) => number): number =>
    channels.reduce((total, channel) => total + of(channel), 0);
  const live = channels.filter(({ state }) => state === "live").length;
  return [
    metric("fstream_build_info", "gauge", "The running version.", [
      [{ version: sources.version }, 1],
    ]),
    metric("fstream_channels", "gauge", "Channels by state.", [
      [{ state: "live" }, live],
      [{ state: "held" }, channels.length - live],
    ]),
    single(
      "fstream_watchers",
      "gauge",
      "Watchers of all channels.",
      sum((c) => c.watchers),
    ),
    single(
      "fstream_tcp_connections",
      "gauge",
      "Connections of the TCP front.",
      sources.connections(),
    ),
    single(
      "fstream_received_bytes_total",
      "counter",
      "Media received from broadcasters.",
      receivedBytes,
    ),
    single(
      "fstream_sent_bytes_total",
      "counter",
      "Media sent to watchers.",
      sentBytes,
    ),
    single(
      "fstream_skips_total",
      "counter",
      "Times a watcher was too slow and went on at a newer join point.",
      skips,
    ),
    single(
      "fstream_backlog_bytes",
      "gauge",
      "Memory that the channels' logs take.",
      sum((c) => c.log.heldBytes),
    ),
  ];
}

function ofTheServer({ memory, delay }: MetricsSources): string[] {
  const { held, limitBytes } = memory();
  return [
    metric(
      "fstream_memory_bytes",
      "gauge",
      "Memory that backlogs, trackers and sessions hold.",
      Object.entries(held).map(([kind, bytes]) => [{ kind }, bytes]),
    ),
    single(
      "fstream_memory_limit_bytes",
      "gauge",
      "Memory that they may hold together.",
      limitBytes,
    ),
    single(
      "fstream_event_loop_delay_seconds",
      "gauge",
      "Longest time by which the server itself was late in the last 15 to 30 seconds.",
      delay(),
    ),
    single(
      "process_resident_memory_bytes",
      "gauge",
      "Memory of the process.",
      Deno.memoryUsage().rss,
    ),
  ];
}

function perChannel(
  sources: MetricsSources,
  all: readonly Channel[],
): string[] {
  const channels = all.slice(0, MAX_LABELLED_CHANNELS);
  const now = sources.now();
  const rows = (of: (channel: Channel) => number): Sample[] =>
    channels.map((
      channel,
    ) => [{ user: channel.user, channel: channel.name }, of(channel)]);
  return [
    metric(
      "fstream_channel_watchers",
      "gauge",
      "Watchers of a channel.",
      rows((c) => c.watchers),
    ),
    metric(
      "fstream_channel_received_bits_per_second",
      "gauge",
      "A channel's bit rate over the last seconds.",
      rows((c) => c.arrivals.bitrate(now)),
    ),
    metric(
      "fstream_channel_gap_seconds",
      "gauge",
      "Longest pause between two arrivals lately.",
      rows((c) => c.arrivals.gap(now)),
    ),
  ];
}

type Sample = readonly [Readonly<Record<string, string>>, number];

function single(
  name: string,
  type: string,
  help: string,
  value: number,
): string {
  return metric(name, type, help, [[{}, value]]);
}

function metric(
  name: string,
  type: string,
  help: string,
  samples: readonly Sample[],
): string {
  const lines = samples.map(([labels, value]) =>
    `${name}${labelText(labels)} ${value}\n`
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) =>
    `${key}="${escaped(value)}"`
  );
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

/** Names of users and channels are anybody's text. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll(
    "\n",
    "\\n",
  );
}
