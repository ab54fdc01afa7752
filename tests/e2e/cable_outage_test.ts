import { assert, assertEquals, assertGreater } from "@std/assert";
import { equals } from "@std/bytes";
import { BroadcastProcess, WatchProcess } from "../helpers/client_process.ts";
import { eventually } from "../helpers/eventually.ts";
import { fstream } from "../helpers/fstream_process.ts";
import {
  missingNamespaces,
  NEAR_HOST,
  NetworkNamespace,
} from "../helpers/network_namespace.ts";
import { pattern } from "../helpers/pattern.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";

/** Milliseconds for which the cable is pulled. */
const PULLED_MS = 8000;

/** Milliseconds until all is there again: a system whose packets are lost waits twice as long each time. */
const RECOVERY_MS = 20_000;

/** Bytes fed every {@linkcode STEP_MS} milliseconds: 2 Mbit/s. */
const STEP_BYTES = 25_000;

const STEP_MS = 100;

/** Bytes fed in all, of which those of 8 s while the cable is pulled. */
const TOTAL_BYTES = 3_000_000;

/** One channel, with its broadcaster on one side of the cable and its watcher on the other. */
class Line {
  readonly watch: WatchProcess;
  readonly #broadcast: BroadcastProcess;

  constructor(watch: WatchProcess, broadcast: BroadcastProcess) {
    this.watch = watch;
    this.#broadcast = broadcast;
  }

  /** Feeds the broadcast in its own time, to its end. */
  async feed(): Promise<void> {
    for (let fed = 0; fed < TOTAL_BYTES; fed += STEP_BYTES) {
      await this.#broadcast.feed(STEP_BYTES);
      await pause(STEP_MS);
    }
    await this.#broadcast.end();
  }

  /** Checks that every byte has come, and gives what the watcher reports. */
  async check(): Promise<Record<string, unknown>> {
    const codes = [this.#broadcast.child.status, this.watch.child.status];
    const ended = await Promise.all(codes);
    const [sent, received] = await Promise.all([
      this.#broadcast.stderr,
      this.watch.stderr,
    ]);
    assertEquals(ended.map(({ code }) => code), [0, 0], sent + received);
    assert(equals(await this.watch.bytes(), pattern(0, TOTAL_BYTES)));
    return JSON.parse(received);
  }

  /** Ends what still runs. */
  [Symbol.dispose](): void {
    for (const { child } of [this.watch, this.#broadcast]) {
      try {
        child.kill("SIGKILL");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // It has ended.
      }
    }
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Starts the broadcaster or the watcher of a channel at the other end of the cable, and the other one here. */
async function startLine(
  server: TestServer,
  channel: string,
  far: { broadcast: boolean; space: NetworkNamespace },
): Promise<Line> {
  const { address } = server;
  const makeFar: typeof fstream = (args, options) =>
    fstream(args, options, far.space.command.bind(far.space));
  const flags = ["-c", channel];
  const report = [...flags, "--report", "json"];
  const watch = new WatchProcess(
    ...[address, report, far.broadcast ? fstream : makeFar] as const,
  );
  await server.log.wait("watch-wait", 1, { channel });
  const raw = [...flags, "--format", "raw"];
  const broadcast = new BroadcastProcess(
    ...[address, raw, far.broadcast ? makeFar : fstream] as const,
  );
  return new Line(watch, broadcast);
}

const missing = missingNamespaces;

Deno.test({
  name: "a cable that is pulled for 8 s costs watch and broadcast not a byte" +
    (missing ? ` (skipped: ${missing})` : ""),
  ignore: missing !== undefined,
  fn: async () => {
    await using space = await NetworkNamespace.make();
    await using server = await startTestServer({
      address: { host: NEAR_HOST, port: 0 },
    });
    const far = { space };
    using watching = await startLine(server, "in", {
      ...far,
      broadcast: false,
    });
    using sending = await startLine(server, "out", { ...far, broadcast: true });
    const lines = [watching, sending];
    const fed = Promise.all(lines.map((line) => line.feed()));
    await eventually(
      "media flows",
      () => lines.every(({ watch }) => watch.length > 4 * STEP_BYTES),
    );
    await space.pullCable();
    await pause(PULLED_MS);
    await space.plugInCable();
    const recovery = performance.now();
    await fed;
    const [watched, sent] = await Promise.all(
      lines.map((line) => line.check()),
    );
    const ms = performance.now() - recovery;
    assert(ms < RECOVERY_MS, `${ms} ms`);
    for (const { complete, bytes, lost } of [watched!, sent!]) {
      assertEquals([complete, bytes, lost], [true, TOTAL_BYTES, 0]);
    }
    assertGreater(Number(watched!.behind), PULLED_MS / 1000 - 1.5);
  },
});
