/** One command of the program. */
export interface Command {
  /** Its name on the command line. */
  readonly name: string;
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
}
