import type { ApiClient } from "../../client/api_client.ts";
import { untilAborted } from "../../client/until_aborted.ts";
import { sleep } from "../../clock/sleep.ts";
import { escapeControls } from "../../logger.ts";
import { runApiCommand } from "../api_command.ts";
import type { Command } from "../command.ts";
import { type Flag, flagHelp } from "../flag_table.ts";
import { apiFlags } from "../request_flags.ts";
import type { Flags } from "../flags.ts";
import { answer, sayHint } from "../terminal.ts";
import {
  byName,
  CHANNEL_COLUMNS,
  type ListedChannel,
  nameOf,
  unansweredBy,
  withNode,
} from "../view/channels.ts";
import { clipped, tableLines } from "../view/table.ts";

/** Milliseconds between two lists with `--watch`. */
const WATCH_MS = 2000;

const OWN: readonly Flag[] = [
  { name: "json", about: "one JSON object per channel and line" },
  { name: "watch", about: "list again every two seconds" },
  {
    name: "api-token",
    placeholder: "TOKEN",
    about: "what the server asks for if its list is private",
  },
];

const FLAGS = apiFlags(OWN);

const HELP = `fstream list prints one line per channel that is live or held.

Usage: fstream [host:port] list [USER] [flags]

USER lists the channels of that user alone. Without --user the list is the public one. With it, it has every
channel that the user may manage, protected and unlisted ones too, and the lag of the watcher that is behind most.

${flagHelp(FLAGS)}
Example, the channels that are live, by name:
  fstream list --json | grep '"state":"live"' | grep -o '"channel":"[^"]*"'
`;

/** `fstream list`. */
export const listCommand: Command = {
  name: "list",
  usage: "fstream [host:port] list [USER]",
  about: "print the channels",
  help: HELP,
  flags: FLAGS,
  run: (args, context) => {
    const command = { flags: FLAGS, maxWords: 1, needsUser: false, run };
    return runApiCommand(args, context, command);
  },
};

async function run(
  api: ApiClient,
  { words, on }: Flags,
  signal: AbortSignal,
): Promise<void> {
  const isJson = on.has("json");
  const watches = on.has("watch");
  const print = isJson ? printJson : printTable();
  for (;;) {
    const { rows, unanswered } = await channelsOf(api, words[0]);
    const isRead = print(rows);
    const missing = unansweredBy(unanswered);
    if (missing && !watches) sayHint(escapeControls(missing));
    if (!isJson && !watches) sayAdvice(rows);
    if (!isRead || !watches) return;
    await untilAborted(sleep(WATCH_MS), signal);
  }
}

/** What a server lists. */
interface Listed {
  readonly rows: readonly ListedChannel[];
  /** The servers of a cluster that did not answer. */
  readonly unanswered: readonly string[] | undefined;
}

/** Asks for the channels, sorted by name. */
async function channelsOf(
  api: ApiClient,
  user: string | undefined,
): Promise<Listed> {
  const scope = api.isSignedIn ? "managed" : "public";
  const { channels, unanswered } = await api.ask(
    `/api/channels?scope=${scope}`,
  ) as { channels: readonly ListedChannel[]; unanswered?: readonly string[] };
  const rows = channels
    .filter((row) => user === undefined || row.user === user)
    .sort(byName);
  return { rows, unanswered };
}

/** Says what costs watchers of the channels that the user manages. */
function sayAdvice(rows: readonly ListedChannel[]): void {
  for (const row of rows) {
    if (!("advice" in row)) continue;
    for (const { text } of row.advice ?? []) {
      sayHint(escapeControls(`${nameOf(row)}: ${text}`));
    }
  }
}

function printJson(rows: readonly ListedChannel[]): boolean {
  return answer(
    rows.map((row) => `${escapeControls(JSON.stringify(row))}\n`).join(""),
  );
}

/** Prints a table, on a terminal over the previous one. */
function printTable(): (rows: readonly ListedChannel[]) => boolean {
  let above = 0;
  return (rows) => {
    const lines = tableLines(withNode(CHANNEL_COLUMNS, rows), rows);
    if (!Deno.stdout.isTerminal()) return answer(`${lines.join("\n")}\n`);
    const { columns, rows: height } = Deno.consoleSize();
    const shown = lines.slice(0, Math.max(height - 1, 1))
      .map((line) => clipped(line, columns));
    const back = above > 0 ? `\x1b[${above}A\x1b[J` : "";
    above = shown.length;
    return answer(`${back}${shown.join("\n")}\n`);
  };
}
