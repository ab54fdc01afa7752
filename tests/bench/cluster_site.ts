/** Servers of one cluster as processes of their own, with a NATS whose traffic is counted. */
import { freePort, NatsProcess } from "../cluster/nats_process.ts";
import { processorSeconds } from "../soak/sampler.ts";
import { compile, type Load, runLoad } from "./load_run.ts";
import { end, fstream, type Peer } from "./peers.ts";

/** The load of one run. */
export interface ClusterDemand {
  readonly watchers: number;
  /** Bits a second to each watcher. */
  readonly rate: number;
  /** Bytes of a chunk. */
  readonly chunk: number;
  readonly seconds: number;
}

/** What a run took. */
export interface ClusterRun {
  readonly load: Load;
  /** Processor seconds of other processes meanwhile, in the order in which they were named. */
  readonly cpu: readonly number[];
  /** Media that nodes sent to NATS, and that NATS sent to nodes, in bytes. */
  readonly media: Traffic;
}

/** Bytes over NATS. */
export interface Traffic {
  readonly in: number;
  readonly out: number;
}

/** NATS and what was started; `await using` ends it. */
export class ClusterSite implements AsyncDisposable {
  /** Where programs and users lie. */
  readonly folder: string;
  /** What connects the servers. */
  readonly nats: NatsProcess;
  readonly #monitor: number;
  readonly #started: Peer[] = [];

  /** Not made by others; see {@linkcode ClusterSite.start}. */
  constructor(folder: string, nats: NatsProcess, monitor: number) {
    this.folder = folder;
    this.nats = nats;
    this.#monitor = monitor;
  }

  /** Starts NATS, and compiles the load generator. */
  static async start(): Promise<ClusterSite> {
    const folder = await Deno.makeTempDir({ prefix: "fstream-cluster-" });
    const monitor = freePort();
    const nats = await NatsProcess.start("-m", String(monitor));
    const site = new ClusterSite(folder, nats, monitor);
    await compile(folder, "load");
    return site;
  }

  /** Starts a server, watched over HTTP. */
  async server(
    flags: readonly string[],
    at: number = freePort(),
  ): Promise<Peer> {
    const all = ["--linger", "0", ...flags];
    const { process, port } = await fstream(this.folder, all, at);
    const shared = { process, port, sourcePort: port };
    const peer: Peer = { name: "fstream", protocol: "http", ...shared };
    this.#started.push(peer);
    return peer;
  }

  /** Starts a server of the cluster. */
  async node(
    flags: readonly string[] = [],
    at: number = freePort(),
  ): Promise<Peer> {
    return await this.server(["--nats", this.nats.url, ...flags], at);
  }

  /** Ends a server. */
  async end(peer: Peer): Promise<void> {
    await end(peer.process);
    this.#started.splice(this.#started.indexOf(peer), 1);
  }

  /** Runs a load, and measures what other processes and NATS take meanwhile. */
  async run(
    peer: Peer,
    demand: ClusterDemand,
    others: readonly number[] = [],
  ): Promise<ClusterRun> {
    const before = others.map(processorSeconds);
    const carried = await this.#media();
    const load = await runLoad(this.folder, peer, demand);
    const media = await this.#media();
    const cpu = others.map((pid, i) => processorSeconds(pid) - before[i]!);
    return {
      ...{ load, cpu },
      media: { in: media.in - carried.in, out: media.out - carried.out },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.#started) await end(process);
    await this.nats[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }

  /** What the connections for media have carried so far. */
  async #media(): Promise<Traffic> {
    const url = `http://127.0.0.1:${this.#monitor}/connz`;
    const { connections } = await (await fetch(url)).json();
    const sum = { in: 0, out: 0 };
    for (const { name, in_bytes, out_bytes } of connections) {
      if (!/^fstream .*media$/.test(name)) continue;
      sum.in += in_bytes;
      sum.out += out_bytes;
    }
    return sum;
  }
}
