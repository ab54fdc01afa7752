import { concat } from "@std/bytes";
import { type Address, formatAddress } from "../../lib/net/address.ts";
import { fstream } from "./fstream_process.ts";
import { pattern } from "./pattern.ts";
import { PASSWORD } from "./start_server.ts";

/** Bytes written to a broadcast at a time. */
const STEP_BYTES = 64 * 1024;

/** `fstream watch` of the channel of `fier` as a process of its own. */
export class WatchProcess {
  /** The process. */
  readonly child: Deno.ChildProcess;
  /** What it says, once it has ended. */
  readonly stderr: Promise<string>;
  /** Bytes that it has written. */
  length = 0;
  readonly #parts: Uint8Array[] = [];
  readonly #reading: Promise<void>;

  /** Starts it with more flags, here or elsewhere. */
  constructor(
    address: Address,
    flags: readonly string[] = [],
    command: typeof fstream = fstream,
  ) {
    const args = ["watch", "-u", "fier", "--wait", "20", ...flags];
    this.child = command([formatAddress(address), ...args], {
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.stderr = new Response(this.child.stderr).text();
    this.#reading = this.#read();
  }

  /** Waits for the end, and gives all bytes. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    await this.#reading;
    return concat(this.#parts);
  }

  async #read(): Promise<void> {
    for await (const chunk of this.child.stdout) {
      this.#parts.push(chunk);
      this.length += chunk.length;
    }
  }
}

/** `fstream broadcast` on the channel of `fier` as a process of its own, which is fed the pattern. */
export class BroadcastProcess {
  /** The process. */
  readonly child: Deno.ChildProcess;
  /** What it says, once it has ended. */
  readonly stderr: Promise<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #sent = 0;

  /** Starts it with more flags, here or elsewhere. */
  constructor(
    address: Address,
    flags: readonly string[] = [],
    command: typeof fstream = fstream,
  ) {
    const login = ["-u", "fier", "--user-password", PASSWORD];
    const args = ["broadcast", ...login, ...flags];
    this.child = command([formatAddress(address), ...args], {
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.stderr = new Response(this.child.stderr).text();
    this.#writer = this.child.stdin.getWriter();
  }

  /** Continues the pattern behind so many bytes. */
  skip(bytes: number): void {
    this.#sent += bytes;
  }

  /** Feeds it so many bytes of the pattern. */
  async feed(bytes: number): Promise<void> {
    for (let left = bytes; left > 0;) {
      const part = pattern(this.#sent, Math.min(left, STEP_BYTES));
      await this.#writer.write(part);
      this.#sent += part.length;
      left -= part.length;
    }
  }

  /** Ends its input. */
  async end(): Promise<void> {
    await this.#writer.close();
  }

  /** Kills it as nobody can object to. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.status;
    await this.#writer.close().catch(() => {});
    await this.stderr;
  }
}
