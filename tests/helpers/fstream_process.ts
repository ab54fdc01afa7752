import config from "../../deno.json" with { type: "json" };
import { parseAddress } from "../../lib/net/address.ts";
import type { Address } from "../../lib/net/address.ts";
import { EventLog, usersFolder } from "./start_server.ts";

/** The folder of `deno.json`. */
const ROOT = new URL("../../", import.meta.url);

/** The arguments of deno in the task `start`: its permissions, and the program. */
const START_ARGS: readonly string[] = config.tasks.start.command.split(" ")
  .slice(1);

/** A program, its arguments and its options, as a command. */
export type MakeCommand = (
  program: string,
  args: readonly string[],
  options: Deno.CommandOptions,
) => Deno.Command;

function commandHere(
  program: string,
  args: readonly string[],
  options: Deno.CommandOptions,
): Deno.Command {
  return new Deno.Command(program, { ...options, args: [...args] });
}

/**
 * The command that runs fstream from its sources, with the permissions that users are told to give.
 *
 * @param args Its command line.
 * @param options Its streams and environment.
 * @param make Where it runs; here by default.
 */
export function fstream(
  args: readonly string[],
  options: Deno.CommandOptions = {},
  make: MakeCommand = commandHere,
): Deno.Command {
  const all = [...START_ARGS, ...args];
  return make(Deno.execPath(), all, { ...options, cwd: ROOT });
}

/** `fstream serve` as a process of its own; `await using` ends it. */
export class ServeProcess implements AsyncDisposable {
  /** What it logs. */
  readonly log: EventLog = new EventLog();
  readonly #child: Deno.ChildProcess;
  readonly #users: string;
  readonly #logged: Promise<void>;

  /**
   * @param child The process, with its log as JSON at stderr.
   * @param users Its folder of users, which is removed in the end.
   */
  constructor(child: Deno.ChildProcess, users: string) {
    this.#child = child;
    this.#users = users;
    this.#logged = readLog(child.stderr, this.log);
  }

  /**
   * Starts a server for the users `fier` and `other`, on a port of its own unless the flags name one.
   *
   * @param flags More settings.
   * @param files How many files it may have open, where that matters; needs a POSIX shell.
   */
  static async start(
    flags: readonly string[] = [],
    files: number | undefined = undefined,
  ): Promise<ServeProcess> {
    const users = await usersFolder(["fier", "other"]);
    const listen = flags.includes("--listen")
      ? []
      : ["--listen", "127.0.0.1:0"];
    const log = ["--log-format", "json"];
    const args = ["serve", ...listen, "--users", users, ...log, ...flags];
    const streams: Deno.CommandOptions = { stdout: "null", stderr: "piped" };
    const command = files === undefined
      ? fstream(args, streams)
      : withFileLimit(files, args, streams);
    return new ServeProcess(command.spawn(), users);
  }

  /** Where it listens without TLS. */
  async address(): Promise<Address> {
    const { address } = await this.log.wait("listen");
    return parseAddress(String(address), 0);
  }

  /** Where it listens with TLS, which its flags must say. */
  async tlsAddress(): Promise<Address> {
    const { address } = await this.log.wait("listen", 1, { tls: true });
    return parseAddress(String(address), 0);
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Asks it to end, and waits until it has. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<Deno.CommandStatus> {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError)) throw error;
    }
    return await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#logged;
    await Deno.remove(this.#users, { recursive: true });
  }
}

function withFileLimit(
  files: number,
  args: readonly string[],
  options: Deno.CommandOptions,
): Deno.Command {
  const script = `ulimit -n ${files} && exec "$@"`;
  return new Deno.Command("sh", {
    ...options,
    cwd: ROOT,
    args: ["-c", script, "sh", Deno.execPath(), ...START_ARGS, ...args],
  });
}

/** Reads lines of JSON; any other line is kept as it is, for the error of a test whose wait fails. */
export async function readLog(
  stderr: ReadableStream<Uint8Array<ArrayBuffer>>,
  log: EventLog,
): Promise<void> {
  let rest = "";
  for await (const text of stderr.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) logLine(line, log);
  }
}

function logLine(line: string, log: EventLog): void {
  if (!line.startsWith("{")) return log.log("stderr", { line });
  const { event, ...fields } = JSON.parse(line);
  log.log(event, fields);
}
