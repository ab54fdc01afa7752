import { byteSource } from "../../net/byte_source.ts";
import { broadcast, request } from "../../client/request.ts";
import { EXIT, UsageError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { MeterStream } from "../progress_meter.ts";
import { clientFlags, clientHelp, readInvocation } from "../request_flags.ts";
import { withEndSignal } from "../terminal.ts";

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

const HELP =
  `fstream broadcast puts what comes in at stdin on the air, until it ends.

Usage: … | fstream [host:port] broadcast --user NAME [flags]

${clientHelp(FLAGS)}
Example:
  ffmpeg -re -i film.mkv -c copy -f mpegts - | fstream broadcast -u fier --user-password 123
`;

/**
 * Milliseconds after Ctrl-C in which an encoder in the same pipeline, which got the same signal, may
 * write its last bytes.
 */
const ENCODER_END_MS = 2000;

/** `fstream broadcast`. */
export const broadcastCommand: Command = {
  name: "broadcast",
  usage: "fstream [host:port] broadcast",
  about: "stdin goes on the air",
  help: HELP,
  flags: FLAGS,
  run: async (args, context) => {
    const { fields, client, quiet } = readInvocation(KEYS, args, context);
    if (Deno.stdin.isTerminal()) {
      throw new UsageError(
        "stdin is a terminal",
        "pipe media in: ffmpeg … | fstream broadcast",
      );
    }
    return await withEndSignal(async (signal) => {
      const accepted = await request("broadcast", fields, client);
      const meter = new MeterStream(quiet);
      const { ended, clear } = after(signal, ENCODER_END_MS);
      try {
        await broadcast(
          accepted,
          byteSource(Deno.stdin).pipeThrough(meter),
          ended,
        );
      } finally {
        clear();
        meter.close();
      }
      return EXIT.done;
    });
  },
};

/** A signal that is aborted some milliseconds after another one. */
function after(
  signal: AbortSignal,
  ms: number,
): { ended: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener("abort", () => {
    timer = setTimeout(() => controller.abort(), ms);
  }, { once: true });
  return { ended: controller.signal, clear: () => clearTimeout(timer) };
}
