import { assert } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { V8_FLAGS } from "../../lib/package/runtime_flags.ts";

for (const name of ["start", "demo"] as const) {
  Deno.test(`the task ${name} runs with the executable's flags for V8`, () => {
    assert(config.tasks[name].command.split(" ").includes(V8_FLAGS));
  });
}
