import { nameProblem } from "../../auth/users/names.ts";
import {
  formatPasswordHash,
  hashPassword,
} from "../../auth/passwords/password_hash.ts";
import { MAX_SECRET_BYTES } from "../../auth/passwords/secrets.ts";
import { EXIT, UsageError } from "../../errors.ts";
import { askSecrets, stdinKeyboard } from "../ask_secrets.ts";
import type { Command } from "../command.ts";
import { withEndSignal } from "../end_signal.ts";
import { specOf } from "../flag_table.ts";
import { parseFlags } from "../flags.ts";
import { rejectUnexpected } from "../unexpected_arguments.ts";
import { answer, say } from "../terminal.ts";

const HELP = `fstream user prints a user's file with a hash of the password.

Usage: fstream user NAME > users/NAME.ini

It asks for the password twice, without showing it, or reads one line if stdin is not a terminal.

Example:
  fstream user fier > users/fier.ini
`;

/** `fstream user`. */
export const userCommand: Command = {
  name: "user",
  usage: "fstream user NAME",
  about: "print a user's file with a hash of the password",
  help: HELP,
  flags: [],
  run: async (args, context) => {
    const { words: [name, more] } = parseFlags(args, specOf([]));
    rejectUnexpected(more, context);
    const user = checkedName(name);
    const password = checkedPassword(await readPassword(user));
    const hash = formatPasswordHash(await hashPassword(password));
    answer(`[DEFAULT]\npassword_hash=${hash}\n`);
    if (Deno.stdout.isTerminal()) say(`\nsave it as users/${user}.ini\n`);
    return EXIT.done;
  },
};

function checkedName(name: string | undefined): string {
  if (name === undefined) {
    throw new UsageError(
      "the user's name is missing",
      "fstream user NAME > users/NAME.ini",
    );
  }
  const problem = nameProblem(name);
  if (problem === undefined) return name;
  throw new UsageError(`the user's name ${problem}`);
}

async function readPassword(user: string): Promise<string> {
  if (!Deno.stdin.isTerminal()) return await readLine();
  const asked = [`password of ${user}: `, "the same again: "];
  const [first = "", second] = await withEndSignal((signal) =>
    askSecrets(stdinKeyboard(), asked, signal)
  );
  if (first === second) return first;
  throw new UsageError("the two passwords differ", "nothing was printed");
}

/** Reads the first line of stdin, with all its white space. */
async function readLine(): Promise<string> {
  const buffer = new Uint8Array(MAX_SECRET_BYTES + 2);
  let length = 0;
  while (length < buffer.length && !buffer.includes(0x0a)) {
    const count = await Deno.stdin.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
  }
  const text = decoded(buffer.subarray(0, length));
  return text.split(/\r?\n/, 1)[0]!;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError("the password is not UTF-8");
  }
}

/** Rejects a password that the protocol cannot carry. */
function checkedPassword(password: string): string {
  if (password === "") throw new UsageError("the password is empty");
  if (new TextEncoder().encode(password).length > MAX_SECRET_BYTES) {
    throw new UsageError(
      `the password is longer than ${MAX_SECRET_BYTES} bytes`,
    );
  }
  if (!password.includes(",")) return password;
  throw new UsageError(
    "the password contains a comma, which the protocol cannot carry",
    "choose a password without a comma",
  );
}
