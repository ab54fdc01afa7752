import { assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import type { BroadcastOptions } from "../../lib/client/broadcast_session.ts";
import { IncompleteError } from "../../lib/client/incomplete_error.ts";
import { Refusal } from "../../lib/errors.ts";
import type { ByteReader } from "../../lib/net/byte_source.ts";
import { eventually } from "../helpers/eventually.ts";
import { pattern } from "../helpers/pattern.ts";
import { PASSWORD } from "../helpers/start_server.ts";
import { broadcastAll, serversAt } from "./resume_scene.ts";
import { rejecting, type Script, ScriptedServer } from "./scripted_server.ts";

const START = `broadcast,user=fier,user_password=${PASSWORD},frames=1,reply=1`;

const RESUME = "broadcast,user=fier,resume=s,frames=1,reply=1";

const ACCEPTED = "ok,frames=1,id=a,resume=s,received=0";

const ENDED = "end,reason=ended";

/** An input of one piece, which ends at once. */
function input(text: string): ByteReader {
  let left = new TextEncoder().encode(text);
  return {
    read(buffer: Uint8Array): Promise<number | null> {
      if (left.length === 0) return Promise.resolve(null);
      const part = left.subarray(0, buffer.length);
      buffer.set(part);
      left = left.subarray(part.length);
      return Promise.resolve(part.length);
    },
  };
}

/** Expects a request, and does what it is told after it. */
function on(expected: string, script: Script): Script {
  return async (peer) => {
    assertEquals(await peer.text(), expected);
    await script(peer);
  };
}

/** Reads `count` bytes of media as text. */
async function textOf(
  peer: Parameters<Script>[0],
  count: number,
): Promise<string> {
  return new TextDecoder().decode(await peer.media(count));
}

/** Broadcasts `media` at a scripted server, and gives the reason if that is not complete. */
async function broadcasted(
  scripts: readonly Script[],
  options: Partial<BroadcastOptions> = {},
): Promise<string | undefined> {
  await using server = new ScriptedServer(...scripts);
  let reason: string | undefined;
  try {
    await broadcastAll({
      ...{ servers: serversAt(server.address), input: input("media") },
      ...{ reconnectMs: 200, ...options },
    });
  } catch (error) {
    if (!(error instanceof IncompleteError)) throw error;
    reason = error.reason;
  }
  assertEquals([server.errors, server.left], [[], 0]);
  return reason;
}

/** Takes all of `media`, and confirms the end. */
const WHOLE = on(START, async (peer) => {
  await peer.say(ACCEPTED);
  assertEquals(await textOf(peer, 5), "media");
  assertEquals(await peer.text(), "end");
  await peer.say(ENDED);
  await peer.closed();
});

Deno.test("BroadcastSession ends its stream with a frame, and waits for the confirmation", async () => {
  assertEquals(await broadcasted([WHOLE]), undefined);
});

Deno.test("BroadcastSession sends again from the byte that the server asks for", async () => {
  for (let received = 0; received <= 5; received++) {
    const reason = await broadcasted([
      on(START, async (peer) => {
        await peer.say(ACCEPTED);
        await peer.media(5);
      }),
      on(RESUME, async (peer) => {
        await peer.say(`ok,frames=1,id=a,received=${received}`);
        assertEquals(
          await textOf(peer, 5 - received),
          "media".slice(received),
        );
        assertEquals(await peer.text(), "end");
        await peer.say(ENDED);
        await peer.closed();
      }),
    ]);
    assertEquals(reason, undefined);
  }
});

/** A request that continues the broadcast of {@linkcode ACCEPTED}, of which two bytes were acknowledged. */
const CONTINUES = START.replace(",frames=1", ",continues=a:2,frames=1");

Deno.test("BroadcastSession starts a new broadcast with what was not acknowledged when the old one is over", async () => {
  const end = Promise.withResolvers<null>();
  const pieces = ["media", undefined];
  const reader: ByteReader = {
    read(buffer): Promise<number | null> {
      const piece = pieces.shift();
      if (piece === undefined) return end.promise;
      buffer.set(new TextEncoder().encode(piece));
      return Promise.resolve(piece.length);
    },
  };
  const reason = await broadcasted([
    on(START, async (peer) => {
      await peer.say(ACCEPTED);
      await peer.media(5);
      await peer.say("received=1", "end,reason=restart,received=2");
    }),
    rejecting("denied"),
    on(CONTINUES, async (peer) => {
      await peer.say("ok,frames=1,id=b,resume=t,received=0");
      assertEquals(await textOf(peer, 3), "dia");
      end.resolve(null);
      await peer.text();
    }),
    on(RESUME.replace("=s", "=t"), async (peer) => {
      await peer.say("ok,frames=1,id=b,received=1");
      assertEquals(await textOf(peer, 2), "ia");
      assertEquals(await peer.text(), "end");
      await peer.say(ENDED);
      await peer.closed();
    }),
  ], { input: reader });
  assertEquals(reason, undefined);
});

Deno.test("BroadcastSession cannot start a new broadcast with a token that is used up", async () => {
  const never: ByteReader = { read: () => new Promise(() => {}) };
  const reason = await broadcasted([
    on("broadcast,user=fier,token=x,frames=1,reply=1", async (peer) => {
      await peer.say(ACCEPTED);
    }),
    rejecting("denied"),
  ], { input: never, fields: { "user_password": undefined, token: "x" } });
  assertEquals(reason, "denied");
});

Deno.test("BroadcastSession fails with the server's reason, and does not fight for the channel", async () => {
  for (const reason of ["taken-over", "bit-rate", "disabled", "idle"]) {
    const ended = await broadcasted([
      on(START, async (peer) => {
        await peer.say(ACCEPTED);
        await peer.media(5);
        await peer.say(`end,reason=${reason},message=so it is`);
        await peer.closed();
      }),
    ]);
    assertEquals(ended, reason);
  }
});

Deno.test("BroadcastSession takes an end that it has not asked for as a failure", async () => {
  const never: ByteReader = { read: () => new Promise(() => {}) };
  const reason = await broadcasted([
    on(START, async (peer) => {
      await peer.say(ACCEPTED, ENDED);
      await peer.closed();
    }),
  ], { input: never });
  assertEquals(reason, "ended");
});

Deno.test("BroadcastSession tells whether the last bytes arrived when only the confirmation is missing", async () => {
  for (
    const [received, expected] of [[5, undefined], [4, "unconfirmed"]] as const
  ) {
    const reason = await broadcasted([
      on(START, async (peer) => {
        await peer.say(ACCEPTED);
        await peer.media(5);
        await peer.text();
        await peer.say(`received=${received}`);
      }),
      rejecting("denied"),
    ]);
    assertEquals(reason, expected);
  }
});

Deno.test("BroadcastSession fails when the server has lost acknowledged bytes", async () => {
  for (const received of [2, 6]) {
    const reason = await broadcasted([
      on(START, async (peer) => {
        await peer.say(ACCEPTED);
        await peer.media(5);
        await peer.say("received=3");
        await peer.text();
      }),
      on(RESUME, async (peer) => {
        await peer.say(`ok,frames=1,id=a,received=${received}`);
        await peer.closed();
      }),
    ]);
    assertEquals(reason, "lost");
  }
});

Deno.test("BroadcastSession gives up when the server does not come back, and at once without reconnects", async () => {
  const breaking = on(START, (peer) => peer.say(ACCEPTED));
  for (const reconnectMs of [0, 50]) {
    assertEquals(await broadcasted([breaking], { reconnectMs }), "broken");
  }
});

Deno.test("BroadcastSession takes a refusal of its credentials for final", async () => {
  const breaking = on(START, (peer) => peer.say(ACCEPTED));
  const error = await assertRejects(
    () =>
      broadcasted([breaking, rejecting("denied"), rejecting("denied")], {
        input: { read: () => new Promise(() => {}) },
      }),
    Refusal,
  );
  assertEquals(error.code, "denied");
});

Deno.test("BroadcastSession reconnects when nothing is acknowledged for too long", async () => {
  const reason = await broadcasted([
    on(START, async (peer) => {
      await peer.say(ACCEPTED);
      await peer.closed();
    }),
    on(RESUME, async (peer) => {
      await peer.say("ok,frames=1,id=a,received=5");
      assertEquals(await peer.text(), "end");
      await peer.say(ENDED);
      await peer.closed();
    }),
  ], { stallMs: 40 });
  assertEquals(reason, undefined);
});

Deno.test("BroadcastSession reads no more than it can keep", async () => {
  const retainBytes = 100_000;
  const bytes = pattern(0, 350_000);
  let read = 0;
  const reader: ByteReader = {
    read(buffer): Promise<number | null> {
      const part = bytes.subarray(read, read + Math.min(buffer.length, 7001));
      buffer.set(part);
      read += part.length;
      return Promise.resolve(part.length || null);
    },
  };
  const reason = await broadcasted([
    on(START, async (peer) => {
      await peer.say(ACCEPTED);
      for (let received = 0; received < bytes.length;) {
        const count = Math.min(retainBytes, bytes.length - received);
        const media = await peer.media(count);
        assertEquals(media, bytes.slice(received, received + count));
        await eventually("the buffer is full", () => read === received + count);
        received += count;
        await peer.say(`received=${received}`);
      }
      assertEquals(await peer.text(), "end");
      await peer.say(ENDED);
      await peer.closed();
    }),
  ], { input: reader, retainBytes });
  assertEquals([reason, read], [undefined, bytes.length]);
  assertLessOrEqual(retainBytes, bytes.length);
});

Deno.test("BroadcastSession fails when its input does", async () => {
  const failing: ByteReader = {
    read: () => Promise.reject(new Error("no such pipe")),
  };
  const accepting = on(START, async (peer) => {
    await peer.say(ACCEPTED);
    await peer.closed();
  });
  await assertRejects(
    () => broadcasted([accepting], { input: failing }),
    Error,
    "no such pipe",
  );
});

Deno.test("BroadcastSession sends what was read when its input is ended early", async () => {
  const end = new AbortController();
  let isFirst = true;
  const endless: ByteReader = {
    read(buffer): Promise<number | null> {
      if (!isFirst) return new Promise(() => {});
      isFirst = false;
      buffer.set(new TextEncoder().encode("media"));
      return Promise.resolve(5);
    },
  };
  const reason = await broadcasted([
    on(START, async (peer) => {
      await peer.say(ACCEPTED);
      assertEquals(await textOf(peer, 5), "media");
      end.abort();
      assertEquals(await peer.text(), "end");
      await peer.say(ENDED);
      await peer.closed();
    }),
  ], { input: endless, inputEnd: end.signal });
  assertEquals(reason, undefined);
});
