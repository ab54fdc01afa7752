import { assertEquals, assertMatch } from "@std/assert";
import { ServeProcess } from "../helpers/fstream_process.ts";
import { natsFindings } from "./check_findings.ts";
import { assertBytes, Broadcaster, watch } from "./cluster_scene.ts";
import { freePort, NatsProcess, needsNats } from "./nats_process.ts";

Deno.test({
  ...needsNats(
    "fstream check sends itself a message over NATS, and says what is wrong",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start("--user", "u", "--pass", "p");
    const at = `127.0.0.1:${nats.port}`;
    assertEquals(await natsFindings(["nats", `nats://u:p@${at}`]), []);
    const [wrong] = await natsFindings(["nats", `nats://u:x@${at}`]);
    assertMatch(
      wrong!,
      /^warning: --nats: NATS cannot be used: .*Authorization/i,
    );
    const none = `nats://127.0.0.1:${freePort()}`;
    const [missing] = await natsFindings(["nats", none]);
    assertMatch(missing!, /^warning: --nats: NATS cannot be used: .*refused/i);
    const [file] = await natsFindings(
      ["nats", `nats://${at}`],
      ["nats-credentials", "/nowhere.creds"],
    );
    assertMatch(file!, /^error: --nats: .*nowhere\.creds/);
  },
});

Deno.test({
  ...needsNats(
    "several servers of one machine listen at one port, and are one",
  ),
  ignore: needsNats("").ignore || Deno.build.os !== "linux",
  fn: async () => {
    await using nats = await NatsProcess.start();
    const port = freePort();
    const address = { host: "127.0.0.1", port };
    const flags = ["--nats", nats.url, "--reuse-port", "on"];
    flags.push("--listen", `127.0.0.1:${port}`);
    await using one = await ServeProcess.start(flags);
    await using other = await ServeProcess.start(flags);
    await Promise.all([
      one.log.wait("cluster-up"),
      other.log.wait("cluster-up"),
    ]);
    using live = await Broadcaster.start({ address });
    await live.send(3000);
    const watching = await Promise.all(
      Array.from({ length: 24 }, () => watch({ address })),
    );
    for (const { peer } of watching) {
      await assertBytes(peer, 0, 3000);
      peer.close();
    }
    const spread = [one, other].map(({ log }) => log.total("watch-start"));
    assertEquals(spread[0]! + spread[1]!, 24);
    assertEquals(spread.every((count) => count > 0), true, `${spread}`);
  },
});
