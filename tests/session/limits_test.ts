import { assert, assertEquals } from "@std/assert";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";
import { broadcastText, Bystander } from "./live_channel.ts";
import { assertOverrun } from "../helpers/overrun.ts";

/** Bytes that fill every buffer of the system between a server and a peer that does not read. */
const FLOOD_BYTES = 16 * 1024 * 1024;

/** A broadcaster that falls silent is cut; its channel is held. */
async function silentBroadcaster(server: TestServer): Promise<void> {
  using _silent = await RawPeer.connect(
    server.address,
    requestBytes(broadcastText("fier", ",channel=silent")),
    new Uint8Array(10),
  );
  const where = { channel: "silent" };
  const { reason } = await server.log.wait("broadcast-end", 1, where);
  assertOverrun(reason, "sent no byte", 1);
  await server.log.wait("channel-hold", 1, where);
}

/** A watcher that takes nothing is cut. */
async function stalledWatcher(server: TestServer): Promise<void> {
  const where = { channel: "flood" };
  using broadcaster = await RawPeer.connect(
    server.address,
    requestBytes(broadcastText("fier", ",channel=flood")),
  );
  await server.log.wait("broadcast-start", 1, where);
  using _stalled = await RawPeer.connect(
    server.address,
    requestBytes("watch,user=fier,channel=flood"),
  );
  await server.log.wait("watch-start", 1, where);
  await broadcaster.send(new Uint8Array(FLOOD_BYTES));
  const { reason } = await server.log.wait("watch-end", 1, where);
  assertOverrun(reason, "took no byte", 1);
}

/** Sends a little all the time: that is not silence, and its watcher is not stalled. */
async function keepGoing(
  bystander: Bystander,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await bystander.assertServed();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

Deno.test("Session cuts silent broadcasters and stalled watchers, and no other", async () => {
  await using server = await startTestServer({
    config: { broadcasterIdle: 1, watcherStall: 1 },
  });
  using bystander = await Bystander.open(server);
  const done = new AbortController();
  const cut = [silentBroadcaster(server), stalledWatcher(server)];
  await Promise.all([
    keepGoing(bystander, done.signal),
    Promise.all(cut).finally(() => done.abort()),
  ]);
  for (const event of ["broadcast-end", "watch-end"]) {
    const users = server.log.named(event).map(({ fields }) => fields.user);
    assert(!users.includes("other"), `${event}: ${users}`);
  }
});

Deno.test("Listener limits the connections in all, and one that ends makes room", async () => {
  await using server = await startTestServer({ config: { connections: 3 } });
  using bystander = await Bystander.open(server);
  using third = await RawPeer.connect(server.address);
  using fourth = await RawPeer.connect(
    server.address,
    requestBytes("watch,user=other"),
  );
  assertEquals(await ended(fourth), true);
  const { code, reason } = await server.log.wait("refused");
  assertEquals({ code, reason }, {
    code: "limit",
    reason: "3 connections in all are allowed",
  });
  await third.finish();
  assertEquals(await third.rest(), new Uint8Array());
  third.close();
  await admitted(server, "watch,user=other");
  await bystander.assertServed();
});

Deno.test("Listener limits the connections from one network", async () => {
  await using server = await startTestServer({
    config: { connectionsPerNetwork: 2 },
  });
  using bystander = await Bystander.open(server);
  using third = await RawPeer.connect(
    server.address,
    requestBytes("watch,user=other"),
  );
  assertEquals(await ended(third), true);
  const { reason } = await server.log.wait("refused");
  assertEquals(reason, "2 connections from one network are allowed");
  await bystander.assertServed();
});

/** Whether a connection ends without a byte; one that is refused at once may be reset. */
async function ended(peer: RawPeer): Promise<boolean> {
  try {
    return (await peer.rest()).length === 0;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionReset) return true;
    throw error;
  }
}

/** Watches as soon as there is room, which is a moment after the one before has gone. */
async function admitted(server: TestServer, text: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    using peer = await RawPeer.connect(
      server.address,
      requestBytes(text + ",reply=1"),
    );
    const answer = await peer.take(7).catch(() => new Uint8Array());
    if (answer.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("Cannot get in: there is still no room");
}
