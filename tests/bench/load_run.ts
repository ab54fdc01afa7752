/** The load generator: compiled, run against one server, and what it says. */
import type { Peer } from "./peers.ts";

/** What the load generator says of one run; times are of one chunk from broadcaster to watcher. */
export interface Load {
  /** As many as were asked for. */
  readonly watchers: number;
  /** Bytes of media that all watchers took together. */
  readonly bytes: number;
  /** Chunks that the server did not take from the broadcaster. */
  readonly unsent: number;
  /** Times that a watcher met a chunk that was not the next. */
  readonly gaps: number;
  /** Watchers that met bytes that are no chunk. */
  readonly torn: number;
  /** Watchers whose connection the server ended. */
  readonly cut: number;
  /** Watchers that were not sent the last chunk. */
  readonly behind: number;
  /** Half of the chunks were younger on arrival. */
  readonly "p50_ms": number;
  /** 99 of 100 chunks were younger on arrival. */
  readonly "p99_ms": number;
  /** 999 of 1,000 chunks were younger on arrival. */
  readonly "p999_ms": number;
  /** The oldest chunk on arrival. */
  readonly "max_ms": number;
  /** Processor seconds of the load generator from the first chunk to the last. */
  readonly "load_cpu_s": number;
  /** Seconds of that time. */
  readonly "elapsed_s": number;
  /** Processor seconds of the server in the same time. */
  readonly "server_cpu_s": number;
  /** Resident memory of the server at the end of it. */
  readonly "server_rss_mb": number;
  /** Connections of the storm. */
  readonly storm: number;
  /** Those of them that got media before they left. */
  readonly "storm_served": number;
}

/** What is asked of the load generator. */
export interface Demand {
  /** Connections that read the media. */
  readonly watchers: number;
  /** Bits a second to each watcher. */
  readonly rate: number;
  /** Bytes of a chunk. */
  readonly chunk: number;
  /** Seconds from the first chunk to the last. */
  readonly seconds: number;
  /** Connections a second that come and go besides. */
  readonly storm?: number;
  /** Broadcasts, each with its share of the watchers; default one. */
  readonly channels?: number;
  /** Whether the load generator stays off the first core; default it runs where the system lets it. */
  readonly leavesCore?: boolean;
}

/** Watchers that connect in a second. */
const CONNECTS = 500;

/** Seconds beyond those of the load until a run is given up: slow accepts, what is left to drain, start. */
const PATIENCE = 60;

/**
 * Compiles one of the C programs in this folder.
 *
 * @param flags What the compiler is told besides.
 * @throws {Error} where there is no compiler.
 */
export async function compile(
  folder: string,
  name: string,
  flags: readonly string[] = [],
): Promise<void> {
  const source = new URL(`${name}.c`, import.meta.url).pathname;
  const { success } = await new Deno.Command("gcc", {
    args: ["-O2", "-o", `${folder}/${name}`, source, ...flags],
  }).output();
  const needed = flags.length > 0 ? " with OpenSSL's headers" : "";
  if (!success) {
    throw new Error(`Cannot compile ${name}.c: is gcc${needed} installed?`);
  }
}

/** What the load generator is compiled with to speak TLS. */
export const TLS_FLAGS: readonly string[] = ["-DTLS", "-lssl"];

/**
 * Runs the load against a server once.
 *
 * @param folder Where `load` was compiled.
 * @throws {Error} with what the load generator died of.
 */
export async function runLoad(
  folder: string,
  peer: Peer,
  demand: Demand,
): Promise<Load> {
  const { watchers, rate, chunk, seconds, storm = 0, channels = 1 } = demand;
  const wait = watchers / CONNECTS + seconds + PATIENCE;
  const signal = AbortSignal.timeout(wait * 1000);
  const numbers = [watchers, rate, chunk, seconds, CONNECTS];
  const load = [`${folder}/load`, "127.0.0.1", `${peer.port}`, peer.protocol];
  // All cores but the first, as taskset(1) has it.
  const pin = demand.leavesCore ? ["taskset", "-c", "1-1023"] : [];
  const [program, ...args] = [...pin, ...load, ...numbers.map(String)];
  const { stdout, stderr, success } = await new Deno.Command(program!, {
    args,
    env: {
      LOAD_PID: `${peer.process.pid}`,
      LOAD_SOURCE_PORT: `${peer.sourcePort}`,
      LOAD_STORM: `${storm}`,
      LOAD_CHANNELS: `${channels}`,
      LOAD_TLS: peer.secure ? "1" : "0",
    },
    signal,
  }).output();
  const text = new TextDecoder();
  if (signal.aborted) throw new Error(`no end after ${Math.ceil(wait)} s`);
  const died = text.decode(stderr).trim().replace(/^load: /, "");
  if (!success) throw new Error(died || "the load generator died");
  const said = JSON.parse(text.decode(stdout)) as Load;
  if (said.bytes === 0) throw new Error("no watcher was sent anything");
  return said;
}
