/** What a program did. */
export interface Ran {
  /** Whether its exit status was 0. */
  readonly success: boolean;
  /** What it wrote to stdout. */
  readonly stdout: string;
  /** What it wrote to stderr. */
  readonly stderr: string;
}

/** How a program is run. */
export interface RunOptions {
  /** Milliseconds after which it is ended. */
  readonly timeout: number;
  /** The whole environment, in the place of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end, with nothing at its stdin.
 *
 * @param program Its path, or its name on the search path.
 * @param args Its arguments.
 * @param options How long it may take, and its environment.
 * @returns What it did; a program that took too long had no success.
 * @throws {Deno.errors.NotFound} If there is no such program.
 */
export async function runTool(
  program: string,
  args: readonly string[],
  { timeout, env }: RunOptions,
): Promise<Ran> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), timeout);
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      env: { NO_COLOR: "1", ...env },
      clearEnv: env !== undefined,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: ended.signal,
    }).output();
    const text = new TextDecoder();
    return {
      success,
      stdout: text.decode(stdout),
      stderr: text.decode(stderr),
    };
  } finally {
    clearTimeout(timer);
  }
}
