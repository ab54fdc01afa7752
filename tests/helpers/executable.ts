import { assert } from "@std/assert";
import { fromRoot } from "./root.ts";
import { ProcessLog } from "./process_log.ts";

/** Milliseconds for the task that makes the executable; a few seconds on an idle machine. */
const BUILD_MS = 180_000;

/** Milliseconds for a command, a first start included. */
const COMMAND_MS = 30_000;

/** Where `deno task compile` puts it. */
const EXECUTABLE = fromRoot("dist/fstream");

/** What the launcher needs, and what the tests' own shell text does. */
const TOOLS: readonly string[] = [
  ...["sh", "tail", "head", "gzip", "wc", "mktemp", "chmod", "mkdir", "mv"],
  ...["rm", "id", "cat", "cmp", "sleep", "mkfifo"],
];

/** Why the executable cannot be tried on this machine; `undefined`: it can. */
export const missing: string | undefined = Deno.build.os === "windows"
  ? "the launcher is written for sh"
  : undefined;

/** A test's name and whether it is skipped, which says what is missing. */
export function needsExecutable(
  name: string,
): { name: string; ignore: boolean } {
  return {
    name: missing ? `${name} (skipped: ${missing})` : name,
    ignore: missing !== undefined,
  };
}

/**
 * Makes the executable where it is missing or older than what it is made of.
 *
 * @returns Its path.
 */
export async function executable(): Promise<string> {
  await Deno.mkdir(fromRoot("dist"), { recursive: true });
  using lock = await Deno.open(fromRoot("dist/.lock"), {
    create: true,
    write: true,
  });
  // Test files run at the same time; one of them makes it for all.
  await lock.lock(true);
  const made = await changed(EXECUTABLE);
  if (made === 0 || made < await newestSource()) await make();
  return EXECUTABLE;
}

async function make(): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "compile"],
    cwd: fromRoot(""),
    stdin: "null",
    signal: AbortSignal.timeout(BUILD_MS),
  }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr);
  throw new Error(`Cannot make the executable: ${said}`);
}

async function newestSource(): Promise<number> {
  let newest = Math.max(
    await changed(fromRoot("main.ts")),
    await changed(fromRoot("deno.json")),
  );
  for await (const path of filesBelow(fromRoot("lib"))) {
    newest = Math.max(newest, await changed(path));
  }
  return newest;
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

/** When a file was changed, in milliseconds since 1970; 0 when there is none. */
async function changed(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).mtime?.getTime() ?? 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** What a command did. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface BareOptions {
  /** Variables in addition to PATH; without any the home is empty and nothing else is set. */
  readonly env?: Readonly<Record<string, string>>;
  /** The working folder; without one it is the machine's own. */
  readonly cwd?: string;
}

/**
 * A machine with neither Deno nor Node: a search path of a few tools and the executable, and an empty
 * home. `await using` removes all of it, with what was unpacked.
 */
export class BareMachine implements AsyncDisposable {
  /** A folder for whatever a test needs. */
  readonly folder: string;

  /** @param folder Made by {@linkcode BareMachine.make}. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Makes one.
   *
   * @param program The executable.
   */
  static async make(program: string): Promise<BareMachine> {
    const folder = await Deno.makeTempDir({ prefix: "fstream bare " });
    await Deno.mkdir(`${folder}/bin`);
    await Deno.mkdir(`${folder}/home`);
    // A copy: the one that was made may be made again meanwhile.
    // A process of its own copies it: a file that this one has open for writing while another test forks is busy.
    const args = [program, `${folder}/bin/fstream`];
    const { success } = await new Deno.Command("cp", { args }).output();
    assert(success, "Cannot copy the executable");
    for (const tool of TOOLS) {
      await Deno.symlink(await found(tool), `${folder}/bin/${tool}`);
    }
    return new BareMachine(folder);
  }

  /** The variables of a command that sets no others. */
  get env(): Record<string, string> {
    return { HOME: `${this.folder}/home` };
  }

  /**
   * Starts a program, with its streams piped.
   *
   * @param command Its name or path.
   * @param args Its arguments.
   * @param options Environment and folder.
   */
  spawn(
    command: string,
    args: readonly string[],
    { env = this.env, cwd = this.folder }: BareOptions = {},
  ): Deno.ChildProcess {
    const path = command.includes("/")
      ? command
      : `${this.folder}/bin/${command}`;
    return new Deno.Command(path, {
      args: [...args],
      cwd,
      env: { ...env, PATH: `${this.folder}/bin` },
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(COMMAND_MS),
    }).spawn();
  }

  /** Runs shell text to its end. */
  sh(text: string, options: BareOptions = {}): Promise<Ran> {
    return finished(this.spawn("sh", ["-c", text], options));
  }

  /** Runs the executable to its end. */
  fstream(args: readonly string[], options: BareOptions = {}): Promise<Ran> {
    return finished(this.spawn("fstream", args, options));
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Where a tool lies on this machine. */
async function found(tool: string): Promise<string> {
  for (const folder of ["/usr/bin", "/bin"]) {
    if (await changed(`${folder}/${tool}`) > 0) return `${folder}/${tool}`;
  }
  throw new Error(`Cannot find ${tool}`);
}

/** Waits for a program's end; nothing more goes to its stdin. */
export async function finished(child: Deno.ChildProcess): Promise<Ran> {
  await child.stdin.close();
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return {
    status: code,
    stdout: text.decode(stdout),
    stderr: text.decode(stderr),
  };
}

/** A server that the executable runs. */
export interface ServedExecutable extends AsyncDisposable {
  /** Its address, as `host:port`. */
  readonly address: string;
  /** Its process. */
  readonly pid: number;
  /** Waits until it has logged an event. */
  logged(event: string): Promise<void>;
  /** Ends it by SIGTERM, and tells what it did. */
  stop(): Promise<Ran>;
}

/**
 * Starts a server from the executable, on loopback, with a user `fier` whose password is `123`.
 *
 * @param machine Where.
 * @param args Further flags of `fstream serve`.
 * @param options Environment and folder.
 */
export async function serveExecutable(
  machine: BareMachine,
  args: readonly string[] = [],
  options: BareOptions = {},
): Promise<ServedExecutable> {
  const users = await Deno.makeTempDir({ dir: machine.folder });
  await Deno.writeTextFile(
    `${users}/fier.ini`,
    "[DEFAULT]\npassword=123\n",
    { mode: 0o600 },
  );
  const child = machine.spawn("fstream", [
    "serve",
    "--listen=127.0.0.1:0",
    `--users=${users}`,
    ...args,
  ], options);
  await child.stdin.close();
  const log = new ProcessLog(child.stderr);
  const out = new Response(child.stdout).text();
  const [, address = ""] = await log.wait(/listen address=(\S+)\s/);
  let stopped: Promise<Ran> | undefined;
  const stop = async (): Promise<Ran> => {
    child.kill("SIGTERM");
    const { code } = await child.status;
    return { status: code, stdout: await out, stderr: await log.ended };
  };
  return {
    address,
    pid: child.pid,
    logged: async (event) => void await log.wait(new RegExp(` ${event} `)),
    stop: () => stopped ??= stop(),
    [Symbol.asyncDispose]: async () => void await (stopped ??= stop()),
  };
}
