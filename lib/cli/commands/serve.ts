import {
  buildConfig,
  type Config,
  type Setting,
  SETTINGS,
  type Written,
} from "../../config/config.ts";
import { EXIT, messageOf, UsageError } from "../../errors.ts";
import { IniSyntaxError, parse } from "../../config/ini.ts";
import { createLogger } from "../../logger.ts";
import { startServer } from "../../server/server.ts";
import type { Command } from "../command.ts";
import { type Flag, specOf } from "../flag_table.ts";
import { parseFlags } from "../flags.ts";
import { answer, onHangup, say, withEndSignal } from "../terminal.ts";
import { VERSION } from "../version.ts";

const settings: readonly Setting<unknown>[] = Object.values(SETTINGS);

/** The flags that are settings, and where an ini of them is: what `serve` and its companions take. */
export const SETTING_FLAGS: readonly Flag[] = [
  ...settings.map(settingFlag),
  {
    name: "config",
    placeholder: "FILE",
    about:
      "an ini with these settings in its section [server]; a flag goes before it",
  },
];

const FLAGS: readonly Flag[] = [
  ...SETTING_FLAGS,
  {
    name: "print-config",
    about: "prints such an ini, with every setting explained, and ends",
  },
];

const HELP = `fstream serve runs a server, until Ctrl-C or SIGTERM.

Usage: fstream serve [flags]

${FLAGS.map(wideHelp).join("")}
Example, with a user fier whose password is 123:
  mkdir -p users && printf '[DEFAULT]\\npassword=123\\n' > users/fier.ini && fstream serve
`;

function settingFlag(
  { name, placeholder, about, default: text }: Setting<unknown>,
): Flag {
  const shown = text ? `${about} (default ${text})` : about;
  return { name, placeholder, about: shown };
}

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
    const stray = flags.words[0] ?? context.pairs[0] ?? context.address;
    if (stray !== undefined) throw new UsageError(`cannot place "${stray}"`);
    if (flags.on.has("print-config")) {
      answer(exampleConfig());
      return EXIT.done;
    }
    const config = await readConfig(flags.values);
    return await withEndSignal((signal) => serve(config, signal));
  },
};

async function serve(config: Config, signal: AbortSignal): Promise<number> {
  const logger = createLogger(config.logFormat, say);
  const server = await startServer(config, logger, { version: VERSION });
  const unlisten = onHangup(() => server.reload());
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  unlisten();
  logger.log("stop");
  await server.close();
  return EXIT.done;
}

async function readConfig(flags: ReadonlyMap<string, string>): Promise<Config> {
  return buildConfig(...await readLayers(flags));
}

/**
 * Reads the settings that were written, not yet what their values mean.
 *
 * @param flags Values by flag; `config` is the ini's path.
 * @returns The layers for `buildConfig`: the ini, if there is one, and the flags.
 * @throws {UsageError} when the ini cannot be read, with file and line.
 */
export async function readLayers(
  flags: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, Written>[]> {
  const fromFlags = new Map<string, Written>();
  for (const [name, text] of flags) {
    if (name !== "config") fromFlags.set(name, { text, where: `--${name}` });
  }
  const path = flags.get("config");
  if (path === undefined) return [fromFlags];
  return [parseConfig(await readText(path), path), fromFlags];
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new UsageError(`Cannot read ${path}: ${messageOf(cause)}`);
  }
}

/**
 * Reads an ini of settings.
 *
 * @param text The ini; every setting stands in its section `[server]`.
 * @param path Named in errors.
 * @throws {UsageError} with file and line.
 */
export function parseConfig(text: string, path: string): Map<string, Written> {
  const written = new Map<string, Written>();
  try {
    for (const [section, values] of parse(text)) {
      if (section !== "server" && section !== "DEFAULT") {
        throw new UsageError(
          `${path}: unknown section [${section}]`,
          "settings go to [server]",
        );
      }
      for (const [name, { value, line }] of values) {
        written.set(name, {
          text: value,
          where: `${path} line ${line}: ${name}`,
        });
      }
    }
  } catch (error) {
    if (error instanceof IniSyntaxError) {
      throw new UsageError(`${path} line ${error.line}: ${error.problem}`);
    }
    throw error;
  }
  return written;
}

/** An ini with every setting at its default, explained. */
export function exampleConfig(): string {
  const lines = settings.map(({ name, about, default: text }) =>
    `\n# ${about[0]!.toUpperCase()}${about.slice(1)}.\n${
      text ? "" : "# "
    }${name} = ${text}\n`
  );
  return `# Settings of fstream serve: fstream serve --config fstream.ini\n[server]\n${
    lines.join("")
  }`;
}
