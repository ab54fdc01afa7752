import { close } from "../../client/connect.ts";
import type { Accepted } from "../../client/request.ts";
import { Servers } from "../../client/servers.ts";
import { EXIT } from "../../errors.ts";
import { escapeControls } from "../../logger.ts";
import { readInvocation } from "../client_invocation.ts";
import type { Command } from "../command.ts";
import { withEndSignal } from "../end_signal.ts";
import { Failure } from "../failure.ts";
import { withUserPassword } from "../missing_password.ts";
import { clientFlags, clientHelp } from "../request_flags.ts";
import { answer, canDraw, say } from "../terminal.ts";

const KEYS = ["user", "user_password"];

const FLAGS = clientFlags(KEYS);

/** Characters of a token: the server's have 48, a module's may be longer. */
const MAX_TOKEN_CHARS = 4096;

const HELP =
  `fstream token prints a one-time token, which starts one broadcast without the password.

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
  about: "print a one-time token for a broadcast",
  help: HELP,
  flags: FLAGS,
  run: async (args, context) => {
    const { fields, client, addresses, quiet } = readInvocation(
      KEYS,
      args,
      context,
    );
    return await withEndSignal(async (signal) => {
      const complete = await withUserPassword(fields, signal);
      const servers = new Servers(addresses, client);
      const accepted = await servers.request("token", complete, signal);
      try {
        answer(`${await readToken(accepted, signal)}\n`);
      } finally {
        close(accepted.conn);
      }
      const seconds = Number(accepted.values.get("expires_in"));
      if (seconds > 0 && !quiet && canDraw()) {
        say(`valid for one broadcast within ${seconds} seconds\n`);
      }
      return EXIT.done;
    });
  },
};

/** Takes the token from the status, or from what follows where no status was asked for. */
async function readToken(
  { values, media, conn }: Accepted,
  signal: AbortSignal,
): Promise<string> {
  const token = values.get("token") ?? await readText(media, conn, signal);
  return escapeControls(token.trim());
}

async function readText(
  media: ReadableStream<Uint8Array>,
  conn: Deno.Conn,
  signal: AbortSignal,
): Promise<string> {
  const end = (): void => close(conn);
  signal.addEventListener("abort", end, { once: true });
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of media) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > MAX_TOKEN_CHARS) throw notAToken();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
  }
  return text;
}

function notAToken(): Failure {
  const problem = `it is longer than ${MAX_TOKEN_CHARS} characters`;
  return new Failure(
    `Cannot use the server's token: ${problem}`,
    "is that an fstream server?",
  );
}
