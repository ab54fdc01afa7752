import { EXIT } from "../errors.ts";
import type { Flag } from "./flag_table.ts";
import type { Build } from "./version.ts";

/** What the exit statuses mean, for help and manual. */
export const STATUS_HELP: string = [
  `${EXIT.done} done`,
  `${EXIT.failed} failed`,
  `${EXIT.usage} wrong usage`,
  `${EXIT.refused} refused by the server.`,
].join(", ");

/** One command of the program. */
export interface Command {
  /** Its name on the command line. */
  readonly name: string;
  /** How it is called, without its flags. */
  readonly usage: string;
  /** What it does, in a few words. */
  readonly about: string;
  /** Its flags beside `--help`, in the order of the help. */
  readonly flags: readonly Flag[];
  /** Words that it takes beside flags, where they are few and known. */
  readonly words?: readonly string[];
  /** Its help, which ends in a pipeline that works as pasted. */
  readonly help: string;
  /**
   * Runs it.
   *
   * @param args Behind the command's name.
   * @param context What stood before it.
   * @returns The exit status.
   */
  readonly run: (
    args: readonly string[],
    context: CommandContext,
  ) => Promise<number>;
}

/** What stands before a command, or hangs on it. */
export interface CommandContext {
  /** The server's address, where one was written. */
  readonly address: string | undefined;
  /** Version 1's grammar: `key=value` pairs that hang on the verb by commas. */
  readonly pairs: readonly string[];
  /** How the program was made; absent when it runs from its sources. */
  readonly build?: Build | undefined;
}
