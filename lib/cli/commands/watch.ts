import { request } from "../../client/request.ts";
import { watch } from "../../client/watch.ts";
import { EXIT, UsageError } from "../../errors.ts";
import { readInvocation } from "../client_invocation.ts";
import type { Command } from "../command.ts";
import { withEndSignal } from "../end_signal.ts";
import { withChannelPassword } from "../missing_password.ts";
import { ProgressMeterStream } from "../progress_meter.ts";
import { clientFlags, clientHelp } from "../request_flags.ts";

const KEYS = ["user", "channel", "channel_password", "start", "burst", "wait"];

const FLAGS = clientFlags(KEYS, {
  user: "whose channel",
  "channel_password": "its password, if it has one",
});

const HELP = `fstream watch writes a channel to stdout until it ends.

Usage: fstream [host:port] watch --user NAME [flags] | …

${clientHelp(FLAGS)}
Example:
  fstream watch -u fier | ffplay -
`;

/** `fstream watch`. */
export const watchCommand: Command = {
  name: "watch",
  usage: "fstream [host:port] watch",
  about: "write a channel to stdout",
  help: HELP,
  flags: FLAGS,
  run: async (args, context) => {
    const { fields, client, quiet } = readInvocation(
      KEYS,
      args,
      context,
      (file) => `write to the file with: fstream watch … > ${file}`,
    );
    if (Deno.stdout.isTerminal()) {
      throw new UsageError(
        "media is never written to a terminal",
        "pipe it into a player: fstream watch … | ffplay -",
      );
    }
    return await withEndSignal(async (signal) => {
      const accepted = await withChannelPassword(
        fields,
        signal,
        (fields) => request("watch", fields, { ...client, signal }),
      );
      const meter = new ProgressMeterStream(quiet);
      const media = accepted.media.pipeThrough(meter);
      try {
        await watch({ ...accepted, media }, Deno.stdout.writable, signal);
      } catch (error) {
        // The reader has what it wants (`| head -c 1000`).
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      } finally {
        meter.close();
      }
      return EXIT.done;
    });
  },
};
