import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionError } from "../../lib/client/connection_error.ts";
import { close } from "../../lib/client/connect.ts";
import { Servers } from "../../lib/client/servers.ts";
import { Refusal } from "../../lib/errors.ts";
import { type Address, formatAddress } from "../../lib/net/address.ts";
import { NEVER } from "./resume_scene.ts";
import { rejecting, type Script, ScriptedServer } from "./scripted_server.ts";

/** No server listens there. */
const NOBODY: Address = { host: "127.0.0.1", port: 1 };

const OPTIONS = { wire: 2, reply: true } as const;

function accepting(name: string): Script {
  return async (peer) => {
    await peer.text();
    await peer.say(`ok,name=${name}`);
    await peer.closed();
  };
}

async function nameOf(servers: Servers): Promise<string | undefined> {
  const accepted = await servers.request("watch", { user: "fier" }, NEVER);
  close(accepted.conn);
  return accepted.values.get("name");
}

Deno.test("Servers.request() tries the others in turn, and stays with the one that accepts", async () => {
  await using one = new ScriptedServer(
    rejecting("not-live"),
    accepting("one"),
  );
  await using two = new ScriptedServer(
    accepting("two"),
    accepting("two"),
    rejecting("busy"),
  );
  const addresses = [NOBODY, one.address, two.address];
  const servers = new Servers(addresses, OPTIONS);
  assertEquals(await nameOf(servers), "two");
  assertEquals(await nameOf(servers), "two");
  assertEquals(await nameOf(servers), "one");
});

Deno.test("Servers.request() does not try others when its credentials are refused", async () => {
  await using one = new ScriptedServer(rejecting("denied"));
  await using two = new ScriptedServer(accepting("two"));
  const servers = new Servers([one.address, two.address], OPTIONS);
  const error = await assertRejects(() => nameOf(servers), Refusal);
  assertEquals([error.code, two.left], ["denied", 1]);
});

Deno.test("Servers.request() throws a refusal rather than a failed connection", async () => {
  await using one = new ScriptedServer(rejecting("busy"));
  const both = new Servers([NOBODY, one.address], OPTIONS);
  const error = await assertRejects(() => nameOf(both), Refusal);
  assertEquals(error.code, "busy");
  const none = new Servers([NOBODY, NOBODY], OPTIONS);
  await assertRejects(() => nameOf(none), ConnectionError);
});

Deno.test("Servers.add() tries what is named first, then the others, and the one that named them last", async () => {
  await using one = new ScriptedServer(accepting("one"), accepting("one"));
  await using two = new ScriptedServer(rejecting("busy"));
  await using three = new ScriptedServer(rejecting("busy"));
  const servers = new Servers([one.address, two.address], OPTIONS);
  assertEquals(await nameOf(servers), "one");
  servers.add(`${formatAddress(three.address)} x/y`);
  assertEquals(await nameOf(servers), "one");
  assertEquals([two.left, three.left], [0, 0]);
});
