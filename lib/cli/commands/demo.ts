import type { Authenticate } from "../../auth/authenticate.ts";
import { broadcast } from "../../client/broadcast.ts";
import { request } from "../../client/request.ts";
import { watch } from "../../client/watch.ts";
import { buildConfig, type Config, DEFAULT_PORT } from "../../config/config.ts";
import { clipStream } from "../../demo/clip_stream.ts";
import { EXIT, UsageError } from "../../errors.ts";
import { silentLogger } from "../../logger.ts";
import { type Server, startServer } from "../../server/server.ts";
import { type Address, formatAddress } from "../../net/address.ts";
import { parseSeconds } from "../../config/values.ts";
import type { Command } from "../command.ts";
import { withEndSignal } from "../end_signal.ts";
import { type Flag, flagHelp, specOf } from "../flag_table.ts";
import { parseFlags } from "../flags.ts";
import { progressLine } from "../progress_meter.ts";
import { startFailure } from "../start_failure.ts";
import { canDraw, say } from "../terminal.ts";
import { rejectUnexpected } from "../unexpected_arguments.ts";
import { programOf, VERSION } from "../version.ts";

const FLAGS: readonly Flag[] = [
  {
    name: "listen",
    placeholder: "ADDRESS",
    about:
      `where to listen (default 127.0.0.1:${DEFAULT_PORT}, or any free port)`,
  },
  {
    name: "for",
    placeholder: "TIME",
    about: "end after this time",
  },
];

const HELP =
  `fstream demo runs a server that broadcasts a built-in clip, until Ctrl-C.

Usage: fstream demo [flags]

${flagHelp(FLAGS)}
Example, in another terminal:
  fstream watch --user demo | ffplay -
`;

const USER = "demo";

/** Milliseconds between two updates: one line on a terminal, a new line each time in a log. */
const COUNT_MS = { terminal: 1000, log: 5000 } as const;

/** `fstream demo`. */
export const demoCommand: Command = {
  name: "demo",
  usage: "fstream demo",
  about: "run a server that broadcasts a built-in clip",
  help: HELP,
  flags: FLAGS,
  run: async (args, context) => {
    const flags = parseFlags(args, specOf(FLAGS));
    rejectUnexpected(flags.words[0], context);
    const seconds = readTime(flags.values.get("for"));
    return await withEndSignal(async (signal) => {
      const ended = seconds === undefined
        ? signal
        : AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
      const listen = flags.values.get("listen");
      await demo(listen, ended, programOf(context.build));
      return EXIT.done;
    });
  },
};

function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return parseSeconds(text);
  } catch (error) {
    throw error instanceof SyntaxError
      ? new UsageError(`--for ${error.message}`)
      : error;
  }
}

async function demo(
  listen: string | undefined,
  signal: AbortSignal,
  program: string,
): Promise<void> {
  const password = crypto.randomUUID();
  const server = await start(listen, onlyDemo(password));
  const address = server.addresses[0]!;
  say(invitation(program, server));
  const client = { address, wire: 2, reply: true } as const;
  const accepted = await request("broadcast", {
    user: USER,
    user_password: password,
  }, client);
  const playing = broadcast(
    accepted,
    clipStream({ signal }),
    new AbortController().signal,
  );
  const seen = await request("watch", { user: USER }, client);
  const counter = new Counter();
  try {
    await Promise.all([
      playing,
      watch(seen, counter.sink, new AbortController().signal),
    ]);
  } finally {
    counter.close();
    await server.close();
  }
}

/** Everybody may watch, but only this process may broadcast. */
function onlyDemo(password: string): Authenticate {
  return function authenticate(request): ReturnType<Authenticate> {
    const allow = request.verb === "watch" ||
      (request.user === USER && request.password === password);
    return Promise.resolve(
      allow ? { allow } : { allow, reason: "only the demo's own clip" },
    );
  };
}

/** Starts a server at the given address, else at the default port or, if that is taken, any free one. */
async function start(
  listen: string | undefined,
  authenticate: Authenticate,
): Promise<Server> {
  const options = { authenticate, version: VERSION };
  const config = demoConfig(listen ?? `127.0.0.1:${DEFAULT_PORT}`);
  try {
    return await startServer(config, silentLogger, options);
  } catch (error) {
    const taken = error instanceof Deno.errors.AddrInUse;
    if (!taken || listen !== undefined) throw startFailure(error, config);
    const free = demoConfig("127.0.0.1:0");
    return await startServer(free, silentLogger, options);
  }
}

function demoConfig(listen: string): Config {
  return buildConfig(
    new Map([["listen", { text: listen, where: "--listen" }]]),
  );
}

/** The page to open, and the command to paste, for this very program. */
function invitation(program: string, server: Server): string {
  const address = server.addresses[0]!;
  const page = `http://${formatAddress(reachable(address))}/${USER}`;
  return `fstream demo: a clip is live.

Open  ${page}
or run  ${watchLine(program, address)}

`;
}

/** An address to connect to, where the server listens at all of them. */
function reachable({ host, port }: Address): Address {
  return {
    host: host === "::" || host === "0.0.0.0" ? "127.0.0.1" : host,
    port,
  };
}

function watchLine(program: string, address: Address): string {
  const server = formatAddress(reachable(address));
  const where = server === `127.0.0.1:${DEFAULT_PORT}` ? "" : `${server} `;
  return `${program} ${where}watch --user ${USER} | ffplay -`;
}

/** Takes the media of the demo's own watcher, and shows how much it has got. */
class Counter {
  /** Takes the media. */
  readonly sink: WritableStream<Uint8Array>;
  readonly #started = performance.now();
  readonly #everyMs = canDraw() ? COUNT_MS.terminal : COUNT_MS.log;
  readonly #timer: ReturnType<typeof setInterval>;
  #bytes = 0;
  #before = 0;

  constructor() {
    this.sink = new WritableStream({
      write: (chunk): void => {
        this.#bytes += chunk.length;
      },
    });
    this.#timer = setInterval(() => this.#show(), this.#everyMs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#show();
    if (canDraw()) say("\n");
    say(`fstream demo ${VERSION}: ended\n`);
  }

  #show(): void {
    const bits = (this.#bytes - this.#before) * 8000 / this.#everyMs;
    this.#before = this.#bytes;
    const line = progressLine(
      (performance.now() - this.#started) / 1000,
      this.#bytes,
      bits,
    );
    say(canDraw() ? `\rreceived ${line}\x1b[K` : `received ${line}\n`);
  }
}
