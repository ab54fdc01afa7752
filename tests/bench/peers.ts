/** Servers that are measured, each started as a process of its own on loopback. */

/** A running server. */
export interface Peer {
  readonly name: string;
  readonly process: Deno.ChildProcess;
  /** Where watchers connect. */
  readonly port: number;
  /** Where the broadcaster connects, when that is another port. */
  readonly tcpPort: number;
  /** What the load generator speaks with it. */
  readonly protocol: "fstream" | "http" | "icecast" | "raw";
}

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

/** Ends a process that may have ended. */
export async function end(process: Deno.ChildProcess): Promise<void> {
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
  await process.status;
}

/** A port that nobody listens at. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** Waits until somebody listens at a port, for five seconds at most. */
export async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`Cannot reach port ${port}`);
}

/** fstream's own server, with the user fier whose password is 123. */
export async function fstream(
  folder: string,
): Promise<{ process: Deno.ChildProcess; port: number; httpPort: number }> {
  const users = `${folder}/users`;
  await Deno.mkdir(users, { recursive: true });
  await Deno.writeTextFile(`${users}/fier.ini`, "[DEFAULT]\npassword=123\n");
  const [port, httpPort] = [freePort(), freePort()];
  const most = [
    "connections",
    "connections-per-address",
    "watchers-per-channel",
  ];
  const process = spawn(Deno.execPath(), [
    ...["run", "--no-prompt", "--allow-net", "--allow-read"],
    "--allow-env=FSTREAM_SERVER,fserv_arg_*",
    new URL("../../main.ts", import.meta.url).pathname,
    ...["serve", "--users", users, "--listen", `127.0.0.1:${port}`],
    ...["--http", `127.0.0.1:${httpPort}`],
    ...most.flatMap((name) => [`--${name}`, "20000"]),
  ]);
  await listening(port);
  await listening(httpPort);
  return { process, port, httpPort };
}

/**
 * Icecast with Debian's own burst; ports, folders, passwords and the number of clients are ours, and
 * its queue is as large as fstream's backlog.
 *
 * @returns `undefined` where it is not installed.
 */
export async function icecast(
  folder: string,
): Promise<{ process: Deno.ChildProcess; port: number } | undefined> {
  const port = freePort();
  const config = `${folder}/icecast.xml`;
  // Started by root, Icecast writes its logs as nobody.
  await Deno.chmod(folder, 0o777);
  await Deno.writeTextFile(config, icecastConfig(folder, port));
  try {
    const process = spawn("icecast2", ["-c", config]);
    await listening(port);
    return { process, port };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function icecastConfig(folder: string, port: number): string {
  return `<icecast><limits><clients>20000</clients><sources>20</sources>
<queue-size>8388608</queue-size><client-timeout>30</client-timeout>
<header-timeout>15</header-timeout><source-timeout>10</source-timeout>
<burst-on-connect>1</burst-on-connect><burst-size>65535</burst-size></limits>
<authentication><source-password>123</source-password><relay-password>123</relay-password>
<admin-user>admin</admin-user><admin-password>${crypto.randomUUID()}</admin-password>
</authentication><hostname>127.0.0.1</hostname>
<listen-socket><port>${port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><basedir>${folder}</basedir><logdir>${folder}</logdir>
<webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
<logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>1</loglevel>
</logging><security><chroot>0</chroot><changeowner><user>nobody</user><group>nogroup</group>
</changeowner></security></icecast>`;
}
