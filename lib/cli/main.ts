import { EXIT, messageOf, Refusal, REFUSALS, UsageError } from "../errors.ts";
import { broadcastCommand } from "./commands/broadcast.ts";
import { checkCommand } from "./commands/check.ts";
import { type Command, type CommandContext, STATUS_HELP } from "./command.ts";
import { completionsCommand } from "./commands/completions.ts";
import { demoCommand } from "./commands/demo.ts";
import { manCommand } from "./commands/man.ts";
import { serveCommand } from "./commands/serve.ts";
import { systemdCommand } from "./commands/systemd.ts";
import { answer, sayError } from "./terminal.ts";
import { tokenCommand } from "./commands/token.ts";
import { userCommand } from "./commands/user.ts";
import { type Build, versionLine } from "./version.ts";
import { watchCommand } from "./commands/watch.ts";

const COMMANDS: readonly Command[] = [
  serveCommand,
  broadcastCommand,
  watchCommand,
  tokenCommand,
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
  fstream COMMAND --help               tells more of a command
  fstream --version

The address is 127.0.0.1:61920, or what FSTREAM_SERVER says.
Exit status: ${STATUS_HELP}

Example, on the machine with the camera and on every one that watches:
  ffmpeg -i input -c copy -f mpegts - | fstream host:61920 broadcast --user fier
  fstream host:61920 watch --user fier | ffplay -
`;

/** The table, for the commands that tell of the others. */
function commands(): readonly Command[] {
  return COMMANDS;
}

function commandLine({ usage, about }: Command): string {
  return `  ${usage.padEnd(37)}${about}\n`;
}

/**
 * Runs the program.
 *
 * @param args The command line behind the program's name.
 * @param build How the program was made; absent when it runs from its sources.
 * @returns The exit status.
 */
export async function main(
  args: readonly string[],
  build?: Build,
): Promise<number> {
  try {
    return await dispatch(args, build);
  } catch (error) {
    return report(error);
  }
}

async function dispatch(
  args: readonly string[],
  build: Build | undefined,
): Promise<number> {
  const [first = "", second = ""] = args;
  if (["--help", "-h", "help"].includes(first)) return answered(HELP);
  if (["--version", "-V", "version"].includes(first)) {
    return answered(versionLine(build));
  }
  if (first === "") {
    throw new UsageError("no command", "fstream --help lists the commands");
  }
  const direct = find(first);
  if (direct) {
    return await run(direct, args.slice(1), {
      address: undefined,
      pairs: pairs(first),
      build,
    });
  }
  const behind = find(second);
  if (!behind) {
    throw new UsageError(
      `unknown command ${first}`,
      "fstream --help lists them",
    );
  }
  return await run(behind, args.slice(2), {
    address: first,
    pairs: pairs(second),
    build,
  });
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

function report(error: unknown): number {
  if (error instanceof UsageError) {
    sayError(error.message, error.hint);
    return EXIT.usage;
  }
  if (error instanceof Refusal) {
    sayError(`the server refused: ${error.message}`, REFUSALS[error.code].hint);
    return EXIT.refused;
  }
  sayError(messageOf(error), hintFor(error));
  return EXIT.failed;
}

function hintFor(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause ?? error : error;
  if (cause instanceof Deno.errors.ConnectionRefused) {
    return "is the server running there? start one with: fstream serve";
  }
  if (cause instanceof Deno.errors.AddrInUse) {
    return "another server runs there; choose another address with --listen";
  }
  return undefined;
}
