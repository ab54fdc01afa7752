import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { buildConfig } from "../../lib/config/config.ts";
import { type Server, startServer } from "../../lib/server/server.ts";
import {
  missingNamespaces,
  NEAR_HOST,
  NetworkNamespace,
} from "../helpers/network_namespace.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { EventLog, usersFolder } from "../helpers/start_server.ts";
import { broadcastText } from "../session/live_channel.ts";

/** Bytes that come over the cable before it is pulled. */
const BEFORE_BYTES = 1000;

/** Bytes that the broadcaster sends once it has come back another way. */
const AFTER_BYTES = 5000;

/** What runs at the other end: it connects, sends some bytes, and then keeps its connection open. */
function farProgram(port: number, bytes: Uint8Array): string {
  return `
    const address = { hostname: "${NEAR_HOST}", port: ${port} };
    const conn = await Deno.connect(address);
    await conn.write(Uint8Array.fromHex("${bytes.toHex()}"));
    await conn.read(new Uint8Array(1));
  `;
}

async function startEverywhere(log: EventLog, users: string): Promise<Server> {
  const listen = [{ host: "0.0.0.0", port: 0 }];
  const limits = { broadcasterIdle: 1, watcherStall: 1, grace: 20 };
  const config = { ...buildConfig(), ...limits, users, listen };
  return await startServer(config, log);
}

/** Broadcasts from the other end of the cable. */
function broadcastFar(
  space: NetworkNamespace,
  { addresses }: Server,
): Deno.ChildProcess {
  const request = requestBytes(broadcastText("fier"));
  const bytes = concat([request, pattern(0, BEFORE_BYTES)]);
  const program = farProgram(addresses[0]!.port, bytes);
  const args = ["eval", "--no-config", program];
  return space.command(Deno.execPath(), args).spawn();
}

async function connectHere(
  { addresses }: Server,
  text: string,
): Promise<RawPeer> {
  const { port } = addresses[0]!;
  return await RawPeer.connect({ host: "127.0.0.1", port }, requestBytes(text));
}

/** The cable is pulled, the limit cuts, the watcher is held, and the broadcaster returns by another way. */
async function pullAndReturn(
  space: NetworkNamespace,
  server: Server,
  log: EventLog,
): Promise<void> {
  const { remote: far } = await log.wait("broadcast-start");
  using watcher = await connectHere(server, "watch,user=fier,start=oldest");
  assertEquals(await watcher.take(BEFORE_BYTES), pattern(0, BEFORE_BYTES));
  await space.pullCable();
  const { reason } = await log.wait("broadcast-end");
  assertMatch(String(reason), /^sent no byte for 1 s/);
  await log.wait("channel-hold");
  using back = await connectHere(server, broadcastText("fier"));
  const { remote: near } = await log.wait("broadcast-start", 2);
  assertNotEquals(String(near).split(":")[0], String(far).split(":")[0]);
  await back.send(pattern(0, AFTER_BYTES, 1));
  assertEquals(await watcher.take(AFTER_BYTES), pattern(0, AFTER_BYTES, 1));
  await back.finish();
  assertEquals(await watcher.rest(), new Uint8Array());
}

const missing = missingNamespaces;

Deno.test({
  name:
    "a broadcaster whose cable is pulled is cut, and may come back by another way" +
    (missing ? ` (skipped: ${missing})` : ""),
  ignore: missing !== undefined,
  fn: async () => {
    const users = await usersFolder(["fier"]);
    const log = new EventLog();
    const server = await startEverywhere(log, users);
    await using space = await NetworkNamespace.make();
    const child = broadcastFar(space, server);
    try {
      await pullAndReturn(space, server, log);
    } finally {
      child.kill("SIGKILL");
      await child.output();
      await server.close();
      await Deno.remove(users, { recursive: true });
    }
  },
});
