import { request, watch } from "../client.ts";
import { EXIT, UsageError } from "../errors.ts";
import type { Command } from "./command.ts";
import { MeterStream } from "./meter.ts";
import { CLIENT_HELP, readInvocation } from "./request_flags.ts";
import { withEndSignal } from "./terminal.ts";

const HELP = `fstream watch writes a channel to stdout, until it ends.

Usage: fstream [host:port] watch --user NAME [flags] | …

  -u, --user NAME            whose channel
  -c, --channel NAME         the channel (default "default")
  --channel-password WORD    its password, if it has one
  --start join|live|oldest   begin at the newest place where decoding can start (join, the default),
                             at the next one (live), or at the oldest that is kept (oldest)
  --burst SECONDS            begin so far back, for players that want a buffer first
  --wait SECONDS             wait for a channel that is not live yet
${CLIENT_HELP}
Example:
  fstream watch -u fier | ffplay -
`;

const KEYS = ["user", "channel", "channel_password", "start", "burst", "wait"];

/** `fstream watch`. */
export const watchCommand: Command = {
  name: "watch",
  help: HELP,
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
