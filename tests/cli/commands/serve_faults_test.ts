import { assertEquals, assertMatch } from "@std/assert";
import { surviveFaults } from "../../../lib/cli/survive_faults.ts";
import { Ticker } from "../../../lib/clock/ticker.ts";
import { messageOf } from "../../../lib/errors.ts";
import { eventually } from "../../helpers/eventually.ts";
import { ServeProcess } from "../../helpers/fstream_process.ts";
import { RawPeer, requestBytes } from "../../helpers/raw_peer.ts";

/** Lets everybody in; forgets to catch what fails later, in two ways. */
const CARELESS = `export default ({ user }) => {
  if (user === "promise") Promise.reject(new Error("nobody waits for me"));
  if (user === "timer") setTimeout(() => { throw new Error("late"); });
  return true;
};
`;

Deno.test("surviveFaults() reports what nothing catches, until it is disposed of", async () => {
  const reported: string[] = [];
  {
    using _faults = surviveFaults((error) => reported.push(messageOf(error)));
    Promise.reject(new Error("a promise"));
    setTimeout(() => {
      throw new Error("a timer");
    });
    reportError(new Error("told"));
    await eventually("all are reported", () => reported.length === 3);
  }
  assertEquals(reported.toSorted(), ["a promise", "a timer", "told"]);
});

Deno.test("Ticker ticks its other members when one fails, and reports that", async () => {
  const reported: string[] = [];
  using _faults = surviveFaults((error) => reported.push(messageOf(error)));
  const ticker = new Ticker(() => performance.now());
  let ticks = 0;
  ticker.add({
    tick: (): void => {
      throw new Error("faulty");
    },
  });
  ticker.add({ tick: () => ticks++ });
  await eventually("both have ticked twice", () => ticks === 2);
  ticker.close();
  assertEquals(reported, ["faulty", "faulty"]);
});

Deno.test("fstream serve logs an internal error, and its other sessions continue", async () => {
  const module = await Deno.makeTempFile({ suffix: ".js" });
  await Deno.writeTextFile(module, CARELESS);
  try {
    await using server = await ServeProcess.start(["--auth", module]);
    const address = await server.address();
    const text = "broadcast,user=fier";
    using broadcaster = await RawPeer.connect(address, requestBytes(text));
    await server.log.wait("broadcast-start");
    const reasons = { promise: "nobody waits for me", timer: "late" };
    for (const [user, reason] of Object.entries(reasons)) {
      using _peer = await RawPeer.connect(
        address,
        requestBytes(`watch,user=${user}`),
      );
      const { at } = await server.log.wait("internal-error", 1, { reason });
      assertMatch(String(at), /:2:|:3:/, "where in the module");
    }
    using watcher = await RawPeer.connect(
      address,
      requestBytes("watch,user=fier,wait=9"),
    );
    await server.log.wait("watch-start");
    await broadcaster.send(new Uint8Array(1000).fill(7));
    await broadcaster.finish();
    assertEquals(new Set(await watcher.rest()), new Set([7]));
  } finally {
    await Deno.remove(module);
  }
});
