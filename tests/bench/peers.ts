/** Servers that are measured, each started as a process of its own on loopback. */
import { V8_FLAGS } from "../../lib/package/runtime_flags.ts";
import { fromRoot } from "../helpers/root.ts";
import {
  icecastConfig,
  MOST_FILES,
  nginxConfig,
  nodeMediaServerConfig,
} from "./peer_configs.ts";

/** What the load generator can speak with a server. */
export type Protocol =
  | "fstream"
  | "framed"
  | "http"
  | "websocket"
  | "icecast"
  | "raw"
  | "relay"
  | "rtmp"
  | "flv";

/** A running server. */
export interface Peer {
  /** As it stands in the table. */
  readonly name: string;
  /** Whose processor time and memory are measured. */
  readonly process: Deno.ChildProcess;
  /** Where watchers connect. */
  readonly port: number;
  /** Where the broadcaster connects. */
  readonly sourcePort: number;
  /** How watchers are served. */
  readonly protocol: Protocol;
  /** Watchers that it can have at all. */
  readonly most?: number;
  /** Whether watchers connect by TLS; the broadcaster does not. */
  readonly secure?: true;
  /** Whether it has one channel only. */
  readonly isSingle?: true;
  /** A server behind it, which is not measured. */
  readonly behind?: Deno.ChildProcess;
}

/** Where Debian puts nginx's modules. */
export const NGINX_MODULES = "/usr/lib/nginx/modules";

/** The release of Node-Media-Server that is measured. */
const NODE_MEDIA_SERVER = "node-media-server@4.4.3";

/** Connections of ncat: it waits with select(), which knows 1,024 descriptors. */
const NCAT_CONNECTIONS = 1010;

/** Runs a program without input and output. */
export function spawn(
  program: string,
  args: readonly string[],
  stdout: "null" | "piped" = "null",
): Deno.ChildProcess {
  const options: Deno.CommandOptions = {
    args: [...args],
    stdin: "null",
    stdout,
    stderr: "null",
  };
  return new Deno.Command(program, options).spawn();
}

/** Runs a server with as many file descriptors as it needs, or as the system lets it have. */
export function serve(
  program: string,
  args: readonly string[],
): Deno.ChildProcess {
  const script =
    `ulimit -n ${MOST_FILES} 2>/dev/null || ulimit -n $(ulimit -H -n); exec "$0" "$@"`;
  return spawn("sh", ["-c", script, program, ...args]);
}

/** The path of a program, also of those that only the administrator has at hand. */
export async function pathOf(program: string): Promise<string | undefined> {
  const { stdout, success } = await new Deno.Command("sh", {
    args: ["-c", 'PATH="$PATH:/usr/sbin"; command -v "$0"', program],
  }).output();
  return success ? new TextDecoder().decode(stdout).trim() : undefined;
}

export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

/** Ends a process that may have ended. */
export async function end(process: Deno.ChildProcess): Promise<void> {
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
  await process.status;
}

/** A port without a listener. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** Waits until somebody listens at a port, for ten seconds at most. */
export async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`Cannot reach port ${port}`);
}

/** Waits until a server listens; one that does not is ended. */
export async function ready(
  process: Deno.ChildProcess,
  ...ports: readonly number[]
): Promise<void> {
  try {
    await Promise.all(ports.map(listening));
  } catch (error) {
    await end(process);
    throw error;
  }
}

/**
 * fstream's own server, with the user fier whose password is 123, and the flags of the executable.
 *
 * @param program Its entry point, as a path of the project.
 */
export async function fstream(
  folder: string,
  flags: readonly string[] = [],
  port: number = freePort(),
  program = "main.ts",
): Promise<{ process: Deno.ChildProcess; port: number }> {
  const users = `${folder}/users`;
  await Deno.mkdir(users, { recursive: true });
  await Deno.writeTextFile(`${users}/fier.ini`, "[DEFAULT]\npassword=123\n");
  const most = [
    "connections",
    "connections-per-network",
    "watchers-per-channel",
  ];
  const process = serve(Deno.execPath(), [
    ...["run", V8_FLAGS, "--no-prompt", "--allow-net", "--allow-read"],
    "--allow-env=FSTREAM_SERVER,fserv_arg_*",
    fromRoot(program),
    ...["serve", "--users", users, "--listen", `127.0.0.1:${port}`],
    ...["--memory", "8G", "--channels-per-user", "1000", ...flags],
    ...most.flatMap((name) => [`--${name}`, "20000"]),
  ]);
  await ready(process, port);
  return { process, port };
}

/**
 * Icecast, as `peer_configs.ts` has it.
 *
 * @returns `undefined` where it is not installed.
 */
export async function icecast(
  folder: string,
): Promise<{ process: Deno.ChildProcess; port: number } | undefined> {
  const program = await pathOf("icecast2");
  if (!program) return undefined;
  const port = freePort();
  const config = `${folder}/icecast.xml`;
  // Started by root, Icecast writes its logs as nobody.
  await Deno.chmod(folder, 0o777);
  await Deno.writeTextFile(config, icecastConfig(folder, port));
  const process = serve(program, ["-c", config]);
  await ready(process, port);
  return { process, port };
}

/** fstream as one peer for each protocol, all of one process. */
export async function fstreamPeers(
  folder: string,
  flags: readonly string[] = [],
): Promise<Peer[]> {
  const { process, port } = await fstream(folder, flags);
  const shared = { process, port, sourcePort: port };
  return [
    { name: "fstream TCP", protocol: "fstream", ...shared },
    { name: "fstream framed", protocol: "framed", ...shared },
    { name: "fstream HTTP", protocol: "http", ...shared },
    { name: "fstream WebSocket", protocol: "websocket", ...shared },
  ];
}

/** The yardstick: `floor.c`, compiled into the folder before. */
export async function floorPeers(folder: string): Promise<Peer[]> {
  const port = freePort();
  const process = serve(`${folder}/floor`, [String(port)]);
  await ready(process, port);
  return [{
    name: "C floor",
    protocol: "raw",
    process,
    port,
    sourcePort: port,
  }];
}

/** The runtime's own yardstick, `deno_loop.ts`, with the flags of the executable. */
export async function denoLoopPeers(): Promise<Peer[]> {
  const port = freePort();
  const script = new URL("deno_loop.ts", import.meta.url).pathname;
  const args = ["run", V8_FLAGS, "--no-prompt", "--allow-net", script];
  const process = serve(Deno.execPath(), [...args, String(port)]);
  await ready(process, port);
  return [{
    name: "Deno loop",
    protocol: "raw",
    process,
    port,
    sourcePort: port,
    isSingle: true,
  }];
}

/** Icecast, where it is installed. */
export async function icecastPeers(folder: string): Promise<Peer[]> {
  const started = await icecast(folder);
  if (!started) return [];
  const { process, port } = started;
  return [{
    name: "Icecast",
    protocol: "icecast",
    process,
    port,
    sourcePort: port,
  }];
}

/** nginx with its RTMP module, where both are installed. */
export async function nginxPeers(folder: string): Promise<Peer[]> {
  const program = await pathOf("nginx");
  if (!program || !await exists(`${NGINX_MODULES}/ngx_rtmp_module.so`)) {
    return [];
  }
  const port = freePort();
  const config = `${folder}/nginx.conf`;
  await Deno.writeTextFile(config, nginxConfig(folder, port, NGINX_MODULES));
  const process = serve(program, ["-c", config]);
  await ready(process, port);
  return [{
    name: "nginx-rtmp",
    protocol: "rtmp",
    process,
    port,
    sourcePort: port,
  }];
}

/** ncat as a broker, where it is installed. */
export async function ncatPeers(): Promise<Peer[]> {
  const program = await pathOf("ncat");
  if (!program) return [];
  const port = freePort();
  const most = NCAT_CONNECTIONS - 10;
  const process = serve(program, [
    ...["-l", "-k", "--broker", "--max-conns", String(NCAT_CONNECTIONS)],
    ...["127.0.0.1", String(port)],
  ]);
  await ready(process, port);
  return [{
    name: "ncat --broker",
    protocol: "relay",
    process,
    port,
    sourcePort: port,
    most,
    isSingle: true,
  }];
}

/** Node-Media-Server as two peers of one process, RTMP and HTTP-FLV, where Node and its npm are installed. */
export async function nodeMediaServerPeers(folder: string): Promise<Peer[]> {
  const [node, npm] = [await pathOf("node"), await pathOf("npm")];
  if (!node || !npm || !await installNodeMediaServer(folder, npm)) return [];
  const [port, httpPort] = [freePort(), freePort()];
  const config = `${folder}/node-media-server.json`;
  const text = nodeMediaServerConfig(folder, port, httpPort);
  await Deno.writeTextFile(config, text);
  const program = `${folder}/node_modules/node-media-server/bin/app.js`;
  const process = serve(node, [program, "-c", config]);
  await ready(process, port, httpPort);
  const [name, shared] = ["Node-Media-Server", { process, sourcePort: port }];
  return [
    { name: `${name} RTMP`, protocol: "rtmp", port, ...shared },
    { name: `${name} HTTP-FLV`, protocol: "flv", port: httpPort, ...shared },
  ];
}

/** Whether it could be put into the folder; once is enough. */
async function installNodeMediaServer(
  folder: string,
  npm: string,
): Promise<boolean> {
  if (await exists(`${folder}/node_modules/node-media-server`)) return true;
  const { success } = await new Deno.Command(npm, {
    args: [
      ...["install", "--prefix", folder, "--ignore-scripts", "--no-audit"],
      ...["--no-fund", "--silent", NODE_MEDIA_SERVER],
    ],
  }).output();
  return success;
}
