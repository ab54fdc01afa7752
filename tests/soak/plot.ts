import type { Sample } from "./sampler.ts";
import { WATCHED } from "./verdict.ts";

/** Pixels of the drawing's width, of a panel's height, and of the space for its words. */
const [WIDTH, PANEL, LABEL] = [760, 130, 30];

/** Draws the samples as an SVG: one panel for each watched figure, over the time. */
export function plot(samples: readonly Sample[], title: string): string {
  const panels = WATCHED.map(({ name, of }, index) =>
    panel(name, samples.map(({ at }) => at), samples.map(of), index)
  );
  const height = LABEL + WATCHED.length * (PANEL + LABEL) + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="13">\n` +
    `<rect width="100%" height="100%" fill="#fff"/>\n` +
    `<text x="10" y="20" font-weight="600">${title}</text>\n` +
    `${panels.join("")}</svg>\n`;
}

function panel(
  name: string,
  times: readonly number[],
  values: readonly number[],
  index: number,
): string {
  const top = LABEL + index * (PANEL + LABEL) + 20;
  const [most, end] = [Math.max(...values, 1), Math.max(...times, 1)];
  const points = values.map((value, i) => {
    const x = 10 + (WIDTH - 20) * times[i]! / end;
    const y = top + PANEL - PANEL * value / most;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const minutes = (end / 60).toFixed(0);
  return `<text x="10" y="${top - 6}">${name}: 0 to ${most.toFixed(1)}, ` +
    `${minutes} min</text>\n` +
    `<path d="M10 ${top}V${top + PANEL}H${
      WIDTH - 10
    }" fill="none" stroke="#9aa4b2"/>\n` +
    `<polyline points="${points.join(" ")}" fill="none" stroke="#2f6fde"/>\n`;
}
