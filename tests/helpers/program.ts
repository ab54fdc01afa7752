import { fromRoot } from "./root.ts";
import manifest from "../../deno.json" with { type: "json" };

/** Milliseconds that a command may take: its children start in a fifth of a second, on an idle machine. */
const DEADLINE_MS = 30_000;

/** What a command did. */
export interface Ran {
  /** Its exit status; of a pipeline that of the last command. */
  readonly status: number;
  /** All that it wrote there, as text. */
  readonly stdout: string;
  /** All that it wrote there, as text. */
  readonly stderr: string;
}

/** The program as a command named `fstream`, for shell text. */
export interface Program extends AsyncDisposable {
  /**
   * Runs shell text in a folder of its own.
   *
   * @param text The text; it starts in `folder`.
   * @param folder The working folder.
   * @returns What it did; when it is ended after {@linkcode DEADLINE_MS}, `stderr` says so.
   */
  run(text: string, folder: string): Promise<Ran>;
}

/** Makes the program callable, with the very permissions of the task `start`. */
export async function makeProgram(): Promise<Program> {
  const folder = await Deno.makeTempDir({ prefix: "fstream-bin-" });
  await Deno.writeTextFile(`${folder}/fstream`, script(), { mode: 0o755 });
  return {
    run: (text, cwd) => runShell(text, cwd, environment(folder)),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function script(): string {
  const [, flags] = /^deno run (.+) main\.ts$/.exec(
    manifest.tasks.start.command,
  ) ?? [];
  if (!flags) throw new Error("Cannot read the task start");
  const config = `--config '${fromRoot("deno.json")}'`;
  const main = `'${fromRoot("main.ts")}'`;
  // Without -f the shell would look for files that the star in a permission matches.
  return `#!/bin/sh -f\nexec '${Deno.execPath()}' run --quiet ${config} ${flags} ${main} "$@"\n`;
}

/** Only what the runtime needs, so that no setting of this machine reaches the program. */
function environment(folder: string): Record<string, string> {
  const kept = ["HOME", "DENO_DIR", "XDG_CACHE_HOME", "TMPDIR", "LANG"];
  const pairs = kept.map((name) => [name, Deno.env.get(name)] as const);
  const path = `${folder}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}`;
  const set = pairs.filter((pair): pair is readonly [string, string] =>
    pair[1] !== undefined
  );
  return { ...Object.fromEntries(set), PATH: path };
}

async function runShell(
  text: string,
  cwd: string,
  env: Record<string, string>,
): Promise<Ran> {
  const child = new Deno.Command("sh", {
    args: ["-c", text],
    cwd,
    env,
    clearEnv: true,
    detached: true, // A group of its own, which can be ended as a whole.
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let late = "";
  const timer = setTimeout(() => {
    late = `ended after ${DEADLINE_MS} ms\n`;
    Deno.kill(-child.pid, "SIGKILL");
  }, DEADLINE_MS);
  const output = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  return {
    status: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr) + late,
  };
}
