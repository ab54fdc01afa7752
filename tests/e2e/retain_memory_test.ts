import { assertLess, assertLessOrEqual } from "@std/assert";
import { type Address, formatAddress } from "../../lib/net/address.ts";
import { BroadcastProcess } from "../helpers/client_process.ts";
import { eventually } from "../helpers/eventually.ts";
import { ServeProcess } from "../helpers/fstream_process.ts";

const MIB = 1024 * 1024;

/** What `--retain 8M` keeps. */
const RETAIN_BYTES = 8 * MIB;

/** Bytes that a client may take in addition to what it has kept before: garbage, and code that is compiled meanwhile. */
const MARGIN_BYTES = 12 * MIB;

/** Bytes of the whole client: 75 MB were measured, most of them the runtime's. */
const MOST_BYTES = 120 * MIB;

/** Bytes that are broadcast before the server stops: the client is warm. */
const WARM_BYTES = 32 * MIB;

/** Bytes offered while the server is stopped. */
const OFFERED_BYTES = 128 * MIB;

/** Bytes that a server has received of its only channel. */
async function receivedBytes(address: Address): Promise<number> {
  const response = await fetch(`http://${formatAddress(address)}/api/channels`);
  const { channels: [channel] } = await response.json() as {
    channels: { bytes: number }[];
  };
  return channel?.bytes ?? 0;
}

/** The most memory that a process has ever had. */
async function peakMemory(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

Deno.test({
  name:
    "broadcast --retain 8M takes no more memory while the server takes nothing" +
    (Deno.build.os === "linux" ? "" : " (skipped: /proc is Linux's)"),
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using server = await ServeProcess.start();
    const address = await server.address();
    const flags = ["--retain", "8M", "--format", "raw"];
    const broadcast = new BroadcastProcess(address, flags);
    const { pid } = broadcast.child;
    await broadcast.feed(WARM_BYTES);
    await eventually(
      "the server has received it",
      async () => await receivedBytes(address) === WARM_BYTES,
    );
    const before = await peakMemory(pid);
    Deno.kill(server.pid, "SIGSTOP");
    let fed = 0;
    const feeding = (async (): Promise<void> => {
      for (; fed < OFFERED_BYTES; fed += MIB) await broadcast.feed(MIB);
    })().catch(() => {}); // It is killed.
    let last = -1;
    let peak = Infinity;
    try {
      await eventually("the client takes no more", () => {
        // What the server had not acknowledged when it stopped, at most a second of it, is retained too.
        const isStill = fed === last && fed >= RETAIN_BYTES / 2;
        last = fed;
        return isStill;
      }, 1000);
      peak = await peakMemory(pid);
    } finally {
      Deno.kill(server.pid, "SIGCONT"); // A stopped server would not end.
      await broadcast.kill();
      await feeding;
    }
    assertLess(fed, OFFERED_BYTES);
    assertLessOrEqual(peak - before, MARGIN_BYTES);
    assertLessOrEqual(peak, MOST_BYTES);
  },
});
