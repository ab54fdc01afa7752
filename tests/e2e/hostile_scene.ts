import type { Address } from "../../lib/net/address.ts";
import { ServeProcess } from "../helpers/fstream_process.ts";
import { Bystander } from "../session/live_channel.ts";

/** Milliseconds between two pieces of media for the healthy watcher. */
const PACE_MS = 50;

/** Milliseconds in which a server must be rid of hostile connections, in addition to its own limits. */
const RID_MS = 15_000;

/** Connections that belong to the scene: the broadcaster, the watcher, and the one that asks. */
const OWN_CONNECTIONS = 3;

/** A server under attack, and a channel with a healthy watcher; `await using` stops it. */
export class HostileScene implements AsyncDisposable {
  /** The server. */
  readonly serve: ServeProcess;
  /** Where it listens without TLS. */
  readonly address: Address;
  readonly #bystander: Bystander;

  constructor(
    serve: ServeProcess,
    address: Address,
    bystander: Bystander,
  ) {
    this.serve = serve;
    this.address = address;
    this.#bystander = bystander;
  }

  /**
   * Starts one.
   *
   * @param flags Settings of the server.
   * @param files File descriptors that it may have, if that matters.
   */
  static async start(
    flags: readonly string[],
    files?: number,
  ): Promise<HostileScene> {
    const serve = await ServeProcess.start(flags, files);
    const address = await serve.address();
    const { log } = serve;
    const bystander = await Bystander.open({ address, log });
    return new HostileScene(serve, address, bystander);
  }

  /** Waits for something, and asserts all the while that the healthy watcher loses nothing. */
  async during<T>(attack: Promise<T>): Promise<T> {
    let isOver = false;
    const over = attack.finally(() => isOver = true);
    over.catch(() => {}); // It is awaited below.
    do {
      await this.#bystander.assertServed();
      await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    } while (!isOver);
    await this.#bystander.assertServed();
    return await over;
  }

  /**
   * Waits until no connection is left but the scene's own.
   *
   * @param others Further connections that stay.
   */
  async rid(others = 0): Promise<void> {
    const began = performance.now();
    for (;;) {
      const count = await this.#connections();
      if (count <= OWN_CONNECTIONS + others) return;
      if (performance.now() - began > RID_MS) {
        throw new Error(`${count} connections are still there`);
      }
      await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    }
  }

  /** Requests a page on a connection of its own; returns its text. */
  async get(path: string): Promise<string> {
    const { host, port } = this.address;
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const url = `http://${host}:${port}${path}`;
    return await (await fetch(url, { client })).text();
  }

  /** File descriptors that the server has open. */
  get files(): number {
    return [...Deno.readDirSync(`/proc/${this.serve.pid}/fd`)].length;
  }

  /** The most memory that the server had so far, in MiB (proc_pid_status(5)). */
  get peakMiB(): number {
    const path = `/proc/${this.serve.pid}/status`;
    const status = Deno.readTextFileSync(path);
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }

  /** Reasons that were logged for refusals. */
  get reasons(): string[] {
    const refused = this.serve.log.named("refused");
    return [...new Set(refused.map(({ fields }) => String(fields.reason)))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#bystander[Symbol.dispose]();
    await this.serve[Symbol.asyncDispose]();
  }

  async #connections(): Promise<number> {
    const metrics = await this.get("/metrics");
    return Number(/^fstream_connections (\d+)$/m.exec(metrics)?.[1]);
  }
}
