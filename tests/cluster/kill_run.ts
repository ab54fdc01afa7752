// deno-lint-ignore-file no-console
/**
 * Servers and NATS servers that are killed again and again under a broadcaster and watchers that use the real client:
 *
 *   deno run -A tests/cluster/kill_run.ts [--minutes 30] [--every 20] [--seed 1]
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { IncompleteError } from "../../lib/client/incomplete_error.ts";
import { Servers } from "../../lib/client/servers.ts";
import type { ByteReader } from "../../lib/net/byte_source.ts";
import type { Address } from "../../lib/net/address.ts";
import { broadcastAll, watchAll } from "../client/resume_scene.ts";
import { ServeProcess } from "../helpers/fstream_process.ts";
import { seededRandom } from "../helpers/rng.ts";
import { freePort, NatsCluster } from "./nats_process.ts";

/** Words of a record, all of them its number. */
const RECORD_WORDS = 16;

/** Bytes of a record. */
const RECORD_BYTES = 4 * RECORD_WORDS;

/** Records that are sent at once, 50 times a second: 3.3 Mbit/s. */
const BURST_RECORDS = 128;

/** Milliseconds between two of them. */
const BURST_MS = 20;

/** What happens and for how long. */
export interface KillRun {
  /** How often something is killed. */
  readonly kills: number;
  /** Milliseconds between two kills. */
  readonly everyMs: number;
  /** Chooses what. */
  readonly seed: number;
  /** What may be killed. */
  readonly victims: readonly ("nats" | "edge" | "origin")[];
}

/** What one watcher found. */
export interface Checked {
  /** Records that were received. */
  records: number;
  /** Records whose words differ, or that are no record. */
  wrong: number;
  /** Records that never came. */
  lost: number;
  /** Records that came again. */
  doubled: number;
}

/** Numbered records until it is told to end. */
class Source implements ByteReader {
  isOver = false;
  #next = 0;
  #rest: Uint8Array = new Uint8Array();
  #startedAt = performance.now();

  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) {
      if (this.isOver) return null;
      const due = this.#startedAt +
        this.#next / BURST_RECORDS * BURST_MS - performance.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due)));
      this.#rest = this.#burst();
    }
    const part = this.#rest.subarray(0, buffer.length);
    buffer.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return part.length;
  }

  #burst(): Uint8Array {
    const bytes = new Uint8Array(BURST_RECORDS * RECORD_BYTES);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.length; at += 4) {
      view.setUint32(at, this.#next + Math.floor(at / RECORD_BYTES));
    }
    this.#next += BURST_RECORDS;
    return bytes;
  }
}

/** Checks numbered records. */
class Check {
  readonly found: Checked = { records: 0, wrong: 0, lost: 0, doubled: 0 };
  readonly sink: WritableStream<Uint8Array> = new WritableStream({
    write: (bytes): void => this.#take(bytes),
  });
  #rest: Uint8Array = new Uint8Array();
  #next: number | undefined;

  #take(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const view = new DataView(all.buffer);
    let at = 0;
    for (; at + RECORD_BYTES <= all.length; at += RECORD_BYTES) {
      this.#record(view, at);
    }
    this.#rest = all.slice(at);
  }

  #record(view: DataView, at: number): void {
    const number = view.getUint32(at);
    for (let word = 1; word < RECORD_WORDS; word++) {
      if (view.getUint32(at + 4 * word) === number) continue;
      this.found.wrong++;
      return;
    }
    this.found.records++;
    const next = this.#next ?? number;
    if (number > next) this.found.lost += number - next;
    if (number < next) this.found.doubled++;
    this.#next = Math.max(next, number + 1);
  }
}

/** Three servers and two NATS servers. */
class Site implements AsyncDisposable {
  readonly nats: NatsCluster = new NatsCluster(2);
  readonly addresses: readonly Address[];
  readonly servers: ServeProcess[] = [];

  constructor() {
    this.addresses = [0, 1, 2].map(() => ({
      host: "127.0.0.1",
      port: freePort(),
    }));
  }

  async start(): Promise<void> {
    for (const nats of this.nats.all) await nats.run();
    for (const index of this.addresses.keys()) await this.serve(index);
  }

  /** Starts a server, again after it was killed. */
  async serve(index: number): Promise<void> {
    const { host, port } = this.addresses[index]!;
    const nats = this.nats.all.map(({ url }) => url).join();
    const flags = ["--nats", nats, "--listen", `${host}:${port}`];
    this.servers[index] = await ServeProcess.start(flags);
    await this.servers[index]!.log.wait("cluster-up");
  }

  /** The server whose address a client would try first. */
  client(first: number): Servers {
    const order = [0, 1, 2].map((i) => this.addresses[(first + i) % 3]!);
    return new Servers(order, { wire: 2, reply: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.servers) await server[Symbol.asyncDispose]();
    await this.nats[Symbol.asyncDispose]();
  }
}

/** Runs it; one result for each of three watchers. */
export async function killRun(
  { kills, everyMs, seed, victims }: KillRun,
): Promise<Checked[]> {
  await using site = new Site();
  await site.start();
  const random = seededRandom(seed);
  const source = new Source();
  const retainBytes = 8 * 1024 * 1024;
  const fields = { bufsize: RECORD_BYTES };
  const broadcasting = broadcastAll({
    ...{ servers: site.client(0), input: source, retainBytes, fields },
    reconnectMs: 30_000,
  });
  const checks = [new Check(), new Check(), new Check()];
  const watching = checks.map(({ sink }, index) =>
    watchAll({ servers: site.client(index), sink, reconnectMs: 30_000 })
  );
  const ends = Promise.allSettled(watching);
  for (let kill = 0; kill < kills; kill++) {
    await new Promise((resolve) => setTimeout(resolve, everyMs / 2));
    const victim = victims[kill % victims.length]!;
    if (victim === "nats") {
      const nats = site.nats.all[random(2)]!;
      await nats.kill();
      await nats.run();
    } else {
      const index = victim === "origin" ? 0 : 1 + random(2);
      await site.servers[index]!.stop("SIGKILL");
      await site.servers[index]![Symbol.asyncDispose]();
      await site.serve(index);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs / 2));
  }
  source.isOver = true;
  await broadcasting;
  for (const end of await ends) {
    // A client says at its end that something is missing, which the records tell too.
    if (end.status === "fulfilled") continue;
    if (!(end.reason instanceof IncompleteError)) throw end.reason;
  }
  return checks.map(({ found }) => found);
}

if (import.meta.main) {
  const args = parseArgs(Deno.args, { string: ["minutes", "every", "seed"] });
  const everyMs = Number(args.every ?? 20) * 1000;
  const kills = Math.ceil(Number(args.minutes ?? 30) * 60_000 / everyMs);
  const seed = Number(args.seed ?? 1);
  const found = await killRun({
    ...{ kills, everyMs, seed },
    victims: ["nats", "edge", "nats", "edge", "origin"],
  });
  console.log(`${kills} kills`);
  for (const [index, each] of found.entries()) {
    console.log(`watcher ${index}: ${JSON.stringify(each)}`);
  }
  Deno.exit(found.every(({ wrong }) => wrong === 0) ? 0 : 1);
}
