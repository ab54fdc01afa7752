// deno-lint-ignore-file no-console
/**
 * Changes the program at one place at a time, and tells which changes no test notices. Mutants whose
 * types do not fit are left out, and those of `equivalent.txt`, which change nothing that can be seen.
 *
 *   deno task mutate [PATH …] [--sample N] [--seed S] [--jobs N] [--quick]
 *                    [--resume | --survivors]
 *
 * PATH is a file or folder below `lib/`; default all. `--quick` runs the nearest tests alone. `--resume` continues a run that was broken off,
 * `--survivors` tries again what survived the last run with the same paths and seed.
 */
import { parseArgs } from "@std/cli/parse-args";
import { seededRandom } from "../helpers/rng.ts";
import { fromRoot } from "../helpers/root.ts";
import { CheckedProgram } from "./checked_program.ts";
import { ImportGraph } from "./import_graph.ts";
import { Judge } from "./judge.ts";
import { changeOf, lineOf, type Mutant } from "./mutant.ts";
import { keyOf, Records, summaryOf, survivorLine } from "./records.ts";
import { inTurn } from "./sample.ts";
import { Tree } from "./tree.ts";

/** What runs in a browser, on another platform's build, or says what types are. */
const LEFT_OUT = /^lib\/(web\/pages|package|demo)\/|\.d\.ts$/;

/** Mutants between two lines that tell how far it is. */
const REPORT_EVERY = 10;

/** What bounds a run. */
interface Run {
  readonly paths: readonly string[];
  readonly sample: number;
  readonly seed: number;
  readonly jobs: number;
  readonly isQuick: boolean;
  readonly mode: "new" | "resume" | "survivors";
}

/** Reads a number of the command line. */
function count(name: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (/^\d+$/.test(String(value))) return Number(value);
  throw new TypeError(`Cannot read --${name} ${value}: it is no whole number`);
}

function runOf(argv: readonly string[]): Run {
  const args = parseArgs([...argv], {
    string: ["sample", "seed", "jobs"],
    boolean: ["quick", "resume", "survivors"],
  });
  const paths = args._.map((path) => `${path}`.replace(/\/$/, ""));
  return {
    paths: paths.length > 0 ? paths : ["lib"],
    sample: count("sample", args.sample, Infinity),
    seed: count("seed", args.seed, 1),
    jobs: count("jobs", args.jobs, 1),
    isQuick: Boolean(args.quick),
    mode: args.survivors ? "survivors" : args.resume ? "resume" : "new",
  };
}

async function output(command: string, ...args: string[]): Promise<string> {
  const cwd = fromRoot("");
  const { success, stdout } = await new Deno.Command(command, { args, cwd })
    .output();
  if (!success) throw new Error(`${command} ${args.join(" ")} failed`);
  return new TextDecoder().decode(stdout);
}

/** The files of the project, with those that are not committed yet. */
async function filesOf(): Promise<string[]> {
  const listed = await output("git", "ls-files", "-zco", "--exclude-standard");
  const exists = (path: string): Promise<boolean> =>
    Deno.stat(fromRoot(path)).then(({ isFile }) => isFile, () => false);
  const paths = listed.split("\0").filter(Boolean);
  const found = await Promise.all(paths.map(exists));
  return paths.filter((_, index) => found[index]);
}

async function sourcesOf(
  paths: readonly string[],
): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  for (const path of paths.filter((each) => each.endsWith(".ts"))) {
    sources.set(path, await Deno.readTextFile(fromRoot(path)));
  }
  return sources;
}

/** The mutants that are known to change nothing that can be seen, by {@linkcode keyOf}. */
async function equivalents(): Promise<Set<string>> {
  const text = await Deno.readTextFile(fromRoot("tests/mutate/equivalent.txt"));
  const lines = text.split("\n").filter((line) => line.startsWith("lib/"));
  return new Set(lines);
}

/** Draws the mutants of a run, one by one. */
async function* drawn(
  run: Run,
  program: CheckedProgram,
  files: readonly string[],
  records: Records,
): AsyncGenerator<Mutant> {
  const known = await equivalents();
  const chosen = files.filter((path) =>
    run.paths.some((each) => path === each || path.startsWith(`${each}/`))
  );
  const all = chosen.flatMap((path) => program.mutantsOf(path));
  let left = run.sample;
  for (const mutant of inTurn(all, seededRandom(run.seed))) {
    const { path } = mutant;
    const change = changeOf(mutant, program.textOf(path));
    const record = records.get({ path, change });
    if (run.mode === "survivors") {
      if (record && !record.caught) yield mutant;
      continue;
    }
    if (left === 0) return;
    if (known.has(keyOf({ path, change }))) continue;
    if (!record && !program.fits(mutant)) continue;
    left--;
    if (!record) yield mutant;
  }
}

/** Tries mutants in one copy until none is left. */
async function work(
  tree: Tree,
  judge: Judge,
  mutants: AsyncGenerator<Mutant>,
  report: (mutant: Mutant, caught: boolean, by?: string) => Promise<void>,
): Promise<void> {
  for (;;) {
    const { value, done } = await mutants.next();
    if (done) return;
    const { caught, by } = await judge.judge(value, tree);
    await report(value, caught, by);
  }
}

async function main(): Promise<void> {
  const run = runOf(Deno.args);
  const files = await filesOf();
  const sources = await sourcesOf(files);
  const lib = [...sources].filter(([path]) =>
    path.startsWith("lib/") && !LEFT_OUT.test(path)
  );
  const program = new CheckedProgram(
    new Map(lib),
    await output(Deno.execPath(), "types"),
  );
  const name = `${run.paths.join("+").replaceAll("/", "-")}-${run.seed}`;
  const records = await Records.open(name, run.mode !== "new");
  const judge = new Judge(program, new ImportGraph(sources), run.isQuick);
  const mutants = drawn(run, program, lib.map(([path]) => path), records);
  let tried = 0;
  const report = async (
    mutant: Mutant,
    caught: boolean,
    by?: string,
  ): Promise<void> => {
    const source = program.textOf(mutant.path);
    const { path, kind } = mutant;
    const where = {
      line: lineOf(mutant, source),
      change: changeOf(mutant, source),
    };
    const record = { path, ...where, kind, caught, by };
    await records.add(record);
    if (!caught) console.log(survivorLine(record));
    if (++tried % REPORT_EVERY === 0) console.error(`${tried} tried`);
  };
  using trees = new DisposableStack();
  const stop = (): void => {
    trees.dispose();
    Deno.exit(130);
  };
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);
  await Promise.all(
    Array.from({ length: run.jobs }, async (_, index) => {
      const folder = `${tempFolder()}/fstream-mutate/${name}-${index}`;
      const tree = trees.use(await Tree.copy(folder, files));
      await work(tree, judge, mutants, report);
    }),
  );
  console.log(summaryOf(records.all()));
  for (const test of judge.aside) {
    console.log(`fails without a mutant: ${test}`);
  }
}

function tempFolder(): string {
  return Deno.env.get("TMPDIR") ?? "/tmp";
}

await main();
Deno.exit();
