import { buildConfig, type Config } from "../../config/config.ts";
import { EXIT } from "../../errors.ts";
import { createLogger, type Logger } from "../../logger.ts";
import { type Server, startServer } from "../../server/server.ts";
import type { Command, CommandContext } from "../command.ts";
import { onHangup, withEndSignal } from "../end_signal.ts";
import { exampleConfig } from "../example_config.ts";
import { type Flag, specOf } from "../flag_table.ts";
import { parseFlags } from "../flags.ts";
import { SETTING_FLAGS } from "../setting_flags.ts";
import { readLayers } from "../setting_layers.ts";
import { requireUsersFolder, startFailure } from "../start_failure.ts";
import { surviveFaults } from "../survive_faults.ts";
import { answer, say } from "../terminal.ts";
import { rejectUnexpected } from "../unexpected_arguments.ts";
import { VERSION } from "../version.ts";

const FLAGS: readonly Flag[] = [
  ...SETTING_FLAGS,
  {
    name: "print-config",
    about: "print these settings as an ini file, each explained, and exit",
  },
];

const HELP = `fstream serve runs a server until Ctrl-C or SIGTERM.

Usage: fstream serve [flags]

${FLAGS.map(wideHelp).join("")}
Example, with a user fier whose password is 123:
  mkdir -p users && printf '[DEFAULT]\\npassword=123\\n' > users/fier.ini && fstream serve
`;

/** What settings do is too long for a column. */
function wideHelp({ name, placeholder, about }: Flag): string {
  const value = placeholder === undefined ? "" : ` ${placeholder}`;
  return `  --${name}${value}\n        ${about}\n`;
}

/** `fstream serve`. */
export const serveCommand: Command = {
  name: "serve",
  usage: "fstream serve",
  about: "run a server",
  help: HELP,
  flags: FLAGS,
  run: async (args, context) => {
    const flags = parseFlags(args, specOf(FLAGS));
    rejectUnexpected(flags.words[0], context);
    const layers = await readLayers(flags.values);
    const config = buildConfig(...layers);
    if (flags.on.has("print-config")) {
      answer(exampleConfig(...layers));
      return EXIT.done;
    }
    return await withEndSignal((signal) => serve(config, context, signal));
  },
};

async function serve(
  config: Config,
  context: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const logger = createLogger(config.logFormat, say);
  const server = await start(config, context, logger);
  using _faults = surviveFaults(server.fault);
  const unlisten = onHangup(() => server.reload());
  await aborted(signal);
  unlisten();
  logger.log("stop");
  await server.close();
  return EXIT.done;
}

async function start(
  config: Config,
  { loadCluster }: CommandContext,
  logger: Logger,
): Promise<Server> {
  try {
    await requireUsersFolder(config);
    const options = { version: VERSION, loadCluster };
    return await startServer(config, logger, options);
  } catch (error) {
    throw startFailure(error, config);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}
