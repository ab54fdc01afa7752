/** The result of a program. */
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
  /** Milliseconds after which it is killed. */
  readonly timeout: number;
  /** The whole environment, instead of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end, with an empty stdin.
 *
 * @param program Its path, or its name in the search path.
 * @returns Its result; a program that took too long was not successful.
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
