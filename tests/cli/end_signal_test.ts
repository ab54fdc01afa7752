import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { formatAddress } from "../../lib/net/address.ts";
import { OddServer } from "../client/odd_server.ts";
import { allEnded } from "../helpers/all_ended.ts";
import { eventually } from "../helpers/eventually.ts";
import { fstream } from "../helpers/fstream_process.ts";
import { PASSWORD, startTestServer } from "../helpers/start_server.ts";

/** Milliseconds within which a program ends "at once", its runtime's own end included. */
const AT_ONCE_MS = 1500;

const PIPES = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;

const SIGNALS = [["SIGINT", 130], ["SIGTERM", 143]] as const;

/** What a client did after a signal. */
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Sends a signal to a client, and waits for its end. */
async function end(
  child: Deno.ChildProcess,
  signal: Deno.Signal,
): Promise<Ended> {
  const began = performance.now();
  child.kill(signal);
  const [{ code }, stdout, stderr] = await Promise.all([
    child.status,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  assertLess(performance.now() - began, AT_ONCE_MS);
  await child.stdin.close().catch(() => {}); // Its reader has ended.
  return { code, stdout, stderr };
}

const COMMANDS = [
  ["watch", "--user", "fier"],
  ["watch", "--user", "fier", "--wait", "1h"],
  ["broadcast", "--user", "fier", "--user-password", PASSWORD],
  ["token", "--user", "fier", "--user-password", PASSWORD],
  ["token", "--user", "fier", "--user-password", PASSWORD, "--no-reply"],
  ["watch", "--user", "fier", "--tls"],
];

for (const [signal, status] of SIGNALS) {
  Deno.test({
    name: `${signal} ends clients before the server has answered`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      await allEnded(COMMANDS.map(async (command) => {
        await using server = OddServer.silent();
        await using child = fstream([server.name, ...command], PIPES).spawn();
        await server.accepted;
        const ended = await end(child, signal);
        const silent = { code: status, stdout: "", stderr: "" };
        assertEquals(ended, silent, command.join(" "));
      }));
    },
  });
}

Deno.test({
  name: "SIGINT ends a watcher that waits for a channel",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using running = await startTestServer();
    const server = formatAddress(running.address);
    const args = [server, "watch", "--user", "fier", "--wait", "60"];
    await using child = fstream(args, PIPES).spawn();
    await running.log.wait("watch-wait");
    assertEquals((await end(child, "SIGINT")).code, 130);
  },
});

Deno.test({
  name: "SIGTERM ends a watcher whose reader takes nothing",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using running = await startTestServer();
    const server = formatAddress(running.address);
    await using sending = fstream([
      ...[server, "broadcast", "--user", "fier"],
      ...["--user-password", PASSWORD, "--format", "raw"],
    ], PIPES).spawn();
    const writer = sending.stdin.getWriter();
    await running.log.wait("broadcast-start");
    await using watching = fstream(
      [server, "watch", "--user", "fier"],
      PIPES,
    ).spawn();
    await running.log.wait("watch-start");
    // More than pipe and socket buffers hold, so that the watcher is stuck in a write.
    await writer.write(new Uint8Array(4 * 1024 * 1024));
    const reader = watching.stdout.getReader();
    await reader.read();
    const began = performance.now();
    watching.kill("SIGTERM");
    assertEquals((await watching.status).code, 143);
    assertLess(performance.now() - began, AT_ONCE_MS);
    await reader.cancel();
    await watching.stderr.cancel();
    await watching.stdin.close().catch(() => {});
    writer.releaseLock();
    assertEquals((await end(sending, "SIGTERM")).code, 0);
    const { reason } = await running.log.wait("broadcast-end");
    assertEquals(reason, "the broadcast ended");
  },
});

Deno.test({
  name: "SIGINT lets an encoder write its last bytes",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using running = await startTestServer();
    const server = formatAddress(running.address);
    await using child = fstream([
      ...[server, "broadcast", "--user", "fier"],
      ...["--user-password", PASSWORD, "--format", "raw"],
    ], PIPES).spawn();
    await running.log.wait("broadcast-start");
    const writer = child.stdin.getWriter();
    await writer.write(new Uint8Array(1000));
    const { totals } = running.server.hub;
    const sent = (): boolean => totals.receivedBytes === 1000;
    await eventually("the first bytes have arrived", sent);
    child.kill("SIGINT");
    await writer.write(new Uint8Array(500));
    await writer.close();
    const [{ code }, stderr] = await Promise.all([
      child.status,
      new Response(child.stderr).text(),
      child.stdout.cancel(),
    ]);
    assertEquals(code, 0);
    assertMatch(stderr, /^broadcast 1\.50 kB in 0:0\d\n$/);
    const { bytes, reason } = await running.log.wait("broadcast-end");
    assertEquals([bytes, reason], [1500, "the broadcast ended"]);
  },
});
