// deno-lint-ignore-file no-console
/**
 * What late joiners get: time to the first byte and to the first decoded picture, and the decoder's
 * error lines, for each container, from fstream and, where it is installed, from Icecast in the same
 * run. Prints the README's table.
 *
 *   deno run -A tests/bench/late_join.ts [--seconds 6] [--only MPEG-TS,FLV]
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  end,
  fstream as startFstream,
  icecast as startIcecast,
  spawn,
} from "./peers.ts";
import { request } from "../../lib/client/request.ts";
import {
  decodeLive,
  encodeSource,
  type JoinResult,
  LIVE_CONTAINERS,
  type LiveContainer,
  playArgs,
} from "../helpers/live_media.ts";

const args = parseArgs(Deno.args, { string: ["seconds", "only"] });
/** Seconds that each joiner decodes. */
const SECONDS = Number(args.seconds ?? 6);
/** Seconds of media that the sources play; joins happen before the last of it. */
const SOURCE_SECONDS = 30;
/** Milliseconds after the start at which the joiners come: none at a key frame (every four seconds). */
const JOINS_MS = [6_300, 13_700];

/** A way to broadcast and to join. */
interface Way {
  readonly name: string;
  readonly broadcast: (
    container: LiveContainer,
    source: string,
  ) => Deno.ChildProcess[];
  readonly join: (
    container: LiveContainer,
  ) => Promise<ReadableStream<Uint8Array>>;
}

const folder = await Deno.makeTempDir({ prefix: "fstream-late-join-" });
const children: Deno.ChildProcess[] = [];

try {
  await main();
} finally {
  await Promise.all(children.map(end));
  await Deno.remove(folder, { recursive: true });
}

async function main(): Promise<void> {
  const only = args.only ? String(args.only).split(",") : undefined;
  const containers = LIVE_CONTAINERS.filter(({ name }) =>
    !only || only.includes(name)
  );
  const server = await startFstream(folder);
  children.push(server.process);
  const ways = [
    fstream("fstream", server.port, undefined),
    fstream("fstream, burst=4", server.port, 4),
  ];
  const peer = await startIcecast(folder);
  if (peer) {
    children.push(peer.process);
    ways.push(icecastWay(peer.port));
  } else console.log("Icecast is not installed: its columns are left out.\n");
  console.log(
    `| container | ${
      ways.map(({ name }) => `${name}: first byte · picture · errors`).join(
        " | ",
      )
    } |`,
  );
  console.log(`| --- | ${ways.map(() => "---").join(" | ")} |`);
  for (const container of containers) {
    const source = `${folder}/${container.name.replaceAll(" ", "_")}.nut`;
    await encodeSource(container, SOURCE_SECONDS, source);
    const results = await measure(container, source, ways);
    console.log(`| ${container.name} | ${results.map(cell).join(" | ")} |`);
  }
}

/** Each way has its own broadcast of the same source; the joins of one way never overlap another's. */
async function measure(
  container: LiveContainer,
  source: string,
  ways: readonly Way[],
): Promise<JoinResult[][]> {
  const results: JoinResult[][] = [];
  for (const way of ways) {
    const playing = way.broadcast(container, source);
    children.push(...playing);
    const began = performance.now();
    const joined: JoinResult[] = [];
    for (const at of JOINS_MS) {
      await sleep(Math.max(0, at - (performance.now() - began)));
      joined.push(
        await decodeLive(container, () => way.join(container), SECONDS),
      );
    }
    await Promise.all(playing.map(end));
    results.push(joined);
  }
  return results;
}

function cell(results: readonly JoinResult[]): string {
  const worst = (of: (result: JoinResult) => number): number =>
    Math.max(...results.map(of));
  const time = (seconds: number): string =>
    seconds === Infinity ? "never" : `${seconds.toFixed(2)} s`;
  const errors = worst(({ errors }) => errors.length);
  return `${time(worst((r) => r.firstByte))} · ${
    time(worst((r) => r.firstPicture))
  } · ${errors}`;
}

function fstream(name: string, port: number, burst: number | undefined): Way {
  const client = {
    address: { host: "127.0.0.1", port },
    wire: 2,
    reply: true,
  } as const;
  const main = new URL("../../main.ts", import.meta.url).pathname;
  return {
    name,
    broadcast: (container, source) => {
      const player = spawn("ffmpeg", playArgs(container, source), "piped");
      const flags = ["broadcast", "-u", "fier", "--user-password", "123"];
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", main, `127.0.0.1:${port}`, ...flags],
        stdin: "piped",
        stdout: "null",
        stderr: "null",
      }).spawn();
      player.stdout.pipeTo(child.stdin).catch(() => {});
      return [player, child];
    },
    join: async () =>
      (await request("watch", { user: "fier", burst }, client)).media,
  };
}

function icecastWay(port: number): Way {
  const mount = (container: LiveContainer): string =>
    container.name.replaceAll(/\W/g, "");
  return {
    name: "Icecast",
    broadcast: (container, source) => {
      const to = `icecast://source:123@127.0.0.1:${port}/${mount(container)}`;
      const args = playArgs(container, source, to);
      return [
        spawn("ffmpeg", [
          ...args.slice(0, -1),
          "-content_type",
          container.mime,
          to,
        ]),
      ];
    },
    join: async (container) => {
      const response = await fetch(
        `http://127.0.0.1:${port}/${mount(container)}`,
      );
      if (!response.ok) throw new Error(`Icecast answers ${response.status}`);
      return response.body!;
    },
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
