import { assert, assertEquals } from "@std/assert";
import { equals } from "@std/bytes";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer, requestBytes, WIRES } from "../helpers/raw_peer.ts";
import { ResettingPeer } from "../helpers/resetting_peer.ts";
import { startTestServer } from "../helpers/start_server.ts";
import {
  broadcasting,
  broadcastText,
  Bystander,
  OK,
  watching,
} from "./live_channel.ts";

const FIER = broadcastText("fier");

for (const wire of WIRES) {
  Deno.test(`Session sends ok first to peers that ask for it, version ${wire}`, async () => {
    await using server = await startTestServer();
    using broadcaster = await RawPeer.connect(
      server.address,
      requestBytes(`${FIER},reply=1`, wire),
    );
    assertEquals(await broadcaster.take(OK.length), OK);
    using watcher = await RawPeer.connect(
      server.address,
      requestBytes("watch,user=fier,reply=1", wire),
    );
    assertEquals(await watcher.take(OK.length), OK);
    await broadcaster.send(pattern(0, 10));
    await broadcaster.finish();
    assertEquals(await watcher.rest(), pattern(0, 10));
    assertEquals(await broadcaster.rest(), new Uint8Array());
  });

  Deno.test(`Session sends media and nothing else to peers that do not ask, version ${wire}`, async () => {
    await using server = await startTestServer();
    using broadcaster = await RawPeer.connect(
      server.address,
      requestBytes(FIER, wire),
    );
    await server.log.wait("broadcast-start");
    using watcher = await RawPeer.connect(
      server.address,
      requestBytes("watch,user=fier", wire),
    );
    await server.log.wait("watch-start");
    await broadcaster.send(pattern(0, 10));
    await broadcaster.finish();
    assertEquals(await watcher.rest(), pattern(0, 10));
    assertEquals(await broadcaster.rest(), new Uint8Array());
  });
}

Deno.test("Session: both versions meet on one channel", async () => {
  await using server = await startTestServer();
  using broadcaster = await RawPeer.connect(
    server.address,
    requestBytes(FIER, 1),
  );
  await server.log.wait("broadcast-start");
  using watcher = await watching(server, "watch,user=fier");
  await broadcaster.send(pattern(0, 5000));
  assertEquals(await watcher.take(5000), pattern(0, 5000));
});

Deno.test("Session: a watcher that has closed its own side gets everything", async () => {
  await using server = await startTestServer();
  using broadcaster = await broadcasting(server, FIER);
  using watcher = await watching(server, "watch,user=fier");
  await watcher.finish();
  await broadcaster.send(pattern(0, 1000));
  assertEquals(await watcher.take(1000), pattern(0, 1000));
  await broadcaster.send(pattern(1000, 500_000));
  await broadcaster.finish();
  assert(equals(await watcher.rest(), pattern(1000, 500_000)));
});

Deno.test("Session ignores what a watcher sends", async () => {
  await using server = await startTestServer();
  using broadcaster = await broadcasting(server, FIER);
  using watcher = await watching(server, "watch,user=fier");
  await watcher.send(new Uint8Array(300_000));
  await broadcaster.send(pattern(0, 1000));
  await broadcaster.finish();
  assertEquals(await watcher.rest(), pattern(0, 1000));
});

Deno.test("Session: the end reaches a watcher that still sends, with every byte before it", async () => {
  await using server = await startTestServer();
  using broadcaster = await broadcasting(server, FIER);
  using watcher = await watching(server, "watch,user=fier");
  let received = false;
  // Closing a connection with unread bytes resets it, and what is on its way is lost.
  const talk = (async (): Promise<void> => {
    while (!received) await watcher.send(new Uint8Array(100_000));
  })().catch(() => {}); // the server closes too
  const media = pattern(0, 1_000_000);
  await broadcaster.send(media);
  await broadcaster.finish();
  await server.log.wait("channel-end");
  const bytes = await watcher.rest().finally(() => received = true);
  assert(equals(bytes, media));
  watcher.close();
  await talk;
});

Deno.test("Session: a clean end gives every watcher every byte", async () => {
  await using server = await startTestServer();
  using broadcaster = await broadcasting(server, FIER);
  const media = pattern(0, 3_000_000);
  const watchers: RawPeer[] = [];
  for (let i = 1; i <= 3; i++) {
    watchers.push(await watching(server, "watch,user=fier", i));
  }
  const received = watchers.map((watcher) => watcher.rest());
  await broadcaster.send(media);
  await broadcaster.finish();
  for (const bytes of await Promise.all(received)) {
    assert(equals(bytes, media));
  }
  const { bytes, reason } = await server.log.wait("watch-end", 3);
  assertEquals({ bytes, reason }, {
    bytes: 3_000_000,
    reason: "the channel ended",
  });
  for (const watcher of watchers) watcher.close();
});

Deno.test("Session: a takeover cuts the old connection and keeps the watchers", async () => {
  await using server = await startTestServer();
  using old = await broadcasting(server, FIER);
  using watcher = await watching(server, "watch,user=fier");
  await old.send(pattern(0, 100));
  assertEquals(await watcher.take(100), pattern(0, 100));
  using now = await broadcasting(server, FIER, 2);
  assertEquals(await old.rest(), new Uint8Array());
  await now.send(pattern(0, 100, 1));
  await now.finish();
  assertEquals(await watcher.rest(), pattern(0, 100, 1));
  const { reason } = await server.log.wait("broadcast-end");
  assertEquals(reason, "taken over by a newer connection of the same user");
});

Deno.test("Session: a takeover with another channel password ends the watchers", async () => {
  await using server = await startTestServer();
  using old = await broadcasting(server, FIER);
  using watcher = await watching(server, "watch,user=fier");
  await old.send(pattern(0, 100));
  assertEquals(await watcher.take(100), pattern(0, 100));
  using _now = await broadcasting(server, `${FIER},channel_password=word`, 2);
  assertEquals(await watcher.rest(), new Uint8Array());
});

Deno.test("Session: a reset watcher leaves at once, also while nothing is sent", async () => {
  await using server = await startTestServer();
  using bystander = await Bystander.open(server);
  using broadcaster = await broadcasting(server, FIER, 2);
  using quiet = await ResettingPeer.connect(
    server.address,
    requestBytes("watch,user=fier"),
  );
  await server.log.wait("watch-start", 2);
  using witness = await watching(server, "watch,user=fier", 3);
  await broadcaster.send(pattern(0, 100));
  assertEquals(await witness.take(100), pattern(0, 100));
  quiet.reset();
  const { reason } = await server.log.wait("watch-end");
  assertEquals(reason, "the watcher left");
  await broadcaster.send(pattern(100, 100));
  assertEquals(await witness.take(100), pattern(100, 100));
  await bystander.assertServed();
});

for (const [how, keys] of [["reset", ""], ["end", ",frames=1"]] as const) {
  Deno.test(`Session: a watcher${keys} stops waiting after its ${how}`, async () => {
    await using server = await startTestServer();
    const request = requestBytes(`watch,user=fier,wait=60${keys}`);
    using waiting = await ResettingPeer.connect(server.address, request);
    await server.log.wait("watch-wait");
    waiting[how]();
    assertEquals((await server.log.wait("refused")).code, "not-live");
  });
}

for (const wire of WIRES) {
  Deno.test(`Session: a watcher that closes its side behind its request waits on, version ${wire}`, async () => {
    await using server = await startTestServer();
    const request = requestBytes("watch,user=fier,wait=60", wire);
    using waiting = await RawPeer.connect(server.address, request);
    await server.log.wait("watch-wait");
    await waiting.finish();
    using broadcaster = await broadcasting(server, FIER);
    await broadcaster.send(pattern(0, 100));
    assertEquals(await waiting.take(100), pattern(0, 100));
    await broadcaster.finish();
    assertEquals(await waiting.rest(), new Uint8Array());
    assertEquals(server.log.named("refused"), []);
  });
}

Deno.test("Session: a reset broadcaster comes back to its watchers", async () => {
  await using server = await startTestServer();
  using broken = await ResettingPeer.connect(
    server.address,
    requestBytes(FIER),
  );
  await server.log.wait("broadcast-start");
  using watcher = await watching(server, "watch,user=fier");
  await broken.send(pattern(0, 1000));
  assertEquals(await watcher.take(1000), pattern(0, 1000));
  broken.reset();
  await server.log.wait("channel-hold");
  using back = await broadcasting(server, FIER, 2);
  await back.send(pattern(1000, 1000));
  await back.finish();
  assertEquals(await watcher.rest(), pattern(1000, 1000));
  assertEquals(server.log.named("watch-start").length, 1);
});

Deno.test("Session: when a reset broadcaster stays away its watchers end", async () => {
  await using server = await startTestServer({ config: { grace: 0.05 } });
  using broken = await ResettingPeer.connect(
    server.address,
    requestBytes(FIER),
  );
  await server.log.wait("broadcast-start");
  using watcher = await watching(server, "watch,user=fier");
  await broken.send(pattern(0, 1000));
  assertEquals(await watcher.take(1000), pattern(0, 1000));
  broken.reset();
  assertEquals(await watcher.rest(), new Uint8Array());
  assertEquals(server.log.named("channel-hold").length, 1);
});

Deno.test("Session: hold= keeps the watchers over a clean end", async () => {
  await using server = await startTestServer();
  using first = await broadcasting(server, `${FIER},hold=60`);
  using watcher = await watching(server, "watch,user=fier");
  await first.send(pattern(0, 10));
  await first.finish();
  await server.log.wait("channel-hold");
  using second = await broadcasting(server, FIER, 2);
  await second.send(pattern(10, 10));
  await second.finish();
  assertEquals(await watcher.rest(), pattern(0, 20));
});

Deno.test("Session: a joiner begins at the start of a chunk", async () => {
  await using server = await startTestServer();
  using broadcaster = await broadcasting(server, `${FIER},bufsize=1000`);
  using first = await watching(server, "watch,user=fier");
  await broadcaster.send(pattern(0, 2500));
  assertEquals(await first.take(2500), pattern(0, 2500));
  using late = await watching(server, "watch,user=fier", 2);
  using next = await watching(server, "watch,user=fier,start=live", 3);
  using oldest = await watching(server, "watch,user=fier,start=oldest", 4);
  await broadcaster.send(pattern(2500, 1000));
  await broadcaster.finish();
  assertEquals(await late.rest(), pattern(2000, 1500));
  assertEquals(await next.rest(), pattern(3000, 500));
  assertEquals(await oldest.rest(), pattern(0, 3500));
});

const TOKEN = "token,user=fier,user_password=123";

for (const wire of WIRES) {
  Deno.test(`Session issues a token that is valid for one use, version ${wire}`, async () => {
    await using server = await startTestServer({ folder: true });
    using asker = await RawPeer.connect(
      server.address,
      requestBytes(TOKEN, wire),
    );
    const token = new TextDecoder().decode(await asker.rest());
    assert(/^[0-9a-f]{48}$/.test(token), token);
    const request = requestBytes(
      `broadcast,user=fier,token=${token},reply=1`,
      wire,
    );
    using first = await RawPeer.connect(server.address, request);
    assertEquals(await first.take(OK.length), OK);
    using second = await RawPeer.connect(server.address, request);
    const told = new TextDecoder().decode((await second.rest()).subarray(5));
    assertEquals(told, "error,code=denied,message=access denied");
  });
}

Deno.test("Session states with reply=1 how long a token is valid, and it is", async () => {
  await using server = await startTestServer({
    folder: true,
    config: { tokenTime: 0.04 },
  });
  using asker = await RawPeer.connect(
    server.address,
    requestBytes(`${TOKEN},reply=1`),
  );
  const answer = new TextDecoder().decode((await asker.rest()).subarray(5));
  const [, token, expires] = /^ok,token=(\w+),expires_in=(.+)$/.exec(answer) ??
    [];
  assertEquals(expires, "0.04");
  await new Promise((resolve) => setTimeout(resolve, 50));
  using late = await RawPeer.connect(
    server.address,
    requestBytes(`broadcast,user=fier,token=${token}`),
  );
  assertEquals(await late.rest(), new Uint8Array());
  assertEquals((await server.log.wait("refused")).code, "denied");
});

Deno.test("Session: a token is bound to its user, and a new one voids it", async () => {
  await using server = await startTestServer({ folder: true });
  const ask = async (): Promise<string> => {
    using asker = await RawPeer.connect(server.address, requestBytes(TOKEN));
    return new TextDecoder().decode(await asker.rest());
  };
  const voided = await ask();
  const token = await ask();
  for (
    const text of [`user=fier,token=${voided}`, `user=other,token=${token}`]
  ) {
    using peer = await RawPeer.connect(
      server.address,
      requestBytes(`broadcast,${text}`),
    );
    assertEquals(await peer.rest(), new Uint8Array());
  }
  using _good = await broadcasting(
    server,
    `broadcast,user=fier,token=${token}`,
  );
});
