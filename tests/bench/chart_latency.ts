/** The panel of delays: a bar a server, from its median to its 99th percentile. */
import { type Box, gridLine, label, text, title } from "./chart_panel.ts";

/** Delays of one server with one number of watchers, in milliseconds. */
export interface Delay {
  /** The label of the bar. */
  readonly name: string;
  /** As CSS has it. */
  readonly color: string;
  /** Where the bar begins. */
  readonly p50: number;
  /** Where the bar ends. */
  readonly p99: number;
}

/** Pixels of one bar and the space below it. */
export const LATENCY_ROW = 22;

/** The shortest delay that is told apart, in milliseconds: a chunk's own way through the loopback. */
const LEAST = 0.01;

/** Delays on a logarithmic scale; the box is as high as the bars. */
export function latencyPanel(
  box: Box,
  name: string,
  delays: readonly Delay[],
): string {
  const powers = powersOver(delays);
  const grid = powers.map((power) => {
    const x = acrossOf(box, 10 ** power, powers);
    return gridLine(x, box.y, x, box.y + box.height) +
      text(x, box.y + box.height + 18, `${label(10 ** power)} ms`, "middle");
  });
  const bars = delays.map((delay, index) =>
    bar(box, delay, box.y + index * LATENCY_ROW, powers)
  );
  return title(box, name) + grid.join("") + bars.join("");
}

/** The powers of ten from below the shortest delay to above the longest; two at least. */
function powersOver(delays: readonly Delay[]): number[] {
  const logs = delays.flatMap(({ p50, p99 }) => [p50, p99])
    .map((delay) => Math.log10(Math.max(delay, LEAST)));
  const from = Math.floor(Math.min(...logs));
  const to = Math.max(Math.ceil(Math.max(...logs)), from + 1);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function acrossOf(box: Box, delay: number, powers: readonly number[]): number {
  const [from, to] = [powers[0]!, powers.at(-1)!];
  const share = (Math.log10(Math.max(delay, LEAST)) - from) / (to - from);
  return box.x + box.width * share;
}

function bar(
  box: Box,
  { name, color, p50, p99 }: Delay,
  y: number,
  powers: readonly number[],
): string {
  const [from, to] = [p50, p99].map((delay) => acrossOf(box, delay, powers));
  const length = Math.max(3, to! - from!).toFixed(1);
  const figures = `${label(p50)} – ${label(p99)}`;
  // A bar that ends near the right edge has its figures on its other side.
  const fits = to! < box.x + box.width - 110;
  return text(box.x - 10, y + 15, name, "end") +
    `<rect x="${from!.toFixed(1)}" y="${
      y + 4
    }" width="${length}" height="14" rx="3" fill="${color}"/>` +
    text(fits ? to! + 8 : from! - 8, y + 15, figures, fits ? "start" : "end");
}
