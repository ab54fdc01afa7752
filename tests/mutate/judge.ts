import { isSlow } from "../fast/slow_tests.ts";
import type { CheckedProgram } from "./checked_program.ts";
import type { ImportGraph } from "./import_graph.ts";
import { applied, moduleOf, type Mutant } from "./mutant.ts";
import type { TestRun, Tree } from "./tree.ts";

/** Test files of the first run, which catch most mutants, and of the second. */
const NEAR = 8;
const NEXT = 24;

/**
 * Milliseconds that a run may take: far more than on an idle machine, because a busy one must not make
 * a mutant look caught.
 */
const BASE_MS = 60_000;
const TEST_MS = 3000;

/** Tests that no mutant is tried with: they need minutes, or a machine of their own. */
const LEFT_OUT = ["browser", "e2e", "bench", "soak", "package", "docs"]
  .map((name) => `tests/${name}/`);

/** As in `deno task test:fast`. */
const ENV = { FSTREAM_TESTS: "fast" };

/** Whether the tests noticed a mutant. */
export interface Verdict {
  readonly caught: boolean;
  /** The test file that failed, or `timeout`; `undefined` if none did. */
  readonly by?: string | undefined;
}

/** Runs the tests that can notice a mutant. */
export class Judge {
  readonly #program: CheckedProgram;
  readonly #graph: ImportGraph;
  /** How many runs there are, at most. */
  readonly #batches: number;
  /** What runs of the project without a mutant showed, by the test files. */
  readonly #sound: Map<string, Promise<TestRun>> = new Map();
  readonly #aside: Set<string> = new Set();

  /**
   * @param program The sources.
   * @param graph Which tests reach which file.
   * @param isQuick Whether the nearest tests are enough.
   */
  constructor(program: CheckedProgram, graph: ImportGraph, isQuick: boolean) {
    this.#program = program;
    this.#graph = graph;
    this.#batches = isQuick ? 2 : Infinity;
  }

  /** Test files that fail without a mutant too, and are not run again. */
  get aside(): string[] {
    return [...this.#aside].sort();
  }

  /**
   * Tries a mutant.
   *
   * @param tree The copy to do it in; it has no mutant afterwards.
   */
  async judge(mutant: Mutant, tree: Tree): Promise<Verdict> {
    const source = this.#program.textOf(mutant.path);
    const batches = batchesOf(
      mutant.path,
      this.#graph.testsOf(mutant.path),
    );
    for (const batch of batches.slice(0, this.#batches)) {
      await tree.write(mutant.path, applied(mutant, source));
      try {
        const verdict = await this.#try(batch, tree, mutant.path, source);
        if (verdict.caught) return verdict;
      } finally {
        await tree.write(mutant.path, source);
      }
    }
    return { caught: false };
  }

  /** Runs one batch, again without what fails for another reason than the mutant. */
  async #try(
    batch: readonly string[],
    tree: Tree,
    path: string,
    source: string,
  ): Promise<Verdict> {
    const tests = batch.filter((test) => !this.#aside.has(test));
    if (tests.length === 0) return { caught: false };
    const run = await runIn(tree, tests);
    if (run.result === "passed") return { caught: false };
    const failed = run.failed === undefined ? tests : [run.failed];
    const mutated = await tree.read(path);
    await tree.write(path, source);
    const sound = await this.#without(failed, tree);
    await tree.write(path, mutated);
    const by = run.failed ?? run.result;
    if (sound.result === "passed") {
      if (tests.length <= NEAR) return { caught: true, by };
      // In a long run a busy machine can be the reason.
      const again = await runIn(tree, failed);
      if (again.result !== "passed") return { caught: true, by };
    }
    failed.forEach((test) => this.#aside.add(test));
    return this.#try(tests, tree, path, source);
  }

  /** What tests show without a mutant; run once. */
  #without(tests: readonly string[], tree: Tree): Promise<TestRun> {
    const key = tests.join();
    const run = this.#sound.get(key) ?? runIn(tree, tests);
    this.#sound.set(key, run);
    return run;
  }
}

function runIn(tree: Tree, tests: readonly string[]): Promise<TestRun> {
  return tree.run(tests, BASE_MS + tests.length * TEST_MS, ENV);
}

/** The nearest tests, then those of the module, slow ones too, and those next to them, then all others that are quick. */
function batchesOf(path: string, tests: readonly string[]): string[][] {
  const run = tests.filter((test) =>
    !LEFT_OUT.some((folder) => test.startsWith(folder))
  );
  const [near, rest] = [run.slice(0, NEAR), run.slice(NEAR)];
  const module = `tests/${moduleOf(path)}/`;
  const own = rest.filter((test) => test.startsWith(module));
  const far = rest.filter((test) => !test.startsWith(module) && !isSlow(test));
  return [near, [...own, ...far.slice(0, NEXT)], far.slice(NEXT)]
    .filter((batch) => batch.length > 0);
}
