/**
 * The metrics of a running server in the text format of Prometheus (0.0.4). They are gathered at the scrape;
 * the media path only increments counters.
 *
 * @module
 */

import type { Channel } from "../hub/channel.ts";
import type { ClusterStatus } from "../cluster/cluster.ts";
import type { Totals } from "../hub/channel_options.ts";
import type { MemoryBudget } from "../hub/memory/memory_budget.ts";
import { clusterRows } from "./cluster_metrics.ts";
import { LagHistogram } from "./lag_histogram.ts";

/** Where the metrics come from. */
export interface MetricsSources {
  /** The program's version. */
  readonly version: string;
  /** The channels that are live or held. */
  readonly channels: () => readonly Channel[];
  /** Counts of all channels, past and present. */
  readonly totals: () => Totals;
  /** Memory of all channels and sessions. */
  readonly memory: () => MemoryBudget;
  /** Seconds of the longest recent delay of the event loop. */
  readonly delay: () => number;
  /** Current connections. */
  readonly connections: () => number;
  /** Milliseconds on the hub's clock. */
  readonly now: () => number;
  /** Whether metrics may name a channel that has no password. */
  readonly isListed: (user: string, channel: string) => boolean;
  /** How the server is connected with others; `undefined` where there are none. */
  readonly cluster: () => ClusterStatus | undefined;
}

/**
 * Channels with time series of their own, the most watched first. Users choose the names, so their number must
 * have a cap.
 */
export const MAX_LABELLED_CHANNELS = 100;

/** Creates the function that renders the metrics. */
export function createMetrics(sources: MetricsSources): () => string {
  const lags: Lags = { named: new WeakMap(), unnamed: new LagHistogram() };
  return function render(): string {
    const channels = [...sources.channels()].sort((a, b) =>
      b.watchers - a.watchers
    );
    return [
      ...current(sources, channels),
      ...counters(sources),
      ...ofTheServer(sources),
      ...ofTheCluster(sources.cluster()),
      ...perChannel(sources, channels, lags),
    ].join("");
  };
}

function current(
  sources: MetricsSources,
  channels: readonly Channel[],
): string[] {
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
      "fstream_connections",
      "gauge",
      "Current connections.",
      sources.connections(),
    ),
    single(
      "fstream_backlog_bytes",
      "gauge",
      "Memory held by the backlogs of all channels.",
      sum((c) => c.log.heldBytes),
    ),
  ];
}

/** Counters of all channels, past and present. */
function counters({ totals }: MetricsSources): string[] {
  const { receivedBytes, relayedBytes, sentBytes, skips, releases, lingerMs } =
    totals();
  return [
    single(
      "fstream_received_bytes_total",
      "counter",
      "Media received from broadcasters.",
      receivedBytes,
    ),
    single(
      "fstream_relayed_bytes_total",
      "counter",
      "Media received from other servers of a cluster.",
      relayedBytes,
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
      "Times a watcher lagged too far and continued at a newer join point.",
      skips,
    ),
    single(
      "fstream_wakeups_total",
      "counter",
      "Times the watchers of a channel were woken for new bytes.",
      releases,
    ),
    single(
      "fstream_linger_seconds_total",
      "counter",
      "Time that bytes waited for more; divided by wake-ups it is the delay added on average.",
      lingerMs / 1000,
    ),
  ];
}

function ofTheServer({ memory, delay }: MetricsSources): string[] {
  const { held, limitBytes } = memory();
  return [
    metric(
      "fstream_memory_bytes",
      "gauge",
      "Memory held by backlogs, trackers and sessions.",
      Object.entries(held).map(([kind, bytes]) => [{ kind }, bytes]),
    ),
    single(
      "fstream_memory_limit_bytes",
      "gauge",
      "Limit of that memory.",
      limitBytes,
    ),
    single(
      "fstream_event_loop_delay_seconds",
      "gauge",
      "Longest delay of the event loop in the last 15 to 30 seconds.",
      delay(),
    ),
    single(
      "process_resident_memory_bytes",
      "gauge",
      "Resident memory of the process.",
      Deno.memoryUsage().rss,
    ),
  ];
}

/** How this server is connected with others, by metric: name, type, help, value. */
function ofTheCluster(status: ClusterStatus | undefined): string[] {
  if (!status) return [];
  return clusterRows(status).map(([name, type, help, value]) =>
    single(`fstream_cluster_${name}`, type, help, value)
  );
}

/** The lags of watchers that were observed so far. */
interface Lags {
  /** By channel; gone with it. */
  readonly named: WeakMap<Channel, LagHistogram>;
  /** Of all channels that are not named. */
  readonly unnamed: LagHistogram;
}

/** Channels that are not named: protected, unlisted, and those beyond the cap, as one sample. */
const UNNAMED = { user: "", channel: "" };

function perChannel(
  sources: MetricsSources,
  all: readonly Channel[],
  lags: Lags,
): string[] {
  const mayBeNamed = ({ password, user, name }: Channel): boolean =>
    password === "" && sources.isListed(user, name);
  const named = all.filter(mayBeNamed).slice(0, MAX_LABELLED_CHANNELS);
  const unnamed = all.filter((channel) => !named.includes(channel));
  const now = sources.now();
  const rows = (
    of: (channel: Channel) => number,
    merge: (values: readonly number[]) => number,
  ): Sample[] => {
    const samples: Sample[] = named.map((channel) => [
      { user: channel.user, channel: channel.name },
      of(channel),
    ]);
    if (unnamed.length > 0) samples.push([UNNAMED, merge(unnamed.map(of))]);
    return samples;
  };
  return [
    metric(
      "fstream_channel_watchers",
      "gauge",
      "Watchers of a channel; empty labels: all channels that are not named.",
      rows((c) => c.watchers, sumOf),
    ),
    metric(
      "fstream_channel_received_bits_per_second",
      "gauge",
      "Bit rate of a channel over the last seconds.",
      rows((c) => c.arrivals.bitrate(now), sumOf),
    ),
    metric(
      "fstream_channel_gap_seconds",
      "gauge",
      "Longest recent pause between two arrivals.",
      rows((c) => c.arrivals.gap(now), (gaps) => Math.max(...gaps)),
    ),
    metric(
      "fstream_channel_skips_total",
      "counter",
      "Times a watcher of a channel lagged too far and continued at a newer join point.",
      rows((c) => c.skips, sumOf),
    ),
    lagsOf(named, unnamed, lags),
  ];
}

function lagsOf(
  named: readonly Channel[],
  unnamed: readonly Channel[],
  lags: Lags,
): string {
  const rows: [Labels, LagHistogram][] = named.map((channel) => {
    const histogram = lags.named.get(channel) ?? new LagHistogram();
    lags.named.set(channel, histogram);
    histogram.observe(channel);
    return [{ user: channel.user, channel: channel.name }, histogram];
  });
  for (const channel of unnamed) lags.unnamed.observe(channel);
  if (unnamed.length > 0) rows.push([UNNAMED, lags.unnamed]);
  const name = "fstream_watcher_lag_seconds";
  const help = "How far watchers are behind live; each scrape observes each.";
  const lines = rows.map(([labels, histogram]) => [
    ...histogram.cumulative().map(([bound, count]) => {
      const le = bound === Infinity ? "+Inf" : String(bound);
      return sample(`${name}_bucket`, [{ ...labels, le }, count]);
    }),
    sample(`${name}_sum`, [labels, histogram.sum]),
    sample(`${name}_count`, [labels, histogram.count]),
  ]);
  return headed(name, "histogram", help, lines.flat());
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

type Labels = Readonly<Record<string, string>>;

type Sample = readonly [Labels, number];

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
  return headed(name, type, help, samples.map((each) => sample(name, each)));
}

function headed(
  name: string,
  type: string,
  help: string,
  lines: readonly string[],
): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function sample(name: string, [labels, value]: Sample): string {
  return `${name}${labelText(labels)} ${value}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) =>
    `${key}="${escaped(value)}"`
  );
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

/** Escapes a label value; users choose the names of channels. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll(
    "\n",
    "\\n",
  );
}
