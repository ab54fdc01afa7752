import { assertEquals, assertStrictEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { Cursor } from "../../lib/hub/cursor.ts";
import { SEGMENT_BYTES } from "../../lib/hub/segment_log.ts";
import { writeAll } from "../../lib/net/connection.ts";
import type { Sender } from "../../lib/session/sender.ts";
import {
  MAX_COPY_BYTES,
  SharedFraming,
  SliceFraming,
} from "../../lib/session/slice_framing.ts";
import { openChannel } from "../hub/scripted_media.ts";
import { pattern } from "../helpers/pattern.ts";
import { Scene, ScriptedConnection } from "./sender_scene.ts";

const NOTHING = new Uint8Array();

/** Puts the length before a piece, and `.` behind it. */
const DOTTED = {
  header: (length: number): Uint8Array => text(`${length}:`),
  trailer: text("."),
};

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** Lets everything happen that is ready. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

for (const most of [1, 7, 1000]) {
  Deno.test(`Sender writes everything to a connection that takes ${most} bytes at a time`, async () => {
    using scene = new Scene({}, new ScriptedConnection(most));
    scene.channel.append(pattern(0, 100));
    scene.channel.append(pattern(100, 200));
    scene.channel.end("ended");
    assertEquals(await scene.sender.done, { complete: true });
    assertEquals(concat(scene.connection.taken), pattern(0, 300));
    assertEquals(scene.cursor.sentBytes, 300);
  });

  Deno.test(`Sender writes whole frames to a connection that takes ${most} bytes at a time`, async () => {
    const framing = new SliceFraming(DOTTED);
    using scene = new Scene({ framing }, new ScriptedConnection(most));
    scene.channel.append(text("ab"));
    await settled();
    scene.sender.send(text("[control]"));
    await settled();
    scene.channel.append(text("c"));
    scene.channel.end("ended");
    assertEquals(await scene.sender.done, { complete: true });
    const taken = new TextDecoder().decode(concat(scene.connection.taken));
    assertEquals(taken, "2:ab.[control]1:c.");
    assertEquals(scene.cursor.sentBytes, 3);
  });
}

Deno.test("Sender has one write in progress at most, and coalesces what comes meanwhile", async () => {
  using scene = new Scene();
  for (let i = 0; i < 10; i++) scene.channel.append(pattern(i, 1));
  assertEquals(scene.connection.writes, 1);
  scene.channel.end("ended");
  await scene.sender.done;
  assertEquals(scene.connection.taken, [pattern(0, 1), pattern(1, 9)]);
});

const FAILURES: readonly [Error, string][] = [
  [new Deno.errors.BrokenPipe("x"), "the watcher left"],
  [new Deno.errors.ConnectionReset("x"), "the watcher left"],
  [new Error("no route"), "no route"],
];

for (const [error, reason] of FAILURES) {
  Deno.test(`Sender ends when a write fails: ${error.name}`, async () => {
    using scene = new Scene();
    scene.connection.fate = error;
    scene.channel.append(new Uint8Array(5));
    assertEquals(await scene.sender.done, { complete: false, reason });
    scene.channel.append(new Uint8Array(5));
    assertEquals(scene.connection.writes, 1);
  });
}

Deno.test("Sender ends with the reason for which its connection was cut", async () => {
  using scene = new Scene();
  scene.connection.fate = new Deno.errors.BrokenPipe("x");
  scene.connection.cutReason = "took no byte for 1 s";
  scene.channel.append(new Uint8Array(5));
  const reason = "took no byte for 1 s";
  assertEquals(await scene.sender.done, { complete: false, reason });
});

Deno.test("Sender.stop() ends it once, and nothing is written any more", async () => {
  using scene = new Scene();
  const { sender, cursor, channel, connection } = scene;
  assertEquals(cursor.parked.size, 1);
  sender.stop("first");
  sender.stop("second");
  assertEquals(cursor.parked.size, 0); // or a quiet channel would keep what has left in memory
  channel.append(new Uint8Array(5));
  sender.send(text("x"));
  assertEquals(await sender.done, { complete: false, reason: "first" });
  assertEquals(connection.writes, 0);
});

Deno.test("Sender writes control messages between frames, never within one", async () => {
  using scene = new Scene({ framing: new SliceFraming(DOTTED) });
  const { sender, channel, connection } = scene;
  connection.fate = "stalls";
  const large = pattern(0, MAX_COPY_BYTES + 1); // Header, slice and trailer are written one by one.
  channel.append(large);
  sender.send(text("[a]"));
  sender.send(text("[b]"));
  channel.append(text("z"));
  connection.release();
  channel.end("ended");
  await sender.done;
  const header = text(`${large.length}:`);
  const rest = text(".[a][b]1:z.");
  assertEquals(concat(connection.taken), concat([header, large, rest]));
});

Deno.test("Sender drops control messages that a watcher does not read", async () => {
  using scene = new Scene({ framing: new SliceFraming(DOTTED) });
  const { sender, channel, connection } = scene;
  connection.fate = "stalls";
  channel.append(text("z"));
  const kib = new Uint8Array(1024);
  for (let i = 0; i < 1000; i++) sender.send(kib);
  connection.release();
  channel.end("ended");
  await sender.done;
  assertEquals(concat(connection.taken).length, "1:z.".length + 16 * 1024);
});

Deno.test("Sender.leave() ends behind the frame in progress, with its message last", async () => {
  using scene = new Scene({ framing: new SliceFraming(DOTTED) });
  const { sender, channel, connection } = scene;
  connection.fate = "stalls";
  channel.append(text("ab"));
  channel.append(text("never sent"));
  sender.send(text("[status]"));
  sender.leave(text("[close]"), "the watcher left");
  sender.send(text("[late status]"));
  connection.release();
  const reason = "the watcher left";
  assertEquals(await sender.done, { complete: false, reason });
  const taken = new TextDecoder().decode(concat(connection.taken));
  assertEquals(taken, "2:ab.[status][close]");
});

Deno.test("Sender.leave() ends at once while there is nothing to write, and a full queue keeps no close back", async () => {
  using quiet = new Scene({ framing: new SliceFraming(DOTTED) });
  quiet.sender.leave(text("[close]"), "left");
  assertEquals(await quiet.sender.done, { complete: false, reason: "left" });
  assertEquals(quiet.connection.taken, [text("[close]")]);
  using full = new Scene({ framing: new SliceFraming(DOTTED) });
  full.connection.fate = "stalls";
  full.channel.append(text("z"));
  for (let i = 0; i < 20; i++) full.sender.send(new Uint8Array(1024));
  full.sender.leave(text("[close]"), "left");
  full.connection.release();
  await full.sender.done;
  assertEquals(full.connection.taken.at(-1), text("[close]"));
});

Deno.test("Sender asks before media wherever decoding restarts, and waits as long as it is told", async () => {
  let ready = false;
  const onRestart = (sender: Sender): boolean => {
    if (ready) sender.send(text("[stream]"));
    return ready;
  };
  using scene = new Scene({ framing: new SliceFraming(DOTTED), onRestart });
  const { sender, channel, connection } = scene;
  channel.append(text("a"));
  await settled();
  assertEquals(connection.writes, 0);
  ready = true;
  sender.resume();
  sender.resume();
  await settled();
  channel.append(text("b"));
  channel.end("ended");
  assertEquals(await sender.done, { complete: true });
  const taken = new TextDecoder().decode(concat(connection.taken));
  assertEquals(taken, "[stream]1:a.1:b.");
});

Deno.test("Sender counts the copy that a stalled write keeps, and no longer than that", () => {
  const { channel } = openChannel(64);
  const cursor = new Cursor(channel, { start: "join", burst: 0 });
  const framing = new SliceFraming(DOTTED);
  using scene = new Scene({ cursor, framing });
  const { sender, connection } = scene;
  const before = cursor.memory.held.unsent;
  connection.fate = "stalls";
  channel.append(new Uint8Array(1000));
  sender.tick();
  assertEquals(cursor.memory.held.unsent, before);
  connection.stalledMs = 250;
  sender.tick();
  sender.tick();
  const framed = "1000:".length + 1000 + ".".length;
  assertEquals(cursor.memory.held.unsent, before + framed);
  assertEquals([sender.stalledMs, sender.heldBytes], [250, framed]);
  sender.cut("memory is short");
  assertEquals(connection.cutReason, "memory is short");
  assertEquals(cursor.memory.held.unsent, before);
});

for (
  const [what, trailer] of [["with", text(".")], ["without", NOTHING]] as const
) {
  Deno.test(`Sender cuts a watcher whose slice is freed while a part of it is written, ${what} a trailer`, async () => {
    const framing = new SliceFraming({ ...DOTTED, trailer });
    using scene = new Scene({ framing }, new ScriptedConnection(1000));
    const { channel, connection, sender, cursor } = scene;
    connection.fate = "stalls";
    channel.append(pattern(0, 2 * SEGMENT_BYTES)); // More than is copied behind a header.
    const header = text(`${SEGMENT_BYTES}:`);
    assertEquals(connection.given, [header]);
    connection.release();
    connection.fate = "stalls";
    await settled();
    assertEquals(connection.given.length, 2);
    channel.dropOldest();
    connection.release();
    const reason = "the rest of its frame was dropped to free memory";
    assertEquals(await sender.done, { complete: false, reason });
    assertEquals(connection.cutReason, reason);
    assertEquals([connection.writes, cursor.sentBytes], [2, 0]);
  });
}

Deno.test("Senders at the same slice write the same bytes of memory", async () => {
  const shared = new SharedFraming(() => DOTTED);
  const { channel } = openChannel(64);
  const scenes = [1, 2, 3].map(() => {
    const cursor = new Cursor(channel, { start: "join", burst: 0 });
    return new Scene({ cursor, framing: shared.of(channel) });
  });
  channel.append(pattern(0, 1000));
  await settled();
  const [first, ...rest] = scenes.map(({ connection }) => connection.given[0]!);
  for (const each of rest) assertStrictEquals(each, first);
  for (const scene of scenes) scene[Symbol.dispose]();
});

Deno.test("writeAll() writes the rest of what was taken in part", async () => {
  const connection = new ScriptedConnection(3);
  await writeAll(connection, pattern(0, 10));
  assertEquals(concat(connection.taken), pattern(0, 10));
  assertEquals(connection.writes, 4);
});
