// deno-lint-ignore-file no-console
/**
 * What late joiners get: time to the first byte and to the first decoded picture, and the decoder's
 * error lines, for each container, from fstream and, where it is installed, from Icecast in the same
 * run. Prints the README's table.
 *
 *   deno run -A tests/bench/late_join.ts [--seconds 6] [--only MPEG-TS,FLV]
 */
import { parseArgs } from "@std/cli/parse-args";
import { request } from "../../lib/client.ts";
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
const SOURCE_SECONDS = 60;
/** Milliseconds after the start at which the joiners come: none at a key frame (every four seconds). */
const JOINS_MS = [9_300, 18_700];

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

const FSTREAM = freePort();
const ICECAST = freePort();
const folder = await Deno.makeTempDir({ prefix: "fstream-late-join-" });
const children: Deno.ChildProcess[] = [];

try {
  await main();
} finally {
  for (const child of children) killed(child);
  await Promise.all(children.map((child) => child.status));
  await Deno.remove(folder, { recursive: true });
}

async function main(): Promise<void> {
  const only = args.only ? String(args.only).split(",") : undefined;
  const containers = LIVE_CONTAINERS.filter(({ name }) =>
    !only || only.includes(name)
  );
  await serve();
  const ways = [fstream("fstream", undefined), fstream("fstream, burst=4", 4)];
  if (await icecast()) ways.push(icecastWay());
  else console.log("Icecast is not installed: its columns are left out.\n");
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
    for (const child of playing) killed(child);
    await Promise.all(playing.map((child) => child.status));
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

async function serve(): Promise<void> {
  await Deno.mkdir(`${folder}/users`);
  await Deno.writeTextFile(
    `${folder}/users/fier.ini`,
    "[DEFAULT]\npassword=123\n",
  );
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const flags = [
    "--listen",
    `127.0.0.1:${FSTREAM}`,
    "--users",
    `${folder}/users`,
  ];
  children.push(spawn(Deno.execPath(), ["run", "-A", main, "serve", ...flags]));
  await listening(FSTREAM);
}

function fstream(name: string, burst: number | undefined): Way {
  const client = {
    address: { host: "127.0.0.1", port: FSTREAM },
    wire: 2,
    reply: true,
  } as const;
  const main = new URL("../../main.ts", import.meta.url).pathname;
  return {
    name,
    broadcast: (container, source) => {
      const player = spawnPiped("ffmpeg", playArgs(container, source));
      const flags = ["broadcast", "-u", "fier", "--user-password", "123"];
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", main, `127.0.0.1:${FSTREAM}`, ...flags],
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

async function icecast(): Promise<boolean> {
  const config = `${folder}/icecast.xml`;
  // Started by root, Icecast writes its logs as nobody.
  await Deno.chmod(folder, 0o777);
  await Deno.writeTextFile(config, icecastConfig());
  try {
    children.push(spawn("icecast2", ["-c", config]));
  } catch {
    return false;
  }
  await listening(ICECAST);
  return true;
}

/** Debian's own settings for burst and queue; only ports, folders and passwords are ours. */
function icecastConfig(): string {
  return `<icecast><limits><clients>100</clients><sources>20</sources><queue-size>524288</queue-size>
<client-timeout>30</client-timeout><header-timeout>15</header-timeout><source-timeout>10</source-timeout>
<burst-on-connect>1</burst-on-connect><burst-size>65535</burst-size></limits>
<authentication><source-password>123</source-password><relay-password>123</relay-password>
<admin-user>admin</admin-user><admin-password>${crypto.randomUUID()}</admin-password></authentication>
<hostname>127.0.0.1</hostname><listen-socket><port>${ICECAST}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><basedir>${folder}</basedir><logdir>${folder}</logdir><webroot>/usr/share/icecast2/web</webroot>
<adminroot>/usr/share/icecast2/admin</adminroot></paths><logging><accesslog>access.log</accesslog>
<errorlog>error.log</errorlog><loglevel>1</loglevel></logging><security><chroot>0</chroot>
<changeowner><user>nobody</user><group>nogroup</group></changeowner></security></icecast>`;
}

function icecastWay(): Way {
  const mount = (container: LiveContainer): string =>
    container.name.replaceAll(/\W/g, "");
  return {
    name: "Icecast",
    broadcast: (container, source) => {
      const to = `icecast://source:123@127.0.0.1:${ICECAST}/${
        mount(container)
      }`;
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
        `http://127.0.0.1:${ICECAST}/${mount(container)}`,
      );
      if (!response.ok) throw new Error(`Icecast answers ${response.status}`);
      return response.body!;
    },
  };
}

function spawn(program: string, args: readonly string[]): Deno.ChildProcess {
  return spawnWith(program, args, "null");
}

function spawnPiped(
  program: string,
  args: readonly string[],
): Deno.ChildProcess {
  return spawnWith(program, args, "piped");
}

function spawnWith(
  program: string,
  args: readonly string[],
  stdout: "null" | "piped",
): Deno.ChildProcess {
  const options: Deno.CommandOptions = {
    args: [...args],
    stdin: "null",
    stdout,
    stderr: "null",
  };
  return new Deno.Command(program, options).spawn();
}

function killed(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await sleep(50);
    }
  }
  throw new Error(`Cannot reach port ${port}`);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
