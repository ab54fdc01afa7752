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

  /** The servers that it tells its clients of, itself among them. */
  async known(): Promise<readonly string[]> {
    const { port } = this;
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    let info = "";
    for await (
      const text of conn.readable.pipeThrough(new TextDecoderStream())
    ) {
      info += text;
      if (info.includes("\n")) break;
    }
    return JSON.parse(info.replace(/^INFO /, "")).connect_urls ?? [];
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

/** NATS servers of one cluster, which tell their clients of each other; `await using` ends them. */
export class NatsCluster implements AsyncDisposable {
  /** The servers; not started yet. */
  readonly all: readonly NatsProcess[];

  /** So many. */
  constructor(count: number) {
    const ports = Array.from({ length: count }, freePort);
    const routes = ports.map((port) => `nats://127.0.0.1:${port}`);
    this.all = routes.map((route) =>
      new NatsProcess(freePort(), [
        ...["--cluster_name", "c", "--cluster", route],
        ...["--routes", routes.filter((each) => each !== route).join()],
      ])
    );
  }

  /** Starts a number of them; resolves when they know each other. */
  static async start(count = 2): Promise<NatsCluster> {
    const cluster = new NatsCluster(count);
    await Promise.all(cluster.all.map((nats) => nats.run()));
    const until = performance.now() + START_MS;
    for (const nats of cluster.all) {
      while ((await nats.known()).length < count) {
        if (performance.now() > until) throw new Error("NATS has no cluster");
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    }
    return cluster;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const nats of this.all) await nats[Symbol.asyncDispose]();
  }
}
