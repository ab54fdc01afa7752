import { EXIT } from "../errors.ts";
import type { LoadCluster } from "../server/open_cluster.ts";
import type { Flag } from "./flag_table.ts";
import type { Build } from "./version.ts";

/** What the exit statuses mean, for help and manual. */
export const STATUSES: readonly (readonly [status: string, about: string])[] = [
  [`${EXIT.done}`, "done, every byte was delivered"],
  [`${EXIT.failed}`, "failed or incomplete"],
  [`${EXIT.usage}`, "wrong usage"],
  [`${EXIT.refused}`, "refused by the server"],
  ["130 or 143", "interrupted by Ctrl-C or SIGTERM"],
];

/** One command of the program. */
export interface Command {
  /** Its name on the command line. */
  readonly name: string;
  /** How it is called, without its flags. */
  readonly usage: string;
  /** What it does, in a few words. */
  readonly about: string;
  /** Its flags besides `--help`, in the order of the help. */
  readonly flags: readonly Flag[];
  /** Words that it takes besides flags, where they are few and known. */
  readonly words?: readonly string[];
  /** Its help, which ends in an example that works as pasted. */
  readonly help: string;
  /**
   * Runs it.
   *
   * @param args After the command's name.
   * @param context What stood before it.
   * @returns The exit status.
   */
  readonly run: (
    args: readonly string[],
    context: CommandContext,
  ) => Promise<number>;
}

/** What stands before a command, or is attached to it by commas. */
export interface CommandContext {
  /** The server's address, where one was written. */
  readonly address: string | undefined;
  /** Version 1's grammar: the `key=value` pairs of `watch,user=fier`. */
  readonly pairs: readonly string[];
  /** How the program was made; absent when it runs from its sources. */
  readonly build?: Build | undefined;
  /** Loads what connects servers. */
  readonly loadCluster?: LoadCluster | undefined;
}
