/** The benchmark as a picture. */
import { type Delay, LATENCY_ROW, latencyPanel } from "./chart_latency.ts";
import { againstWatchers, type Box, type Series, text } from "./chart_panel.ts";
import type { Row } from "./rows.ts";

const WIDTH = 960;

/** Pixels that a name in the legend takes, and its line. */
const LEGEND = { width: 230, height: 22 };

/** Colours that can be told apart on white and on black; one a server, from the first again after the last. */
const COLORS = [
  ...["#2f7de1", "#12a594", "#8b8d98", "#e5484d", "#f0801a", "#ab5ad0"],
  ...["#c9a200", "#5fa04e", "#b07c5a", "#d6529c"],
];

const STYLE = `<style>
text { fill: #1c2024; } .title { font-weight: 600; font-size: 14px; }
.page { fill: #ffffff; } .grid { stroke: #8b8d98; stroke-opacity: 0.35; }
@media (prefers-color-scheme: dark) { text { fill: #e6e8eb; } .page { fill: #111418; } }
</style>
`;

/**
 * Draws the rows as an SVG of three panels: processor time for each GB against watchers, memory against
 * watchers, and the delays of each server. It is readable on light and on dark pages.
 *
 * @param rows At least one.
 */
export function chart(rows: readonly Row[]): string {
  const names = [...new Set(rows.map(({ name }) => name))];
  const top = 20 + Math.ceil(names.length / 4) * LEGEND.height + 44;
  const left: Box = { x: 60, y: top, width: 390, height: 220 };
  const right: Box = { ...left, x: 540 };
  const bars = {
    x: 250,
    y: top + 310,
    width: 670,
    height: rows.length * LATENCY_ROW,
  };
  const height = bars.y + bars.height + 40;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ` +
    `width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12">\n` +
    `${STYLE}<rect class="page" width="100%" height="100%"/>\n` +
    names.map(legend).join("") +
    againstWatchers(
      left,
      "CPU seconds for each delivered GB, against watchers",
      seriesOf(rows, names, ({ cpuPerGb }) => cpuPerGb),
    ) +
    againstWatchers(
      right,
      "Memory of the server in MB, against watchers",
      seriesOf(rows, names, ({ rss }) => rss),
    ) +
    latencyPanel(
      bars,
      "Delay, from the median to the 99th percentile",
      delaysOf(rows, names),
    ) +
    `</svg>\n`;
}

function colorOf(index: number): string {
  return COLORS[index % COLORS.length]!;
}

function legend(name: string, index: number): string {
  const x = 20 + index % 4 * LEGEND.width;
  const y = 20 + Math.floor(index / 4) * LEGEND.height;
  return `<circle cx="${x}" cy="${y}" r="5" fill="${colorOf(index)}"/>` +
    text(x + 12, y + 4, name);
}

function seriesOf(
  rows: readonly Row[],
  names: readonly string[],
  of: (row: Row) => number,
): Series[] {
  return names.map((name, index) => ({
    color: colorOf(index),
    points: rows.filter((row) => row.name === name)
      .map((row) => [row.watchers, of(row)] as const),
  }));
}

function delaysOf(rows: readonly Row[], names: readonly string[]): Delay[] {
  return rows.map(({ name, watchers, p50, p99 }) => ({
    name: `${name}, ${watchers}`,
    color: colorOf(names.indexOf(name)),
    p50,
    p99,
  }));
}
