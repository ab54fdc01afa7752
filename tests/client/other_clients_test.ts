import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { equals } from "@std/bytes";
import { formatAddress } from "../../lib/net/address.ts";
import { eventually } from "../helpers/eventually.ts";
import { type Fault, FlakyProxy } from "../helpers/flaky_proxy.ts";
import { needs } from "../helpers/installed.ts";
import { pattern } from "../helpers/pattern.ts";
import { seededRandom } from "../helpers/rng.ts";
import { fromRoot } from "../helpers/root.ts";
import { startTestServer } from "../helpers/start_server.ts";
import { broadcastAll, inputOf, serversAt } from "./resume_scene.ts";

Deno.test({
  ...needs("python3", "a short client in Python resumes byte by byte"),
  fn: async () => {
    await using server = await startTestServer();
    const random = seededRandom(11);
    const faults = Array.from({ length: 40 }, (): Fault => ({
      ...{ kind: "reset", direction: "down", after: 1 + random(40_000) },
    }));
    await using proxy = await FlakyProxy.start({
      target: () => server.address,
      faults,
    });
    const bytes = pattern(0, 2_000_000);
    const script = fromRoot("tests/vectors/clients/watch.py");
    await using child = new Deno.Command("python3", {
      args: [script, formatAddress(proxy.address), "fier"],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    await eventually("the client asks", () => proxy.connections > 0);
    await broadcastAll({
      servers: serversAt(server.address),
      // The channel ends once the client is behind the last fault.
      input: inputOf(
        bytes,
        () =>
          eventually(
            "the client has met all faults",
            () =>
              proxy.connections > faults.length &&
              server.log.total("watch-start") > server.log.total("watch-end"),
          ),
      ),
    });
    const { code, stdout, stderr } = await output;
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    // Its first connection that is accepted decides where it joins.
    assert(equals(stdout, bytes.subarray(bytes.length - stdout.length)));
    assertGreaterOrEqual(stdout.length, bytes.length / 2);
    assertGreaterOrEqual(proxy.connections, faults.length);
  },
});
