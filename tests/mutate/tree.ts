import { dirname } from "node:path";
import { fromRoot } from "../helpers/root.ts";

/** Kilobytes of data that a run of tests may allocate: a mutant can allocate without end. */
const MAX_DATA_KIB = 6 * 1024 * 1024;

/** Test files that run at the same time. */
const PARALLEL_TESTS = 2;

/** Characters of output in which failures are looked for, at most: a mutant can print without end. */
const MAX_OUTPUT = 4 * 1024 * 1024;

/** How often the removal of a copy is tried, 100 ms apart. */
const REMOVE_TRIES = 20;

/** What a run of tests showed. */
export interface TestRun {
  readonly result: "passed" | "failed" | "timeout";
  /** The first test file that failed; `undefined` if the run failed before any did. */
  readonly failed?: string | undefined;
}

/** A copy of the project in which mutants run, so that none is ever in the project itself. */
export class Tree implements Disposable {
  readonly #folder: string;
  #group: number | undefined;

  /** @param folder An existing folder; made by {@linkcode Tree.copy}. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Copies the project.
   *
   * @param folder Where to; replaced if it exists.
   * @param paths The files to copy, from the root of the project.
   */
  static async copy(folder: string, paths: readonly string[]): Promise<Tree> {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.mkdir(`${folder}/tmp`, { recursive: true });
    for (const path of paths) {
      await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
      await Deno.copyFile(fromRoot(path), `${folder}/${path}`);
    }
    return new Tree(folder);
  }

  /** Replaces a file of the copy. */
  write(path: string, text: string): Promise<void> {
    return Deno.writeTextFile(`${this.#folder}/${path}`, text);
  }

  /** Reads a file of the copy. */
  read(path: string): Promise<string> {
    return Deno.readTextFile(`${this.#folder}/${path}`);
  }

  /**
   * Runs test files until the first failure, and ends all processes that they leave.
   *
   * @param tests Their paths from the root of the project.
   * @param timeoutMs After which the run is ended.
   * @param env What the tests are told in addition.
   */
  async run(
    tests: readonly string[],
    timeoutMs: number,
    env: Readonly<Record<string, string>>,
  ): Promise<TestRun> {
    const child = this.#spawn(tests, env);
    this.#group = child.pid;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#end();
    }, timeoutMs);
    const output = readText(child.stdout);
    const { success } = await child.status;
    clearTimeout(timer);
    this.#end(); // What a failed test left would hold the output open.
    const text = await output;
    if (isLate) return { result: "timeout" };
    return success
      ? { result: "passed" }
      : { result: "failed", failed: failedIn(text) };
  }

  /** Ends what runs, and removes the copy; at once, so that a signal leaves nothing. */
  [Symbol.dispose](): void {
    this.#end();
    for (let tries = 1;; tries++) {
      try {
        return Deno.removeSync(this.#folder, { recursive: true });
      } catch (error) {
        // What was ended may still be writing its last file.
        if (tries === REMOVE_TRIES) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      }
    }
  }

  #spawn(
    tests: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Deno.ChildProcess {
    const test = "test --no-check --no-prompt -A --parallel --fail-fast";
    return new Deno.Command("sh", {
      args: [
        "-c",
        `ulimit -d ${MAX_DATA_KIB}; exec "$0" "$@" 2>&1`,
        Deno.execPath(),
        ...test.split(" "),
        ...tests,
      ],
      cwd: this.#folder,
      detached: true, // A group of its own, which can be ended as a whole.
      env: {
        ...env,
        NO_COLOR: "1",
        DENO_JOBS: `${PARALLEL_TESTS}`,
        TMPDIR: `${this.#folder}/tmp`,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  }

  #end(): void {
    if (this.#group === undefined) return;
    try {
      Deno.kill(-this.#group, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    this.#group = undefined;
  }
}

/** The first test file that the output of a run calls failed. */
export function failedIn(output: string): string | undefined {
  return /=> \.\/(tests\/\S+?):\d+:\d+/.exec(output)?.[1] ??
    /^\.\/(tests\/\S+) \(uncaught error\)/m.exec(output)?.[1];
}

async function readText(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text = (text + part).slice(-MAX_OUTPUT);
  }
  return text;
}
