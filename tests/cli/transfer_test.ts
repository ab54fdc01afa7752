import { assertEquals, assertMatch } from "@std/assert";
import { formatAddress } from "../../lib/net/address.ts";
import {
  rejecting,
  type Script,
  ScriptedServer,
} from "../client/scripted_server.ts";
import { fstream } from "../helpers/fstream_process.ts";

/** What a client does at a scripted server. */
async function run(
  scripts: readonly Script[],
  ...args: readonly string[]
): Promise<{ status: number; stdout: string; stderr: readonly string[] }> {
  await using server = new ScriptedServer(...scripts);
  const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const command = [formatAddress(server.address), ...args, "-u", "fier"];
  const { code, stdout, stderr } = await fstream(command, streams).output();
  assertEquals([server.errors, server.left], [[], 0]);
  const decoder = new TextDecoder();
  return {
    status: code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr).split("\n").slice(0, -1),
  };
}

/** Sends a watcher some media, and texts behind it. */
function sending(media: string, ...texts: readonly string[]): Script {
  return async (peer) => {
    await peer.text();
    await peer.say("ok,frames=1,id=a,offset=0");
    await peer.send(media);
    await peer.say(...texts);
  };
}

/** Accepts a broadcast, and ends it. */
function accepting(...texts: readonly string[]): Script {
  return async (peer) => {
    await peer.text();
    await peer.say("ok,frames=1,id=a,resume=s,received=0", ...texts);
    await peer.closed();
  };
}

Deno.test("watch exits with 0 only if the stream ended in order and is complete", async () => {
  const complete = await run([sending("media", "end,reason=ended")], "watch");
  assertEquals([complete.status, complete.stdout], [0, "media"]);
  assertMatch(complete.stderr[0]!, /^watched 5 B in 0:0\d, 0 bytes lost$/);
  assertEquals(complete.stderr.length, 1);

  const jump = "jump,id=a,offset=9,lost=4,reason=lag";
  const lossy = await run(
    [sending("media", jump, "end,reason=ended")],
    "watch",
  );
  assertEquals([lossy.status, lossy.stdout], [1, "media"]);
  assertMatch(lossy.stderr[0]!, /^watched 5 B in 0:0\d, 4 bytes lost$/);
  assertEquals(
    lossy.stderr[1],
    "fstream: error: Cannot deliver all bytes: 4 bytes were lost (lag)",
  );

  const broken = await run([sending("media")], "watch", "--reconnect", "off");
  assertEquals([broken.status, broken.stdout], [1, "media"]);
  assertEquals(
    broken.stderr[1],
    "fstream: error: The connection broke before the stream ended",
  );

  const revoked = "end,reason=revoked,message=the user\x1b[0m was disabled";
  const cut = await run([sending("media", revoked)], "watch", "-q");
  assertEquals([cut.status, cut.stdout], [1, "media"]);
  assertEquals(cut.stderr, [
    "fstream: error: The server ended the stream: the user\\u001b[0m was disabled",
  ]);
});

Deno.test("watch --on-loss fail ends at a loss", async () => {
  const script: Script = async (peer) => {
    await sending("media", "jump,id=b,offset=0,reason=takeover")(peer);
    await peer.closed();
  };
  const { status, stderr } = await run(
    ...[[script], "watch", "--on-loss", "fail"] as const,
  );
  assertEquals(status, 1);
  assertMatch(stderr[1]!, /an unknown number of bytes was lost \(takeover\)$/);
});

Deno.test("watch reconnects by itself, and a refusal after a break is final if it is about credentials", async () => {
  const resumed: Script = async (peer) => {
    assertMatch(await peer.text(), /resume=a:5/);
    await peer.say("ok,frames=1,id=a,offset=5");
    await peer.send("!");
    await peer.say("end,reason=ended");
  };
  const { status, stdout, stderr } = await run(
    ...[[sending("media"), resumed], "watch", "--report", "json"] as const,
  );
  assertEquals([status, stdout], [0, "media!"]);
  const { seconds, ...summary } = JSON.parse(stderr[0]!);
  assertEquals(typeof seconds, "number");
  assertEquals(summary, {
    ...{ command: "watch", complete: true, bytes: 6, lost: 0, reconnects: 1 },
    behind: null,
  });
  const refused = await run([sending("media"), rejecting("denied")], "watch");
  assertEquals([refused.status, refused.stdout], [3, "media"]);
});

Deno.test("broadcast exits with 1 and says who ended it, and does not come back", async () => {
  const end = "end,reason=taken-over,message=taken over by 192.0.2.1";
  const { status, stderr } = await run(
    ...[[accepting(end)], "broadcast", "--token=x", "--report=json"] as const,
  );
  assertEquals(status, 1);
  const { complete, reason, message } = JSON.parse(stderr[0]!);
  assertEquals([complete, reason], [false, "taken-over"]);
  assertEquals(
    message,
    "The server ended the broadcast: taken over by 192.0.2.1",
  );
  assertEquals(stderr[1], `fstream: error: ${message}`);
});

Deno.test("broadcast of an empty input exits with 0", async () => {
  const ending: Script = async (peer) => {
    await peer.text();
    await peer.say("ok,frames=1,id=a,resume=s,received=0");
    assertEquals(await peer.text(), "end");
    await peer.say("end,reason=ended,received=0");
    await peer.closed();
  };
  const { status, stderr } = await run([ending], "broadcast", "--token=x");
  assertEquals(status, 0);
  assertMatch(stderr.join("\n"), /^broadcast 0 B in 0:0\d$/);
});

Deno.test("the options of a transfer are checked before a connection is made", async () => {
  for (
    const [args, message] of [
      [["watch", "--reconnect", "soon"], "--reconnect expects a time"],
      [["watch", "--on-loss", "x"], "--on-loss expects continue or fail"],
      [["watch", "--report", "xml"], "--report expects text or json"],
      [["broadcast", "--token=x", "--retain", "1"], "--retain expects 1M"],
    ] as const
  ) {
    const { status, stderr } = await run([], ...args);
    assertEquals(status, 2);
    assertEquals(stderr[0]!.includes(message), true, stderr[0]);
  }
});
