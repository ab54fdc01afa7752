/** The table: what several runs come to, and how it is written. */
import type { Load } from "./load_run.ts";

/** Medians of the runs of one server with one number of watchers. */
export interface Row {
  /** The server's name. */
  readonly name: string;
  /** Connections that read the media. */
  readonly watchers: number;
  /** Processor seconds of the server for each GB that was delivered. */
  readonly cpuPerGb: number;
  /** Median delay in milliseconds. */
  readonly p50: number;
  /** 99th percentile of the delay in milliseconds. */
  readonly p99: number;
  /** 99.9th percentile of the delay in milliseconds. */
  readonly p999: number;
  /** Chunks lost or torn or not taken, watchers cut or left behind, over all runs. */
  readonly lost: number;
  /** Resident memory of the server in MB while the watchers were there. */
  readonly rss: number;
  /** Processor seconds of the load generator for each GB. */
  readonly loadPerGb: number;
}

/** A server that gave no figures with that many watchers, and why. */
export interface Failure {
  /** The server's name. */
  readonly name: string;
  /** Connections that read, or should have read, the media. */
  readonly watchers: number;
  /** What stands in the figures' place. */
  readonly reason: string;
}

/** The server that the others are compared with. */
export const FLOOR = "C floor";

const COLUMNS = [
  ...["server", "watchers", "CPU s/GB", "× floor", "p50 ms", "× floor"],
  ...["p99 ms", "× floor", "p99.9 ms", "lost", "RSS MB", "load CPU s/GB"],
];

/** The median of what each run gives; the upper one of an even number. */
export function median<T>(
  runs: readonly T[],
  of: (run: T) => number,
): number {
  const sorted = runs.map(of).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** All that did not come as it should in a run: chunks and watchers. */
export function lostIn(run: Load): number {
  return run.unsent + run.gaps + run.torn + run.cut + run.behind;
}

/** What was lost over all runs, by its kind, for who asks why a row is not at 0. */
export function losses(name: string, runs: readonly Load[]): string {
  const kinds = ["unsent", "gaps", "torn", "cut", "behind"] as const;
  const sums = kinds.map((kind) =>
    `${runs.reduce((sum, run) => sum + run[kind], 0)} ${kind}`
  );
  return `${name}, ${runs[0]!.watchers} watchers: ${sums.join(", ")}`;
}

/** What several runs come to; at least one. */
export function summary(name: string, runs: readonly Load[]): Row {
  return {
    name,
    watchers: runs[0]!.watchers,
    cpuPerGb: median(runs, (run) => run.server_cpu_s / (run.bytes / 1e9)),
    p50: median(runs, (run) => run.p50_ms),
    p99: median(runs, (run) => run.p99_ms),
    p999: median(runs, (run) => run.p999_ms),
    lost: runs.reduce((sum, run) => sum + lostIn(run), 0),
    rss: median(runs, (run) => run.server_rss_mb),
    loadPerGb: median(runs, (run) => run.load_cpu_s / (run.bytes / 1e9)),
  };
}

/** The table's head, two lines. */
export function tableHead(): string {
  return `${cells(COLUMNS)}\n${cells(COLUMNS.map(() => "---"))}`;
}

/** A row of the table; without a floor there are no multiples of it. */
export function tableLine(row: Row, floor: Row | undefined): string {
  return cells([
    ...[row.name, `${row.watchers}`],
    ...[row.cpuPerGb.toFixed(3), times(row.cpuPerGb, floor?.cpuPerGb)],
    ...[row.p50.toFixed(2), times(row.p50, floor?.p50)],
    ...[row.p99.toFixed(2), times(row.p99, floor?.p99)],
    row.p999.toFixed(2),
    ...[`${row.lost}`, row.rss.toFixed(0), row.loadPerGb.toFixed(3)],
  ]);
}

/** The row of a server that gave no figures. */
export function failureLine({ name, watchers, reason }: Failure): string {
  const empty = COLUMNS.slice(3).map(() => "");
  return cells([name, `${watchers}`, reason.replaceAll("|", "/"), ...empty]);
}

function times(figure: number, floor: number | undefined): string {
  return floor ? (figure / floor).toFixed(2) : "–";
}

function cells(texts: readonly string[]): string {
  return `| ${texts.join(" | ")} |`;
}
