/** Milliseconds after which what does not appear fails its test. */
const DEADLINE_MS = 20_000;

/** A terminal of its own, in which a shell runs; `await using` closes it. */
export class Tmux implements AsyncDisposable {
  readonly #socket = `fstream-test-${crypto.randomUUID()}`;

  /**
   * Opens a terminal.
   *
   * @param columns Its width.
   * @param rows Its height.
   */
  static async open(columns: number, rows: number): Promise<Tmux> {
    const tmux = new Tmux();
    const size = ["-x", String(columns), "-y", String(rows)];
    const shell = "env PS1='READY> ' sh";
    await tmux.#run("-f", "/dev/null", "new-session", "-d", ...size, shell);
    await tmux.wait(/READY>/);
    return tmux;
  }

  /** Types a text, and Enter. */
  async type(text: string): Promise<void> {
    await this.#run("send-keys", "-l", text);
    await this.press("Enter");
  }

  /** Presses keys, by tmux's names. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#run("send-keys", ...keys);
  }

  /** Changes its size. */
  async resize(columns: number, rows: number): Promise<void> {
    const size = ["-x", String(columns), "-y", String(rows)];
    await this.#run("resize-window", ...size);
  }

  /** What is on the screen, line by line. */
  async screen(): Promise<string> {
    return await this.#run("capture-pane", "-p");
  }

  /** What tmux knows of it: `alternate_on`, `cursor_flag`. */
  async flag(name: string): Promise<string> {
    return (await this.#run("display", "-p", `#{${name}}`)).trim();
  }

  /** Waits until the screen shows something; returns all of it. */
  async wait(pattern: RegExp): Promise<string> {
    const began = performance.now();
    for (;;) {
      const shown = await this.screen();
      if (pattern.test(shown)) return shown;
      if (performance.now() - began > DEADLINE_MS) {
        throw new Error(`Cannot find ${pattern} on the screen:\n${shown}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run("kill-server");
  }

  async #run(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, success } = await new Deno.Command("tmux", {
      args: ["-L", this.#socket, ...args],
      env: { LC_ALL: "C.UTF-8", TERM: "xterm-256color" },
    }).output();
    const decoder = new TextDecoder();
    if (success) return decoder.decode(stdout);
    throw new Error(`tmux ${args.join(" ")}: ${decoder.decode(stderr)}`);
  }
}
