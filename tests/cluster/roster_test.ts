import { assertEquals } from "@std/assert";
import { MAX_CHANNELS } from "../../lib/cluster/roster.ts";
import { writeJson } from "../../lib/cluster/json.ts";
import { TestCluster } from "./nodes.ts";

Deno.test("Roster.listings() names channels as they were announced, whatever their description says", async () => {
  using cluster = new TestCluster(2);
  const [to, from] = cluster.nodes;
  const announcement = {
    ...{ user: "fier", channel: "hall", id: "a1", stamp: 1, node: "n1" },
  };
  const listing = {
    user: { toString: 1 },
    channel: 4,
    node: [],
    state: "live",
  };
  from!.control.publish(
    to!.context.subjects.roster,
    writeJson({
      ...{ node: "n1", name: "b", turn: 9, isLast: true },
      channels: [{ announcement, state: "held", watchers: 2, listing }],
    }),
  );
  await cluster.settle();
  assertEquals(to!.roster.listings(() => 0), [
    { user: "fier", channel: "hall", node: "b", state: "live" },
  ]);
});

Deno.test("Roster remembers a bounded number of channels of a node that never ends its report", async () => {
  using cluster = new TestCluster(2);
  const [to, from] = cluster.nodes;
  await cluster.pass(3000); // Until they know each other.
  const report = (part: number, isLast: boolean): void => {
    const channels = Array.from({ length: 5000 }, (_, index) => ({
      announcement: {
        ...{ user: "fier", channel: `${part}-${index}`, id: "a1" },
        ...{ stamp: 1, node: "n1" },
      },
      state: "held",
    }));
    from!.control.publish(
      to!.context.subjects.roster,
      writeJson({ node: "n1", turn: 999, isLast, channels }),
    );
  };
  for (let part = 0; part < 6; part++) report(part, part === 5);
  await cluster.settle();
  assertEquals(to!.roster.channelsOf("fier", ""), MAX_CHANNELS);
});
