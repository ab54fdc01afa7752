import { needs } from "../helpers/installed.ts";

/** Milliseconds between two looks whether a server listens. */
const LOOK_MS = 20;

/** Milliseconds that a server has to listen. */
const START_MS = 10_000;

/** A test that needs `nats-server`, which is skipped and says so where that is not installed. */
export function needsNats(name: string): { name: string; ignore: boolean } {
  return needs("nats-server", name);
}

/** A port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A real NATS server on loopback; `await using` ends it. */
export class NatsProcess implements AsyncDisposable {
  /** Where clients connect to. */
  readonly port: number;
  readonly #args: readonly string[];
  #child: Deno.ChildProcess | undefined;

  /** Not started yet; see {@linkcode NatsProcess.start}. */
  constructor(port: number, args: readonly string[]) {
    this.port = port;
    this.#args = ["-a", "127.0.0.1", "-p", String(port), ...args];
  }

  /** Starts a server; resolves when it listens. */
  static async start(...args: string[]): Promise<NatsProcess> {
    const nats = new NatsProcess(freePort(), args);
    await nats.run();
    return nats;
  }

  /** Its process id. */
  get pid(): number {
    return this.#child!.pid;
  }

  /** Its address for the setting `nats`. */
  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Starts it, again after it was killed; resolves when it listens. */
  async run(): Promise<void> {
    const streams = { stdout: "null", stderr: "null" } as const;
    const options = { args: [...this.#args], ...streams };
    this.#child = new Deno.Command("nats-server", options).spawn();
    const until = performance.now() + START_MS;
    while (!await this.#listens()) {
      if (performance.now() > until) throw new Error("NATS does not listen");
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Sends it a signal. */
  signal(signal: Deno.Signal): void {
    this.#child?.kill(signal);
  }

  /** Kills it at once, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.status;
    this.#child = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child) await this.kill();
  }

  async #listens(): Promise<boolean> {
    try {
      const { port } = this;
      using _conn = await Deno.connect({ hostname: "127.0.0.1", port });
      return true;
    } catch {
      return false;
    }
  }
}
