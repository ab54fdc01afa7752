/**
 * Runs the tests that are quick, for the inner loop. Files share workers, because loading a file into a worker of its
 * own takes longer than running it.
 *
 *   deno task test:fast [FLAGS of deno test]
 */
import { fromRoot } from "../helpers/root.ts";
import { isSlow } from "./slow_tests.ts";

/** Files of one worker. More of them save processor time, until one worker takes longer than all others. */
const FILES = 8;

/** Workers at a time: much of what tests do is wait. */
const WORKERS = "12";

/** A file that makes time pass faster for all that is in its worker. */
const FAST_TICKS = "helpers/fast_ticks.ts";

const folder = await Deno.makeTempDir({ prefix: "fstream-tests-" });
try {
  const { code } = await run(await writeWorkers());
  Deno.exitCode = code;
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** @returns The paths of modules that import test files. */
async function writeWorkers(): Promise<string[]> {
  const isHurried = (path: string): boolean =>
    Deno.readTextFileSync(fromRoot(path)).includes(FAST_TICKS);
  const groups = Map.groupBy(testFiles("tests").sort(), isHurried);
  // Those with fast ticks wait the longest, so they start first.
  const workers = [true, false].flatMap((key) =>
    chunksOf(groups.get(key) ?? [])
  );
  return await Promise.all(workers.map(async (paths, index) => {
    const worker = `${folder}/worker_${String(index).padStart(2, "0")}.ts`;
    const lines = paths.map((path) => `import "file://${fromRoot(path)}";\n`);
    await Deno.writeTextFile(worker, lines.join(""));
    return worker;
  }));
}

function testFiles(path: string): string[] {
  return [...Deno.readDirSync(fromRoot(path))].flatMap((entry) => {
    const name = `${path}/${entry.name}`;
    if (isSlow(name)) return [];
    if (entry.isDirectory) return testFiles(name);
    return name.endsWith("_test.ts") ? [name] : [];
  });
}

function chunksOf(paths: readonly string[]): string[][] {
  const count = Math.ceil(paths.length / FILES);
  return Array.from(
    { length: count },
    (_, at) => paths.slice(at * FILES, (at + 1) * FILES),
  );
}

async function run(workers: readonly string[]): Promise<Deno.CommandStatus> {
  return await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--no-check", "--no-prompt", "-A", "--parallel"],
      ...(Deno.stdout.isTerminal() ? ["--reporter=dot"] : []),
      ...["--config", fromRoot("deno.json")],
      ...Deno.args,
      ...workers,
    ],
    cwd: fromRoot("."),
    env: { FSTREAM_TESTS: "fast", DENO_JOBS: WORKERS },
  }).spawn().status;
}
