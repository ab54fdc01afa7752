import { assertEquals } from "@std/assert";
import { NatsBus } from "../../lib/cluster/nats_bus.ts";
import { eventually } from "../helpers/eventually.ts";
import { NatsProcess, needsNats } from "./nats_process.ts";

function connect({ url }: NatsProcess): NatsBus {
  const settings = { urls: [url], credentials: "", ca: "" };
  return new NatsBus(settings, "test", { onChange: () => {} });
}

/** Collects what is reported, which would end the process, until it is disposed of. */
function reported(): string[] & Disposable {
  const faults: string[] = [];
  const removal = new AbortController();
  addEventListener("error", (event) => {
    event.preventDefault();
    faults.push(event.error.message);
  }, { signal: removal.signal });
  return Object.assign(faults, {
    [Symbol.dispose]: () => removal.abort(),
  });
}

Deno.test({
  ...needsNats("NatsBus.subscribe() continues when taking a message fails"),
  fn: async () => {
    await using nats = await NatsProcess.start();
    const [from, to] = [connect(nats), connect(nats)];
    await eventually(
      "both are connected",
      () => from.isConnected && to.isConnected,
    );
    using faults = reported();
    const taken: string[] = [];
    to.subscribe("fs.up", ({ data }) => {
      const text = new TextDecoder().decode(data);
      if (text === "bad") throw new Error("a bad message");
      taken.push(text);
    });
    await to.request("fs.none", new Uint8Array(), 1000); // NATS has the subscription.
    for (const text of ["bad", "good"]) {
      from.publish("fs.up", new TextEncoder().encode(text));
    }
    await eventually("the second message is taken", () => taken.length > 0);
    assertEquals([taken, [...faults]], [["good"], ["a bad message"]]);
    await Promise.all([from.close(), to.close()]);
  },
});
