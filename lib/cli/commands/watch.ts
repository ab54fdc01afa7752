import { isFramed } from "../../client/framed_request.ts";
import type { Accepted } from "../../client/request.ts";
import { Servers } from "../../client/servers.ts";
import { watch } from "../../client/watch.ts";
import { type WatchOptions, WatchSession } from "../../client/watch_session.ts";
import { EXIT, UsageError } from "../../errors.ts";
import { ByteCounterStream, rawTransfer } from "../byte_counter_stream.ts";
import { readInvocation } from "../client_invocation.ts";
import type { Command } from "../command.ts";
import { withEndSignal } from "../end_signal.ts";
import { withChannelPassword } from "../missing_password.ts";
import { type ReportOptions, reportTransfer } from "../report_transfer.ts";
import { clientFlags, clientHelp } from "../request_flags.ts";
import { stdoutSink } from "../standard_streams.ts";
import {
  readFailOnLoss,
  readReconnect,
  readReportJson,
  WATCH_FLAGS,
} from "../transfer_flags.ts";

const KEYS = ["user", "channel", "channel_password", "start", "burst", "wait"];

const FLAGS = clientFlags(KEYS, {
  user: "whose channel",
  "channel_password": "its password, if it has one",
}, WATCH_FLAGS);

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
    const { fields, client, addresses, own, quiet } = readInvocation(
      KEYS,
      args,
      context,
      {
        fileHint: (file) => `write to the file with: fstream watch … > ${file}`,
        own: WATCH_FLAGS,
      },
    );
    if (Deno.stdout.isTerminal()) {
      throw new UsageError(
        "media is never written to a terminal",
        "pipe it into a player: fstream watch … | ffplay -",
      );
    }
    const resuming = {
      reconnectMs: readReconnect(own),
      failOnLoss: readFailOnLoss(own),
    };
    const output = { quiet, json: readReportJson(own) };
    return await withEndSignal(async (signal) => {
      const servers = new Servers(addresses, client);
      const frames = client.reply ? { frames: 1 } : {};
      const request = await withChannelPassword(
        fields,
        signal,
        async (fields) => {
          const keys = { ...fields, ...frames };
          const accepted = await servers.request("watch", keys, signal);
          return { fields, accepted };
        },
      );
      const options = { servers, fields: request.fields, signal, ...resuming };
      try {
        await receive(request.accepted, options, output);
      } catch (error) {
        // The reader has what it wants (`| head -c 1000`).
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      }
      return EXIT.done;
    });
  },
};

async function receive(
  accepted: Accepted,
  options: Omit<WatchOptions, "sink">,
  output: Pick<ReportOptions, "quiet" | "json">,
): Promise<void> {
  const report = { verb: "watch", ...output } as const;
  const sink = stdoutSink();
  if (isFramed(accepted)) {
    const session = new WatchSession({ ...options, sink });
    return await reportTransfer(session, report, () => session.run(accepted));
  }
  const counter = new ByteCounterStream();
  const media = accepted.media.pipeThrough(counter);
  await reportTransfer(
    rawTransfer(counter),
    report,
    () => watch({ ...accepted, media }, sink, options.signal),
  );
}
