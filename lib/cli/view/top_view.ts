import { escapeControls } from "../../logger.ts";
import type { ManagedChannelJson } from "../../web/managed_json.ts";
import { formatRate } from "../transfer_summary.ts";
import {
  CHANNEL_COLUMNS,
  formatSeconds,
  nameOf,
  unansweredBy,
  WATCHER_COLUMNS,
  withNode,
} from "./channels.ts";
import type { ScreenLine } from "./screen.ts";
import { clipped, type Column, tableLines } from "./table.ts";
import type { TopState } from "./top_state.ts";

/** Blocks of an eighth to a full character. */
const BARS = [..."▁▂▃▄▅▆▇█"];

const KEYS = "↑↓ choose  Tab channels/watchers  s sort  k kick  e end  q quit";

/** A figure drawn as bars, the highest as a full block. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values);
  return values.map((value) =>
    BARS[most > 0 ? Math.ceil(value / most * (BARS.length - 1)) : 0]
  ).join("");
}

/**
 * Writes everything that fits on a screen.
 *
 * @param title Where the figures come from.
 */
export function topLines(
  state: TopState,
  title: string,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): ScreenLine[] {
  const advice = adviceLines(state);
  // Title, two headings, the line between them and the keys.
  const free = Math.max(rows - 5 - advice.length, 2);
  const most = Math.max(free >> 1, free - (state.detail?.audience.length ?? 0));
  const channels = channelLines(state, Math.max(most, 1));
  const watchers = watcherLines(state, free - (channels.length - 1));
  const lines: ScreenLine[] = [
    { text: totals(state, title), style: "bold" },
    ...channels,
    { text: chosen(state), style: "bold" },
    ...advice.map((text) => ({ text })),
    ...watchers,
  ];
  while (lines.length < rows - 1) lines.push({ text: "" });
  const last = escapeControls(state.prompt ?? (state.message || KEYS));
  const shown = lines.slice(0, Math.max(rows - 1, 0));
  shown.push({ text: last, style: "dim" });
  return shown.map((line) => ({ ...line, text: clipped(line.text, columns) }));
}

/** The same without a terminal: both tables, with all that the server told. */
export function plainTop(state: TopState): string {
  const { audience = [] } = state.detail ?? {};
  const tables = [
    tableLines(withNode(CHANNEL_COLUMNS, state.channels), state.channels),
    ["", chosen(state), ...adviceLines(state)],
    tableLines(withNode(WATCHER_COLUMNS, audience), audience),
  ];
  return `${tables.flat().join("\n")}\n`;
}

function totals({ channels }: TopState, title: string): string {
  const sum = (of: (channel: ManagedChannelJson) => number): number =>
    channels.reduce((total, channel) => total + of(channel), 0);
  const rate = formatRate(sum(({ bitrate }) => bitrate));
  const watchers = sum((channel) => channel.watchers);
  return `fstream top ${title}: ${channels.length} channels, ${watchers} watchers, ${rate} in`;
}

function chosen({ channel, detail, sort }: TopState): string {
  if (!channel) return "no channel is live";
  const lag = detail?.lag;
  const figures = lag
    ? `, behind live: median ${formatSeconds(lag.median)}, ` +
      `p99 ${formatSeconds(lag.p99)}, most ${formatSeconds(lag.max)}`
    : "";
  const watchers = `${channel.watchers} watching, by ${sort}`;
  return escapeControls(`${nameOf(channel)}: ${watchers}${figures}`);
}

/** What costs the watchers of the chosen channel, and what is not known. */
function adviceLines({ channel, unanswered }: TopState): string[] {
  const texts = (channel?.advice ?? []).map(({ text }) => text);
  const missing = unansweredBy(unanswered);
  return [...texts, ...(missing ? [missing] : [])]
    .map((text) => escapeControls(`! ${text}`));
}

function channelLines(state: TopState, most: number): ScreenLine[] {
  const rate: Column<ManagedChannelJson> = {
    title: "",
    cell: (channel) => sparkline(state.ratesOf(channel)),
  };
  const { channel, channels, inWatchers } = state;
  return listLines(
    tableLines([...withNode(CHANNEL_COLUMNS, channels), rate], channels),
    channel ? channels.indexOf(channel) : -1,
    most,
    !inWatchers,
  );
}

function watcherLines(state: TopState, most: number): ScreenLine[] {
  const audience = state.detail?.audience ?? [];
  const { watcher, inWatchers } = state;
  return listLines(
    tableLines(withNode(WATCHER_COLUMNS, audience), audience),
    watcher ? audience.indexOf(watcher) : -1,
    most,
    inWatchers,
  );
}

/** A heading and the rows around the chosen one. */
function listLines(
  [head = "", ...rows]: readonly string[],
  chosen: number,
  most: number,
  hasKeys: boolean,
): ScreenLine[] {
  const first = Math.max(Math.min(chosen - (most >> 1), rows.length - most), 0);
  const shown = rows.slice(first, first + most).map((text, index) =>
    index + first === chosen
      ? { text, style: hasKeys ? "reverse" as const : "bold" as const }
      : { text }
  );
  return [{ text: head, style: "dim" }, ...shown];
}
