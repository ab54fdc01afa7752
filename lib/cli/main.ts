import { EXIT, UsageError } from "../errors.ts";
import { type Command, type CommandContext, STATUSES } from "./command.ts";
import { broadcastCommand } from "./commands/broadcast.ts";
import { checkCommand } from "./commands/check.ts";
import { completionsCommand } from "./commands/completions.ts";
import { demoCommand } from "./commands/demo.ts";
import { eventsCommand } from "./commands/events.ts";
import { linkCommand } from "./commands/link.ts";
import { listCommand } from "./commands/list.ts";
import { manCommand } from "./commands/man.ts";
import { serveCommand } from "./commands/serve.ts";
import { systemdCommand } from "./commands/systemd.ts";
import { tokenCommand } from "./commands/token.ts";
import { topCommand } from "./commands/top.ts";
import { userCommand } from "./commands/user.ts";
import { watchCommand } from "./commands/watch.ts";
import type { LoadCluster } from "../server/open_cluster.ts";
import { reportError } from "./report_error.ts";
import { closest, didYouMean } from "./suggest.ts";
import { answer } from "./terminal.ts";
import { type Build, versionLine } from "./version.ts";

const COMMANDS: readonly Command[] = [
  serveCommand,
  broadcastCommand,
  watchCommand,
  tokenCommand,
  linkCommand,
  listCommand,
  topCommand,
  eventsCommand,
  userCommand,
  demoCommand,
  checkCommand,
  systemdCommand,
  completionsCommand(commands),
  manCommand(commands),
];

const HELP = `fstream carries live media from one pipe to many.

Usage:
${COMMANDS.map(commandLine).join("")}
  fstream COMMAND --help               explain a command
  fstream --version

The server's address defaults to FSTREAM_SERVER or 127.0.0.1:61920.
Exit status:
${STATUSES.map(statusLine).join("")}
Example, on the machine with the camera and on every one that watches:
  ffmpeg -i input -c copy -f mpegts - | fstream host:61920 broadcast --user fier
  fstream host:61920 watch --user fier | ffplay -
`;

const LISTED = "fstream --help lists the commands";

/** The table, for the commands that describe the others. */
function commands(): readonly Command[] {
  return COMMANDS;
}

function statusLine([status, about]: (typeof STATUSES)[number]): string {
  return `  ${status.padEnd(12)}${about}\n`;
}

function commandLine({ usage, about }: Command): string {
  return `  ${usage.padEnd(37)}${about}\n`;
}

/**
 * Runs the program.
 *
 * @param args The command line after the program's name.
 * @param build How the program was made; absent when it runs from its sources.
 * @param loadCluster Loads what connects servers; it is given from outside, so that it can be a script of its own.
 * @returns The exit status.
 */
export async function main(
  args: readonly string[],
  build?: Build,
  loadCluster?: LoadCluster,
): Promise<number> {
  try {
    return await dispatch(args, { build, loadCluster });
  } catch (error) {
    return reportError(error);
  }
}

async function dispatch(
  args: readonly string[],
  { build, loadCluster }: Pick<CommandContext, "build" | "loadCluster">,
): Promise<number> {
  const [first = "", second = ""] = args;
  if (["--help", "-h", "help"].includes(first)) return answered(HELP);
  if (["--version", "-V", "version"].includes(first)) {
    return answered(versionLine(build));
  }
  const direct = find(first);
  if (direct) {
    return await run(direct, args.slice(1), {
      address: undefined,
      pairs: pairs(first),
      ...{ build, loadCluster },
    });
  }
  const behind = find(second);
  if (!behind || first.startsWith("-")) throw unknownCommand(first, second);
  return await run(behind, args.slice(2), {
    address: first,
    pairs: pairs(second),
    ...{ build, loadCluster },
  });
}

/** Says what is wrong with a command line without a command at its first or second place. */
function unknownCommand(first: string, second: string): UsageError {
  if (first === "") return new UsageError("no command", LISTED);
  if (first.startsWith("-")) {
    const command = find(second)?.name ?? "COMMAND";
    const hint = `flags follow the command: fstream ${command} ${first}`;
    return new UsageError(`no command before the flag ${first}`, hint);
  }
  if (isFile(first)) {
    const hint = `pipe it in: fstream broadcast --user NAME < ${first}`;
    return new UsageError(`"${first}" is a file, and no command`, hint);
  }
  const names = COMMANDS.map(({ name }) => name);
  if (/[.:\d]/.test(first) && closest(first, names) === undefined) {
    return afterAddress(first, second, names);
  }
  const hint = didYouMean(first, names, LISTED);
  return new UsageError(`unknown command ${first}`, hint);
}

function afterAddress(
  address: string,
  word: string,
  names: readonly string[],
): UsageError {
  if (word === "" || word.startsWith("-")) {
    const hint = `for example: fstream ${address} watch --user NAME`;
    return new UsageError(`no command after the address ${address}`, hint);
  }
  const hint = didYouMean(word, names, LISTED);
  return new UsageError(`unknown command ${word}`, hint);
}

function isFile(word: string): boolean {
  try {
    return Deno.statSync(word).isFile;
  } catch {
    return false;
  }
}

function find(word: string): Command | undefined {
  const name = word.split(",")[0];
  return COMMANDS.find((command) => command.name === name);
}

function pairs(word: string): string[] {
  return word.split(",").slice(1);
}

function run(
  command: Command,
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    return answered(command.help);
  }
  return command.run(args, context);
}

function answered(text: string): Promise<number> {
  answer(text);
  return Promise.resolve(EXIT.done);
}
