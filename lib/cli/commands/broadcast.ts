import { broadcast } from "../../client/broadcast.ts";
import { close } from "../../client/connect.ts";
import { type Accepted, request } from "../../client/request.ts";
import { EXIT, UsageError } from "../../errors.ts";
import { byteSource } from "../../net/byte_source.ts";
import { readInvocation } from "../client_invocation.ts";
import type { Command } from "../command.ts";
import { EncoderEnd } from "../encoder_end.ts";
import { withEndSignal } from "../end_signal.ts";
import { withUserPassword } from "../missing_password.ts";
import { ProgressMeterStream } from "../progress_meter.ts";
import { clientFlags, clientHelp } from "../request_flags.ts";

const KEYS = [
  "user",
  "user_password",
  "token",
  "channel",
  "channel_password",
  "bufsize",
  "format",
  "hold",
];

const FLAGS = clientFlags(KEYS);

const HELP = `fstream broadcast sends stdin to a channel until it ends.

Usage: … | fstream [host:port] broadcast --user NAME [flags]

${clientHelp(FLAGS)}
Example:
  ffmpeg -re -i film.mkv -c copy -f mpegts - | fstream broadcast -u fier --user-password 123
`;

/** `fstream broadcast`. */
export const broadcastCommand: Command = {
  name: "broadcast",
  usage: "fstream [host:port] broadcast",
  about: "send stdin to a channel",
  help: HELP,
  flags: FLAGS,
  run: async (args, context) => {
    const { fields, client, quiet } = readInvocation(
      KEYS,
      args,
      context,
      (file) => `pipe the file in: fstream broadcast … < ${file}`,
    );
    if (Deno.stdin.isTerminal()) {
      throw new UsageError(
        "stdin is a terminal",
        "pipe media in: ffmpeg … | fstream broadcast …",
      );
    }
    return await withEndSignal(async (signal) => {
      const complete = await withUserPassword(fields, signal);
      const options = { ...client, signal };
      const accepted = await request("broadcast", complete, options);
      await send(accepted, new ProgressMeterStream(quiet), signal);
      return EXIT.done;
    });
  },
};

async function send(
  accepted: Accepted,
  meter: ProgressMeterStream,
  signal: AbortSignal,
): Promise<void> {
  const end = new EncoderEnd({
    signal,
    bytes: () => meter.bytes,
    giveUp: () => close(accepted.conn),
  });
  const media = byteSource(Deno.stdin).pipeThrough(meter);
  try {
    await broadcast(accepted, media, end.ended);
  } catch (error) {
    throw end.gaveUp
      ? new Error("Cannot deliver the last bytes: the server takes none")
      : error;
  } finally {
    end.close();
    meter.close();
  }
}
