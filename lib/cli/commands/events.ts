import type { ApiClient } from "../../client/api_client.ts";
import { ConnectionError } from "../../client/connection_error.ts";
import { untilAborted } from "../../client/until_aborted.ts";
import { sleep } from "../../clock/sleep.ts";
import { createLogger, type LogFields, type LogFormat } from "../../logger.ts";
import type { ManagedChannelJson } from "../../web/managed_json.ts";
import { runApiCommand } from "../api_command.ts";
import type { Command } from "../command.ts";
import { type Flag, flagHelp } from "../flag_table.ts";
import { apiFlags } from "../request_flags.ts";
import type { Flags } from "../flags.ts";
import { answer, say } from "../terminal.ts";

/** Events without `--only`: what happens, without the figures of every second. */
const DEFAULT_EVENTS = "live,held,ended,watch-start,watch-end,skip";

/** Milliseconds before a server that is gone is asked again. */
const RETRY_MS = 2000;

const OWN: readonly Flag[] = [
  { name: "json", about: "one JSON object per line" },
  {
    name: "only",
    placeholder: "NAMES",
    about: "these alone, with commas between: live, held, ended,\n" +
      "watch-start, watch-end, skip, stats",
  },
];

const FLAGS = apiFlags(OWN);

const HELP =
  `fstream events prints what happens to the channels that a user manages, one line per event.

Usage: fstream [host:port] events --user NAME [flags]

It runs until it is interrupted, and connects again when the server is restarted. The lines look like those of the
server's log; stats are the figures of each channel, every second.

${flagHelp(FLAGS)}
Example, a command for each channel that goes live:
  fstream events -u fier --user-password 123 --only live | while read -r time event rest; do echo "live: $rest"; done
`;

/** An event as the server sends it. */
interface ServerEvent {
  readonly event: string;
  readonly time?: string;
  readonly channels?: readonly ManagedChannelJson[];
  readonly [field: string]: unknown;
}

/** `fstream events`. */
export const eventsCommand: Command = {
  name: "events",
  usage: "fstream [host:port] events",
  about: "print what happens to channels",
  help: HELP,
  flags: FLAGS,
  run: (args, context) => {
    const command = { flags: FLAGS, maxWords: 0, needsUser: true, run };
    return runApiCommand(args, context, command);
  },
};

async function run(
  api: ApiClient,
  { values, on }: Flags,
  signal: AbortSignal,
): Promise<void> {
  const names = encodeURIComponent(values.get("only") ?? DEFAULT_EVENTS);
  const path = `/api/events?events=${names}`;
  const format = on.has("json") ? "json" : "text";
  for (let isFirst = true;; isFirst = false) {
    if (!await printAll(api, path, format, isFirst)) return;
    await untilAborted(sleep(RETRY_MS), signal);
  }
}

/**
 * Prints events until the server ends them, or is gone.
 *
 * @param isFirst Whether a server that is not there ends the command.
 * @returns Whether somebody still reads.
 */
async function printAll(
  api: ApiClient,
  path: string,
  format: LogFormat,
  isFirst: boolean,
): Promise<boolean> {
  let hasBegun = !isFirst;
  try {
    for await (const event of api.follow(path)) {
      hasBegun = true;
      if (!printEvent(event as ServerEvent, format)) return false;
    }
  } catch (error) {
    if (!hasBegun || !(error instanceof ConnectionError)) throw error;
    say(`fstream: ${error.message}; connecting again\n`);
  }
  return true;
}

/** Prints an event. @returns Whether somebody still reads. */
function printEvent(event: ServerEvent, format: LogFormat): boolean {
  let isRead = true;
  const { event: name, time = "", channels, ...fields } = event;
  const at = Date.parse(time);
  const now = (): number => Number.isNaN(at) ? Date.now() : at;
  const write = (line: string): void => void (isRead &&= answer(line));
  const logger = createLogger(format, write, now);
  const rows = channels?.map(figuresOf) ?? [fields as LogFields];
  for (const row of rows) logger.log(String(name), row);
  return isRead;
}

/** The figures of a channel that change, flat as in a log line. */
function figuresOf(channel: ManagedChannelJson): LogFields {
  const { user, channel: name, state, bitrate, watchers, skips, lag } = channel;
  return {
    ...{ user, channel: name, state, bitrate, watchers, skips },
    lag: lag?.max,
  };
}
