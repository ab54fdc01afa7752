import { pause, type Scene } from "./scene.ts";

/** The server at one moment. */
export interface Sample {
  /** Seconds since the beginning. */
  readonly at: number;
  /** Resident memory in MB. */
  readonly rssMb: number;
  /** Open files, sockets among them. */
  readonly files: number;
  /** Milliseconds that an answer over HTTP took, which waits for the event loop as all else does. */
  readonly answerMs: number;
  /** Milliseconds that the event loop was late lately, at most. */
  readonly delayMs: number;
  /** Watchers, as the server counts them. */
  readonly watchers: number;
  /** Connections besides the one that asks, as the server counts them. */
  readonly connections: number;
}

/** Milliseconds between two samples. */
const SAMPLE_MS = 5000;

/**
 * Looks at the server once.
 *
 * @param pid Its process.
 * @param origin Where it listens, as `http://host:port`.
 * @param at Seconds since the beginning.
 */
export async function sample(
  pid: number,
  origin: string,
  at: number,
): Promise<Sample> {
  const asked = performance.now();
  const metrics = await (await fetch(`${origin}/metrics`)).text();
  return {
    at,
    rssMb: residentMb(pid),
    files: openFiles(pid),
    answerMs: performance.now() - asked,
    delayMs: 1000 * figure(metrics, "fstream_event_loop_delay_seconds"),
    watchers: figure(metrics, "fstream_watchers"),
    connections: figure(metrics, "fstream_connections") - 1,
  };
}

/** Looks at the server again and again until the time is over. */
export async function sampleOn(scene: Scene, pid: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const began = performance.now();
  while (!scene.over.aborted) {
    const at = (performance.now() - began) / 1000;
    samples.push(await sample(pid, scene.origin, at));
    await pause(scene, SAMPLE_MS);
  }
  return samples;
}

/** Seconds of the processor that a process has taken (proc(5), `/proc/PID/stat`, fields 14 and 15). */
export function processorSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // Behind the name, which may hold blanks, the third field comes first; a hundred ticks are a second.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function residentMb(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

function openFiles(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

function figure(metrics: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
}
