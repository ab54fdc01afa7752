import { assertEquals } from "@std/assert";
import { startTestServer } from "../helpers/start_server.ts";
import { BROADCASTING } from "./clients/broadcasting_clients.ts";
import { type ClientRow, ClientScene } from "./clients/client_scene.ts";
import { ICECAST_SOURCES } from "./clients/icecast_sources.ts";
import { RTMP_ENCODERS } from "./clients/rtmp_encoders.ts";
import { missingPrograms } from "./clients/missing_programs.ts";
import { WATCHING } from "./clients/watching_clients.ts";

const ROWS: readonly ClientRow[] = [
  ...BROADCASTING,
  ...ICECAST_SOURCES,
  ...RTMP_ENCODERS,
  ...WATCHING,
];

Deno.test({
  name: "every client broadcasts and watches at one port",
  ignore: Deno.build.os === "windows",
  fn: async (t) => {
    await using server = await startTestServer({
      folder: true,
      config: { grace: 0 },
    });
    assertEquals(server.server.addresses.length, 1);
    await using scene = await ClientScene.open(server);
    for (const [index, row] of ROWS.entries()) {
      const missing = await missingPrograms(row.programs);
      const skipped = missing === ""
        ? ""
        : ` (skipped: ${missing} is not installed)`;
      await t.step({
        name: row.name + skipped,
        ignore: missing !== "",
        fn: () => proves(scene, row, `c${index}`),
      });
    }
  },
});

/** Runs a client, and asserts that the server served it by the protocol that it speaks. */
async function proves(
  scene: ClientScene,
  row: ClientRow,
  channel: string,
): Promise<void> {
  await row.run(scene, channel);
  const isSource = row.name.endsWith("broadcasts");
  const event = isSource ? "broadcast-start" : "watch-start";
  const { protocol } = await scene.log.wait(event, 1, { channel });
  assertEquals(protocol, row.protocol);
  const ended = await scene.log.wait("channel-end", 1, { channel });
  assertEquals(ended.reason, "the broadcast ended");
}
