import { request, watch } from "../../client/request.ts";
import { EXIT, UsageError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { MeterStream } from "../progress_meter.ts";
import { clientFlags, clientHelp, readInvocation } from "../request_flags.ts";
import { withEndSignal } from "../terminal.ts";

const KEYS = ["user", "channel", "channel_password", "start", "burst", "wait"];

const FLAGS = clientFlags(KEYS, {
  user: "whose channel",
  "channel_password": "its password, if it has one",
});

const HELP = `fstream watch writes a channel to stdout, until it ends.

Usage: fstream [host:port] watch --user NAME [flags] | …

${clientHelp(FLAGS)}
Example:
  fstream watch -u fier | ffplay -
`;

/** `fstream watch`. */
export const watchCommand: Command = {
  name: "watch",
  usage: "fstream [host:port] watch",
  about: "a channel comes out of stdout",
  help: HELP,
  flags: FLAGS,
  run: async (args, context) => {
    const { fields, client, quiet } = readInvocation(KEYS, args, context);
    if (Deno.stdout.isTerminal()) {
      throw new UsageError(
        "media is never written to a terminal",
        "pipe it into a player: fstream watch … | ffplay -",
      );
    }
    return await withEndSignal(async (signal) => {
      const accepted = await request("watch", fields, client);
      const meter = new MeterStream(quiet);
      try {
        await watch(
          { ...accepted, media: accepted.media.pipeThrough(meter) },
          Deno.stdout.writable,
          signal,
        );
      } catch (error) {
        // The reader has all it wants (`| head -c 1000`), or somebody pressed Ctrl-C.
        if (!(error instanceof Deno.errors.BrokenPipe) && !signal.aborted) {
          throw error;
        }
      } finally {
        meter.close();
      }
      return EXIT.done;
    });
  },
};
