import { assert, assertEquals } from "@std/assert";
import { killRun } from "./kill_run.ts";
import { needsNats } from "./nats_process.ts";

Deno.test({
  ...needsNats(
    "NATS and the servers of watchers are killed: clients lose nothing",
  ),
  fn: async () => {
    const victims = ["nats", "edge", "nats", "edge"] as const;
    const found = await killRun({ kills: 4, everyMs: 2500, seed: 1, victims });
    for (const { records, wrong, lost, doubled } of found) {
      assertEquals([wrong, lost, doubled], [0, 0, 0]);
      assert(records > 10_000, `only ${records} records`);
    }
  },
});

Deno.test({
  ...needsNats(
    "the server of a broadcaster is killed, wherever it goes: clients lose nothing, and nothing comes twice",
  ),
  fn: async () => {
    const victims = ["origin", "edge", "edge"] as const;
    const found = await killRun({ kills: 5, everyMs: 5000, seed: 3, victims });
    for (const { records, wrong, lost, doubled } of found) {
      assertEquals([wrong, lost, doubled], [0, 0, 0]);
      assert(records > 10_000, `only ${records} records`);
    }
  },
});
