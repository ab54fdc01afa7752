import { broadcast } from "../../client/broadcast.ts";
import {
  type BroadcastOptions,
  BroadcastSession,
} from "../../client/broadcast_session.ts";
import { close } from "../../client/connect.ts";
import { isFramed } from "../../client/framed_request.ts";
import type { Accepted } from "../../client/request.ts";
import { Servers } from "../../client/servers.ts";
import { EXIT, UsageError } from "../../errors.ts";
import { byteSource } from "../../net/byte_source.ts";
import { ByteCounterStream, rawTransfer } from "../byte_counter_stream.ts";
import { readInvocation } from "../client_invocation.ts";
import type { Command } from "../command.ts";
import { EncoderEnd } from "../encoder_end.ts";
import { withEndSignal } from "../end_signal.ts";
import { withUserPassword } from "../missing_password.ts";
import { type ReportOptions, reportTransfer } from "../report_transfer.ts";
import { clientFlags, clientHelp } from "../request_flags.ts";
import { STDIN } from "../standard_streams.ts";
import {
  BROADCAST_FLAGS,
  readReconnect,
  readReportJson,
  readRetain,
} from "../transfer_flags.ts";

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

const FLAGS = clientFlags(KEYS, {}, BROADCAST_FLAGS);

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
    const { fields, client, addresses, own, quiet } = readInvocation(
      KEYS,
      args,
      context,
      {
        fileHint: (file) => `pipe the file in: fstream broadcast … < ${file}`,
        own: BROADCAST_FLAGS,
      },
    );
    if (Deno.stdin.isTerminal()) {
      throw new UsageError(
        "stdin is a terminal",
        "pipe media in: ffmpeg … | fstream broadcast …",
      );
    }
    const resuming = {
      reconnectMs: readReconnect(own),
      retainBytes: readRetain(own),
    };
    const output = { quiet, json: readReportJson(own) };
    return await withEndSignal(async (signal) => {
      const complete = await withUserPassword(fields, signal);
      const servers = new Servers(addresses, client);
      const frames = client.reply ? { frames: 1 } : {};
      const options = {
        ...{ servers, fields: complete, input: STDIN },
        ...resuming,
      };
      const request = { ...complete, ...frames };
      const accepted = await servers.request("broadcast", request, signal);
      const send = isFramed(accepted) ? sendFramed : sendRaw;
      await send(accepted, options, { ...output, signal });
      return EXIT.done;
    });
  },
};

type SendOptions = Omit<BroadcastOptions, "signal" | "inputEnd">;

/** What the terminal and the end of the program need. */
type Output = Pick<ReportOptions, "quiet" | "json"> & {
  readonly signal: AbortSignal;
};

async function sendFramed(
  accepted: Accepted,
  options: SendOptions,
  { signal, ...output }: Output,
): Promise<void> {
  const closing = new AbortController();
  using end: EncoderEnd = new EncoderEnd({
    signal,
    bytes: (): number => session.bytesRead,
    giveUp: () => closing.abort(undelivered()),
  });
  const session: BroadcastSession = new BroadcastSession({
    ...options,
    signal: closing.signal,
    inputEnd: end.ended,
  });
  const report = { verb: "broadcast", ...output } as const;
  await reportTransfer(session, report, () => session.run(accepted));
}

async function sendRaw(
  accepted: Accepted,
  { input }: SendOptions,
  { signal, ...output }: Output,
): Promise<void> {
  const counter = new ByteCounterStream();
  using end = new EncoderEnd({
    signal,
    bytes: () => counter.bytes,
    giveUp: () => close(accepted.conn),
  });
  const media = byteSource(input).pipeThrough(counter);
  const report = { verb: "broadcast", ...output } as const;
  await reportTransfer(rawTransfer(counter), report, async () => {
    try {
      await broadcast(accepted, media, end.ended);
    } catch (error) {
      throw end.gaveUp ? undelivered() : error;
    }
  });
}

function undelivered(): Error {
  return new Error("Cannot deliver the last bytes: the server takes none");
}
