import type {
  OpenChannelJson,
  ProtectedChannelJson,
} from "../../web/channels_json.ts";
import type { WatcherJson } from "../../web/audience_json.ts";
import type { ManagedChannelJson } from "../../web/managed_json.ts";
import { formatBytes } from "../../config/values.ts";
import { formatRate, formatTime } from "../transfer_summary.ts";
import type { Column } from "./table.ts";

/** A channel as the server tells of it; what a server does not tell is missing. */
export type ListedChannel =
  | ManagedChannelJson
  | OpenChannelJson
  | ProtectedChannelJson;

/** Stands for what is not told, or not known yet. */
const UNKNOWN = "-";

/** A channel's name with its user's. */
export function nameOf(
  { user, channel }: Pick<ListedChannel, "user" | "channel">,
): string {
  return `${user}/${channel}`;
}

/** Compares channels by name, to sort them. */
export function byName(a: ListedChannel, b: ListedChannel): number {
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

/** One column per fact that people look for. */
export const CHANNEL_COLUMNS: readonly Column<ListedChannel>[] = [
  { title: "CHANNEL", cell: nameOf },
  {
    title: "STATE",
    cell: (row) => "state" in row ? row.state : "protected",
  },
  { title: "FORMAT", cell: (row) => "state" in row ? formatOf(row) : UNKNOWN },
  { title: "SIZE", cell: (row) => "state" in row ? sizeOf(row) : UNKNOWN },
  {
    title: "RATE",
    right: true,
    cell: (row) => "state" in row ? formatRate(row.bitrate) : UNKNOWN,
  },
  {
    title: "WATCHERS",
    right: true,
    cell: (row) => "state" in row ? String(row.watchers) : UNKNOWN,
  },
  {
    title: "LAG",
    right: true,
    cell: (row) =>
      "lag" in row && row.lag ? formatSeconds(row.lag.max) : UNKNOWN,
  },
  {
    title: "UPTIME",
    right: true,
    cell: (row) => "state" in row ? formatSince(row.since) : UNKNOWN,
  },
];

/** One column per fact about a watcher. */
export const WATCHER_COLUMNS: readonly Column<WatcherJson>[] = [
  { title: "WATCHER", right: true, cell: ({ id }) => String(id) },
  { title: "ADDRESS", cell: ({ address }) => address ?? UNKNOWN },
  { title: "PROTOCOL", cell: ({ protocol }) => protocol ?? UNKNOWN },
  {
    title: "LAG",
    right: true,
    cell: ({ lag }) => lag === null ? UNKNOWN : formatSeconds(lag),
  },
  {
    title: "BYTES",
    right: true,
    cell: ({ lag_bytes: bytes }) =>
      bytes === null ? UNKNOWN : formatBytes(Number(bytes)),
  },
  { title: "RATE", right: true, cell: ({ bitrate }) => formatRate(bitrate) },
  { title: "SENT", right: true, cell: ({ sent }) => formatBytes(Number(sent)) },
  { title: "SKIPS", right: true, cell: ({ skips }) => String(skips) },
  { title: "LOST", right: true, cell: ({ lost }) => formatBytes(Number(lost)) },
  { title: "TIME", right: true, cell: ({ since }) => formatSince(since) },
];

/** The columns, and in a cluster one for the server. */
export function withNode<T extends { readonly node?: string }>(
  columns: readonly Column<T>[],
  rows: readonly T[],
): readonly Column<T>[] {
  if (!rows.some(({ node }) => node !== undefined)) return columns;
  return [...columns, { title: "NODE", cell: ({ node }) => node ?? UNKNOWN }];
}

/** Says which servers of a cluster did not answer; empty where all did. */
export function unansweredBy(nodes: readonly string[] = []): string {
  if (nodes.length === 0) return "";
  return `no answer from ${nodes.join(", ")}, whose watchers are missing`;
}

/** Seconds for people: `0.3 s`, `75 s`. */
export function formatSeconds(seconds: number): string {
  return `${Number(seconds).toFixed(seconds < 10 ? 1 : 0)} s`;
}

function formatSince(since: string): string {
  const seconds = (Date.now() - Date.parse(since)) / 1000;
  return Number.isFinite(seconds) ? formatTime(Math.max(seconds, 0)) : UNKNOWN;
}

function formatOf({ container, codecs }: OpenChannelJson): string {
  const parts = [container ?? UNKNOWN, ...(codecs ?? [])];
  // The profile behind the dot says little to people.
  return parts.map((part) => String(part).split(".")[0]!).join(" ");
}

function sizeOf({ width, height }: OpenChannelJson): string {
  return width && height ? `${width}x${height}` : UNKNOWN;
}
