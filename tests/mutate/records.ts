import { fromRoot } from "../helpers/root.ts";
import { type Kind, moduleOf } from "./mutant.ts";

/** Where the results of runs are kept; git ignores it. */
export const OUT: string = fromRoot("tests/mutate/out");

/** What became of one mutant. */
export interface Record {
  readonly path: string;
  readonly line: number;
  readonly kind: Kind;
  /** See {@linkcode changeOf}. */
  readonly change: string;
  readonly caught: boolean;
  /** The test file that failed, or `timeout`. */
  readonly by?: string | undefined;
}

/** What tells a mutant from all others, also after lines above it changed. */
export function keyOf(record: Pick<Record, "path" | "change">): string {
  return `${record.path} | ${record.change}`;
}

/** The results of one run, a line of JSON each, so that a broken run can be continued. */
export class Records {
  readonly #file: string;
  readonly #records: Map<string, Record> = new Map();

  /** @param file An existing file; opened by {@linkcode Records.open}. */
  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Opens the results of a run.
   *
   * @param name The name of the run.
   * @param isContinued Whether results of an earlier one count; otherwise they are removed.
   */
  static async open(name: string, isContinued: boolean): Promise<Records> {
    await Deno.mkdir(OUT, { recursive: true });
    const records = new Records(`${OUT}/${name}.jsonl`);
    if (isContinued) await records.#read();
    else await Deno.writeTextFile(records.#file, "");
    return records;
  }

  /** What became of a mutant, if it was tried. */
  get(mutant: Pick<Record, "path" | "change">): Record | undefined {
    return this.#records.get(keyOf(mutant));
  }

  /** All results. */
  all(): Record[] {
    return [...this.#records.values()];
  }

  /** Adds a result, or replaces the earlier one of the same mutant. */
  async add(record: Record): Promise<void> {
    this.#records.set(keyOf(record), record);
    const line = `${JSON.stringify(record)}\n`;
    await Deno.writeTextFile(this.#file, line, { append: true });
  }

  async #read(): Promise<void> {
    const text = await Deno.readTextFile(this.#file);
    for (const line of text.split("\n").filter(Boolean)) {
      const record: Record = JSON.parse(line);
      this.#records.set(keyOf(record), record);
    }
  }
}

/** How many mutants of each module were caught, a line each, and of all. */
export function summaryOf(records: readonly Record[]): string {
  const modules = Map.groupBy(records, ({ path }) => moduleOf(path));
  const lines = [...modules.keys()].sort().map((name) =>
    shareLine(name, modules.get(name)!)
  );
  return [...lines, shareLine("all", records)].join("\n");
}

function shareLine(name: string, records: readonly Record[]): string {
  const caught = records.filter((record) => record.caught).length;
  const share = Math.round(100 * caught / Math.max(1, records.length));
  return `${name.padEnd(10)} ${caught} of ${records.length} caught, ${share} %`;
}

/** One line for a mutant that no test noticed. */
export function survivorLine(record: Record): string {
  const { path, line, kind, change } = record;
  return `${path}:${line}: ${kind}: ${change}`;
}
