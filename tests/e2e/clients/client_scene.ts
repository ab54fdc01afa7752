import type { Protocol } from "../../../lib/auth/authenticate.ts";
import type { Address } from "../../../lib/net/address.ts";
import { fstream } from "../../helpers/fstream_process.ts";
import { playSeconds } from "../../helpers/play_seconds.ts";
import type { EventLog, TestServer } from "../../helpers/start_server.ts";

/** Milliseconds that a client may take, on a machine that is busy with other tests too. */
const CLIENT_MS = 30_000 + playSeconds(0) * 1000;

/** The user and group `nobody`, for programs that refuse to run as root. */
const NOBODY = 65_534;

/** A client of the server, and how it proves that it works. */
export interface ClientRow {
  /** Program and form of the request. */
  readonly name: string;
  /** Programs that must be installed. */
  readonly programs: readonly string[];
  /** The protocol that the server logs. */
  readonly protocol: Protocol;
  /**
   * Broadcasts, or watches, what the scene holds.
   *
   * @param channel The client's own channel of the user `fier`.
   */
  run(scene: ClientScene, channel: string): Promise<void>;
}

/** What a client did. */
export interface Ran {
  readonly success: boolean;
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly stderr: string;
}

/** One server with one port, and a folder for files; `await using` removes the folder. */
export class ClientScene implements AsyncDisposable {
  /** Where the server listens. */
  readonly address: Address;
  /** What the server logs. */
  readonly log: EventLog;
  /** The folder, which every user of the machine may write. */
  readonly folder: string;

  /** @param folder Removed in the end. */
  constructor({ address, log }: TestServer, folder: string) {
    this.address = address;
    this.log = log;
    this.folder = folder;
  }

  /** Makes one for a running server. */
  static async open(server: TestServer): Promise<ClientScene> {
    const folder = await Deno.makeTempDir({ prefix: "fstream-clients-" });
    await Deno.chmod(folder, 0o777);
    return new ClientScene(server, folder);
  }

  /** `host:port`. */
  get host(): string {
    return `${this.address.host}:${this.address.port}`;
  }

  /** `http://host:port/fier/CHANNEL`. */
  url(channel: string): string {
    return `http://${this.host}/fier/${channel}`;
  }

  /** Writes a file; returns its path. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    const path = `${this.folder}/${name}`;
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    await Deno.writeFile(path, bytes, { mode: 0o644 });
    return path;
  }

  /** Runs a program to its end, with that many bytes at its stdin. */
  run(
    program: string,
    args: readonly string[],
    input?: Uint8Array<ArrayBuffer>,
  ): Promise<Ran> {
    return finish(new Deno.Command(program, options(args)), input);
  }

  /** Runs a program whose stdin stays open behind the input, until something has happened. */
  runOpen(
    program: string,
    args: readonly string[],
    input: Uint8Array<ArrayBuffer>,
    until: Promise<unknown>,
  ): Promise<Ran> {
    const command = new Deno.Command(program, options(args));
    return finish(command, input, until);
  }

  /** Runs a program that refuses to run as root. */
  runAsNobody(program: string, args: readonly string[]): Promise<Ran> {
    if (Deno.uid() !== 0) return this.run(program, args);
    const as = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
    const command = new Deno.Command("setpriv", {
      ...options([...as, program, ...args]),
      env: { HOME: this.folder },
    });
    return finish(command);
  }

  /** Runs fstream's own client at the server. */
  runFstream(
    args: readonly string[],
    input?: Uint8Array<ArrayBuffer>,
  ): Promise<Ran> {
    return finish(fstream([this.host, ...args], options([])), input);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

function options(args: readonly string[]): Deno.CommandOptions {
  return {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  };
}

async function finish(
  command: Deno.Command,
  input?: Uint8Array<ArrayBuffer>,
  until?: Promise<unknown>,
): Promise<Ran> {
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  // A client may end without reading everything; what it prints counts, not the broken pipe.
  const fed = feed(writer, input, until).catch(() => {});
  const timer = setTimeout(() => child.kill("SIGKILL"), CLIENT_MS);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  await fed;
  return { success, stdout, stderr: new TextDecoder().decode(stderr) };
}

async function feed(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  input: Uint8Array | undefined,
  until: Promise<unknown> | undefined,
): Promise<void> {
  if (input) await writer.write(input);
  await until;
  await writer.close();
}
