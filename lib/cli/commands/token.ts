import { close, request } from "../../client/request.ts";
import { EXIT } from "../../errors.ts";
import type { Command } from "../command.ts";
import { clientFlags, clientHelp, readInvocation } from "../request_flags.ts";
import { answer, say } from "../terminal.ts";

const KEYS = ["user", "user_password"];

const FLAGS = clientFlags(KEYS);

const HELP =
  `fstream token prints a one-time token, with which one broadcast can start without the password.

Usage: fstream [host:port] token --user NAME [flags]

${clientHelp(FLAGS)}
Example:
  token=$(fstream token -u fier --user-password 123)
  ffmpeg -re -i film.mkv -c copy -f mpegts - | fstream broadcast -u fier --token "$token"
`;

/** `fstream token`. */
export const tokenCommand: Command = {
  name: "token",
  usage: "fstream [host:port] token",
  about: "a one-time token for a broadcast",
  help: HELP,
  flags: FLAGS,
  run: async (args, context) => {
    const { fields, client, quiet } = readInvocation(
      KEYS,
      args,
      context,
    );
    const { conn, values, media } = await request("token", fields, client);
    try {
      answer(
        `${values.get("token") ?? (await new Response(media).text()).trim()}\n`,
      );
    } finally {
      close(conn);
    }
    const seconds = values.get("expires_in");
    if (seconds && !quiet && Deno.stderr.isTerminal()) {
      say(`good for one broadcast within ${seconds} seconds\n`);
    }
    return EXIT.done;
  },
};
