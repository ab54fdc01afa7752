import { assertEquals, assertMatch } from "@std/assert";
import { formatAddress } from "../../../lib/net/address.ts";
import { publishOptions } from "../../hub/hub_scene.ts";
import { fstream } from "../../helpers/fstream_process.ts";
import {
  PASSWORD,
  startTestServer,
  type TestServer,
} from "../../helpers/start_server.ts";

interface Ran {
  readonly code: number;
  readonly stdout: string;
}

async function run(
  { address }: TestServer,
  ...args: readonly string[]
): Promise<Ran> {
  const sign = ["-u", "fier", "--user-password", PASSWORD];
  const { code, stdout } = await fstream(
    [formatAddress(address), "link", ...sign, ...args],
  ).output();
  return { code, stdout: new TextDecoder().decode(stdout).trimEnd() };
}

Deno.test("fstream link prints a token to watch with, lists its use and revokes it", async () => {
  await using server = await startTestServer({ folder: true });
  server.server.hub.publish(
    publishOptions({ channel: "hall", channelPassword: "456" }),
  ).append(new Uint8Array(3));
  const { stdout: token } = await run(server, "-c", "hall", "--expires", "1h");
  assertMatch(token, /^link-\w+-\w+$/);
  const args = ["watch", "-u", "fier", "-c", "hall", "-q"];
  await using watching = fstream(
    [formatAddress(server.address), ...args, "--channel-password", token],
    { stdout: "piped" },
  ).spawn();
  await server.log.wait("watch-start");
  server.server.hub.endChannel("fier", "hall", "test");
  await watching.output();
  const { stdout: list } = await run(server, "--list");
  const [head, row] = list.split("\n");
  assertMatch(head!, /^ID +CHANNEL +EXPIRES +USES +LAST USED$/);
  const [, id] = /^(\w+) +fier\/hall +20\S+ +1 +20\S+$/.exec(row!)!;
  assertEquals((await run(server, "--revoke", id!)).code, 0);
  const { stdout: none } = await run(server, "--list");
  assertEquals(none, "ID  CHANNEL  EXPIRES  USES  LAST USED");
  assertEquals((await run(server, "--revoke", id!)).code, 3);
});
