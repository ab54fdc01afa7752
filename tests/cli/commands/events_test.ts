import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { formatAddress } from "../../../lib/net/address.ts";
import { publishOptions } from "../../hub/hub_scene.ts";
import { fstream } from "../../helpers/fstream_process.ts";
import {
  PASSWORD,
  startTestServer,
  type TestServer,
} from "../../helpers/start_server.ts";

const SIGN_IN = ["-u", "fier", "--user-password", PASSWORD];

/** `fstream events` while it runs. */
class Following implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";
  #pending: Promise<string> | undefined;

  constructor({ address }: Pick<TestServer, "address">, args: string[]) {
    const command = [formatAddress(address), "events", ...SIGN_IN, ...args];
    this.#child = fstream(command, { stdout: "piped", stderr: "null" })
      .spawn();
    this.#reader = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  /** Starts one, and waits until it has been told something. */
  static async start(
    server: TestServer,
    ...args: string[]
  ): Promise<Following> {
    const events = new Following(server, args);
    const { hub } = server.server;
    // Until it follows, nothing is told.
    do hub.publish(publishOptions({ channel: "before" })).end("clean"); while (
      await events.line(200) === undefined
    );
    return events;
  }

  /** The next line, if it comes in so many milliseconds. */
  async line(ms: number): Promise<string | undefined> {
    this.#pending ??= this.#read();
    let timer: ReturnType<typeof setTimeout>;
    const late = new Promise<undefined>((resolve) =>
      timer = setTimeout(() => resolve(undefined), ms)
    );
    const line = await Promise.race([this.#pending, late]);
    clearTimeout(timer!);
    if (line !== undefined) this.#pending = undefined;
    return line;
  }

  /** The first line from now on that holds a text. */
  async wait(text: string): Promise<string> {
    for (;;) {
      const line = await this.line(10_000);
      if (line === undefined) throw new Error(`Cannot find ${text}`);
      if (line.includes(text)) return line;
    }
  }

  async #read(): Promise<string> {
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`Cannot read a line: got ${this.#text}`);
      this.#text += value;
    }
    const [line = "", ...rest] = this.#text.split("\n");
    this.#text = rest.join("\n");
    return line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pending?.catch(() => {});
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#reader.cancel();
  }
}

Deno.test("fstream events prints a line per event, like the log", async () => {
  await using server = await startTestServer({ folder: true });
  await using events = await Following.start(server, "--only", "ended,stats");
  const broadcast = server.server.hub.publish(
    publishOptions({ channel: "größer" }),
  );
  broadcast.append(new Uint8Array(7));
  assertMatch(
    await events.wait(" stats "),
    /^20\d\d-\S+Z stats user=fier channel="größer" state=live bitrate=\d+ watchers=0 skips=0$/,
  );
  broadcast.end("clean");
  assertMatch(
    await events.wait('größer" bytes'),
    / ended user=fier channel="größer" bytes=7 watchers=0 /,
  );
});

Deno.test("fstream events --json prints an object per line, and connects again after a restart", async () => {
  const first = await startTestServer({ folder: true });
  const { address } = first;
  await using events = await Following.start(
    first,
    ...["--json", "--only", "ended"],
  );
  await first[Symbol.asyncDispose]();
  await using again = await startTestServer({ folder: true, address });
  const { hub } = again.server;
  let line: string | undefined;
  while (!line?.includes("again")) {
    hub.publish(publishOptions({ channel: "again" })).end("clean");
    line = await events.line(300);
  }
  const { event, channel } = JSON.parse(line);
  assertEquals([event, channel], ["ended", "again"]);
});

Deno.test("fstream events needs a user, and names that are known", async () => {
  await using server = await startTestServer({ folder: true });
  const address = formatAddress(server.address);
  const nobody = await fstream([address, "events"]).output();
  assertEquals(nobody.code, 2);
  const args = ["--only", "nothing", ...SIGN_IN];
  const unknown = await fstream([address, "events", ...args]).output();
  assertEquals(unknown.code, 3);
  const stderr = new TextDecoder().decode(unknown.stderr);
  assertStringIncludes(stderr, "events expects some of stats, live");
});
