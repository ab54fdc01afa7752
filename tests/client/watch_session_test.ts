import { assertEquals, assertRejects } from "@std/assert";
import { IncompleteError } from "../../lib/client/incomplete_error.ts";
import type {
  WatchOptions,
  WatchSession,
} from "../../lib/client/watch_session.ts";
import { Refusal } from "../../lib/errors.ts";
import { FRAME_TYPE } from "../../lib/wire/framed.ts";
import { Gathered, serversAt, watchAll } from "./resume_scene.ts";
import { rejecting, type Script, ScriptedServer } from "./scripted_server.ts";

const ENDED = "end,reason=ended";

/** What came of watching a scripted server. */
interface Watched {
  readonly text: string;
  readonly lost: number | undefined;
  readonly reconnects: number;
  /** The reason of an incomplete stream. */
  readonly reason: string | undefined;
}

async function watched(
  scripts: readonly Script[],
  options: Partial<WatchOptions> = {},
): Promise<Watched> {
  await using server = new ScriptedServer(...scripts);
  const gathered = new Gathered();
  let session: WatchSession;
  let reason: string | undefined;
  try {
    await watchAll(
      {
        ...{ servers: serversAt(server.address), sink: gathered.sink },
        reconnectMs: 200,
        ...options,
      },
      (made) => session = made,
    );
  } catch (error) {
    if (!(error instanceof IncompleteError)) throw error;
    reason = error.reason;
  }
  assertEquals([server.errors, server.left], [[], 0]);
  const text = new TextDecoder().decode(gathered.bytes());
  const { lost, reconnects } = session!;
  return { text, lost, reconnects, reason };
}

/** Expects a request, and does what it is told after it. */
function on(expected: string, script: Script): Script {
  return async (peer) => {
    assertEquals(await peer.text(), `watch,user=fier,wait=20,${expected}`);
    await script(peer);
  };
}

const FIRST = "frames=1,reply=1";

const RESUME = "resume=a:8,frames=1,reply=1";

/** A first connection that breaks after eight bytes. */
const EIGHT: Script = on(FIRST, async (peer) => {
  await peer.say("ok,frames=1,id=a,offset=3");
  await peer.send("media");
});

Deno.test("WatchSession resumes at the byte behind the last one delivered", async () => {
  const result = await watched([
    EIGHT,
    on(RESUME, async (peer) => {
      await peer.say("ok,frames=1,id=a,offset=8");
      await peer.send(" goes on");
      await peer.say(ENDED);
    }),
  ]);
  const expected = { text: "media goes on", lost: 0, reconnects: 1 };
  assertEquals(result, { ...expected, reason: undefined });
});

Deno.test("WatchSession writes lead with the first media behind it, and does not count it", async () => {
  const result = await watched([
    on(FIRST, async (peer) => {
      await peer.say("ok,frames=1", "jump,id=a,offset=5,lost=0,reason=join");
      await peer.send("[init]", FRAME_TYPE.lead);
      await peer.send("[prefix]", FRAME_TYPE.lead);
      await peer.send("med");
    }),
    on(RESUME, async (peer) => {
      await peer.say("ok,frames=1,id=a,offset=8");
      await peer.send("ia");
      await peer.say(ENDED);
    }),
  ]);
  assertEquals(result.text, "[init][prefix]media");
  assertEquals([result.lost, result.reason], [0, undefined]);
});

Deno.test("WatchSession resumes before a jump whose media has not arrived", async () => {
  const result = await watched([
    on(FIRST, async (peer) => {
      await peer.say("ok,frames=1,id=a,offset=3");
      await peer.send("media");
      await peer.say("jump,id=a,offset=100,lost=92,reason=lag");
      await peer.send("[init]", FRAME_TYPE.lead);
    }),
    on(RESUME, async (peer) => {
      await peer.say("ok,frames=1,id=a,offset=8");
      await peer.send("!");
      await peer.say(ENDED);
    }),
  ]);
  const expected = { text: "media!", lost: 0, reconnects: 1 };
  assertEquals(result, { ...expected, reason: undefined });
});

Deno.test("WatchSession joins again when a first connection breaks before media", async () => {
  const result = await watched([
    on(FIRST, async (peer) => {
      await peer.say("ok,frames=1", "jump,id=a,offset=5,lost=0,reason=join");
      await peer.send("[init]", FRAME_TYPE.lead);
    }),
    on(FIRST, async (peer) => {
      await peer.say("ok,frames=1", "jump,id=b,offset=0,lost=0,reason=join");
      await peer.send("media");
      await peer.say(ENDED);
    }),
  ]);
  const expected = { text: "media", lost: 0, reconnects: 1 };
  assertEquals(result, { ...expected, reason: undefined });
});

Deno.test("WatchSession states lost bytes, and is incomplete at the end", async () => {
  for (
    const [jump, lost] of [
      ["jump,id=a,offset=20,lost=12,reason=lag", 12],
      ["jump,id=a,offset=20,reason=lag", 12],
      ["jump,id=b,offset=0,lost=7,reason=takeover", 7],
      ["jump,id=b,offset=0,reason=takeover", undefined],
    ] as const
  ) {
    const result = await watched([
      on(FIRST, async (peer) => {
        await peer.say("ok,frames=1,id=a,offset=3");
        await peer.send("media");
        await peer.say(jump);
        await peer.send(" later");
        await peer.say(ENDED);
      }),
    ]);
    const expected = { text: "media later", lost, reconnects: 0 };
    assertEquals(result, { ...expected, reason: "lost" }, jump);
  }
});

Deno.test("WatchSession takes a takeover that loses nothing for complete", async () => {
  const result = await watched([
    on(FIRST, async (peer) => {
      await peer.say("ok,frames=1,id=a,offset=3");
      await peer.send("media");
      await peer.say("jump,id=b,offset=0,lost=0,reason=takeover");
      await peer.send("[init]", FRAME_TYPE.lead);
      await peer.send(" later");
      await peer.say(ENDED);
    }),
  ]);
  assertEquals(result.text, "media[init] later");
  assertEquals([result.lost, result.reason], [0, undefined]);
});

Deno.test("WatchSession with failOnLoss ends at a loss, before a byte behind it", async () => {
  const lossy = on(FIRST, async (peer) => {
    await peer.say("ok,frames=1,id=a,offset=3");
    await peer.send("media");
    await peer.say("jump,id=a,offset=9,lost=1,reason=lag");
    await peer.send(" later");
    await peer.closed();
  });
  const { text, reason } = await watched([lossy], { failOnLoss: true });
  assertEquals([text, reason], ["media", "lost"]);
});

Deno.test("WatchSession comes back after a restart, and says how the server ended it otherwise", async () => {
  const restarted = await watched([
    on(FIRST, async (peer) => {
      await peer.say("ok,frames=1,id=a,offset=3");
      await peer.send("media");
      await peer.say("end,reason=restart");
    }),
    rejecting("not-live"),
    on(RESUME, async (peer) => {
      await peer.say("ok,frames=1", "jump,id=b,offset=0,lost=0,reason=gone");
      await peer.send("!");
      await peer.say(ENDED);
    }),
  ]);
  const expected = { text: "media!", lost: 0, reconnects: 1 };
  assertEquals(restarted, { ...expected, reason: undefined });
  for (const reason of ["cannot-follow", "revoked", "stalled", "limit"]) {
    const cut = await watched([
      on(FIRST, async (peer) => {
        await peer.say("ok,frames=1,id=a,offset=3");
        await peer.send("media");
        await peer.say(`end,reason=${reason},message=so it is`);
        await peer.closed();
      }),
    ]);
    assertEquals([cut.text, cut.reason], ["media", reason]);
  }
});

Deno.test("WatchSession gives up when the server does not come back, and at once without reconnects", async () => {
  const gone = await watched([EIGHT], { reconnectMs: 100 });
  assertEquals([gone.text, gone.reason], ["media", "broken"]);
  const off = await watched([EIGHT], { reconnectMs: 0 });
  assertEquals([off.text, off.reason, off.reconnects], ["media", "broken", 0]);
});

Deno.test("WatchSession takes a refusal of its credentials for final", async () => {
  const error = await assertRejects(
    () => watched([EIGHT, rejecting("denied")]),
    Refusal,
  );
  assertEquals(error.code, "denied");
});

Deno.test("WatchSession does not deliver bytes of an unknown or an earlier position", async () => {
  const unknown = await watched([
    EIGHT,
    on(RESUME, async (peer) => {
      await peer.say("ok,frames=1,id=a,offset=7");
      await peer.send("a again");
      await peer.closed();
    }),
  ], { reconnectMs: 100 });
  assertEquals([unknown.text, unknown.reason], ["media", "broken"]);
  const back = await watched([
    EIGHT,
    on(RESUME, async (peer) => {
      await peer.say("ok,frames=1", "jump,id=a,offset=3,lost=0,reason=lag");
      await peer.send("media");
      await peer.closed();
    }),
  ], { reconnectMs: 100 });
  assertEquals([back.text, back.reason], ["media", "broken"]);
});

Deno.test("WatchSession reconnects when a connection is silent for too long", async () => {
  const result = await watched([
    on(FIRST, async (peer) => {
      await peer.say("ok,frames=1,id=a,offset=3");
      await peer.send("media");
      await peer.closed();
    }),
    on(RESUME, async (peer) => {
      await peer.say("ok,frames=1,id=a,offset=8");
      await peer.send("!");
      await peer.say(ENDED);
    }),
  ], { stallMs: 40 });
  assertEquals([result.text, result.reason], ["media!", undefined]);
});

Deno.test("WatchSession ends at once when it is aborted, connected or not", async () => {
  for (
    const script of [
      EIGHT,
      on(FIRST, async (peer) => {
        await peer.say("ok,frames=1,id=a,offset=3");
        await peer.send("media");
        await peer.closed();
      }),
    ]
  ) {
    const controller = new AbortController();
    const reason = new Error("enough");
    const gathered = new Gathered();
    await using server = new ScriptedServer(script);
    const watching = watchAll({
      ...{ servers: serversAt(server.address), sink: gathered.sink },
      signal: controller.signal,
      backoff: { firstMs: 60_000, longestMs: 60_000 },
    }, () => setTimeout(() => controller.abort(reason), 50));
    assertEquals(await assertRejects(() => watching, Error), reason);
  }
});

Deno.test("WatchSession.mostBehind is measured where media follows the server's report", async () => {
  const behind = async (withReport: boolean): Promise<number | undefined> => {
    await using server = new ScriptedServer(on(FIRST, async (peer) => {
      await peer.say("ok,frames=1,id=a,offset=3");
      if (withReport) await peer.say("live,time=100000,age=2500");
      await peer.send("media");
      await peer.say(ENDED);
    }));
    let session: WatchSession;
    const { sink } = new Gathered();
    await watchAll(
      { servers: serversAt(server.address), sink },
      (made) => session = made,
    );
    return session!.mostBehind;
  };
  assertEquals(await behind(false), undefined);
  assertEquals(Math.floor((await behind(true))!), 2);
});
