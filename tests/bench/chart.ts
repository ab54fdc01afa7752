import type { Row } from "./main.ts";

const WIDTH = 720;
const BAR = 18;
const LABEL = 190;

/**
 * Draws the rows as an SVG: one bar for each server and number of watchers, as long as its processor
 * time for each GB.
 */
export function chart(rows: readonly Row[]): string {
  const most = Math.max(...rows.map(({ cpuPerGb }) => cpuPerGb));
  const bars = rows.map((row, index) => bar(row, index, most));
  const height = rows.length * (BAR + 6) + 60;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="13">\n` +
    `<rect width="100%" height="100%" fill="#fff"/>\n` +
    `<text x="10" y="24" font-weight="600">Processor seconds for each delivered GB</text>\n` +
    `${bars.join("")}</svg>\n`;
}

function bar(row: Row, index: number, most: number): string {
  const y = 40 + index * (BAR + 6);
  const length = Math.max(1, (WIDTH - LABEL - 80) * row.cpuPerGb / most);
  const fill = row.name.startsWith("fstream") ? "#2f6fde" : "#9aa4b2";
  return `<text x="10" y="${y + 14}">${row.name}, ${row.watchers}</text>` +
    `<rect x="${LABEL}" y="${y}" width="${
      length.toFixed(1)
    }" height="${BAR}" fill="${fill}"/>` +
    `<text x="${LABEL + length + 8}" y="${y + 14}">${
      row.cpuPerGb.toFixed(2)
    }</text>\n`;
}
