/** Parts that the chart's panels share: frames, scales and marks. All lengths are pixels of the SVG. */

/** Where a panel's marks lie. */
export interface Box {
  /** Left edge. */
  readonly x: number;
  /** Upper edge. */
  readonly y: number;
  /** From left to right. */
  readonly width: number;
  /** From top to bottom. */
  readonly height: number;
}

/** Figures of one server, by watchers. */
export interface Series {
  /** As CSS has it. */
  readonly color: string;
  /** In the order of the watchers. */
  readonly points: readonly (readonly [watchers: number, value: number])[];
}

/** Lines across a panel that are labelled, besides the lowest. */
const GRID_LINES = 4;

/** Text where it is put; the anchor is the SVG's own word. */
export function text(
  x: number,
  y: number,
  content: string,
  anchor: "start" | "middle" | "end" = "start",
): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${
    y.toFixed(1)
  }" text-anchor="${anchor}">${safe}</text>\n`;
}

/** A panel's title, above its marks. */
export function title(box: Box, content: string): string {
  return `<g class="title">${text(box.x, box.y - 14, content)}</g>`;
}

/** A thin line between two points. */
export function gridLine(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map((length) => length.toFixed(1));
  return `<line class="grid" x1="${a}" y1="${b}" x2="${c}" y2="${d}"/>\n`;
}

/** The least of 1, 2, 2.5, 5 times a power of ten that is not below the value; 1 for none above zero. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const times = [1, 2, 2.5, 5, 10].find((times) => times * power >= value);
  return (times ?? 10) * power;
}

/** A figure with no more digits than a label needs. */
export function label(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Figures against watchers, which lie on a logarithmic scale; a line for each server. */
export function againstWatchers(
  box: Box,
  name: string,
  all: readonly Series[],
): string {
  const points = all.flatMap(({ points }) => points);
  const most = roundUp(Math.max(...points.map(([, value]) => value)));
  const counts = [...new Set(points.map(([watchers]) => watchers))]
    .sort((a, b) => a - b);
  const grid = Array.from({ length: GRID_LINES + 1 }, (_, index) => {
    const value = most * index / GRID_LINES;
    const y = heightOf(box, value, most);
    return gridLine(box.x, y, box.x + box.width, y) +
      text(box.x - 6, y + 4, label(value), "end");
  });
  const bottom = box.y + box.height + 18;
  const ticks = counts.map((count) =>
    text(acrossOf(box, count, counts), bottom, String(count), "middle")
  );
  const lines = all.map((series) => seriesLine(box, series, counts, most));
  return title(box, name) + grid.join("") + ticks.join("") + lines.join("");
}

function heightOf(box: Box, value: number, most: number): number {
  return box.y + box.height * (1 - value / most);
}

/** With one number of watchers alone, all lies in the middle. */
function acrossOf(box: Box, count: number, counts: readonly number[]): number {
  const [first, last] = [Math.log(counts[0]!), Math.log(counts.at(-1)!)];
  const share = last > first ? (Math.log(count) - first) / (last - first) : 0.5;
  return box.x + 20 + (box.width - 40) * share;
}

function seriesLine(
  box: Box,
  { color, points }: Series,
  counts: readonly number[],
  most: number,
): string {
  const places = points.map(([watchers, value]) =>
    [acrossOf(box, watchers, counts), heightOf(box, value, most)]
      .map((length) => length.toFixed(1))
  );
  const path = places.map((place) => place.join(",")).join(" ");
  const dots = places.map(([x, y]) =>
    `<circle cx="${x}" cy="${y}" r="4" fill="${color}"/>`
  );
  return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>` +
    `${dots.join("")}\n`;
}
