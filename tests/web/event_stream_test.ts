import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { EventFeed, MAX_FOLLOWERS_PER_USER } from "../../lib/web/event_feed.ts";
import { eventStream, MAX_WAITING_BYTES } from "../../lib/web/event_stream.ts";
import { eventually } from "../helpers/eventually.ts";
import { authenticateManagers } from "../helpers/managers.ts";
import { basic, HttpScene, inTime } from "../session/http_scene.ts";
import { assertEvent } from "./api_schema.ts";

interface Told {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** Reads server-sent events; each is checked against the document. */
class EventReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(response: Response) {
    assertEquals(response.headers.get("content-type"), "text/event-stream");
    this.#reader = response.body!.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  /** The next event; `undefined` at the end. */
  async next(): Promise<Told | undefined> {
    while (!this.#text.includes("\n\n")) {
      const { value, done } = await inTime(this.#reader.read());
      if (done) return undefined;
      this.#text += value;
    }
    const [block = "", ...rest] = this.#text.split("\n\n");
    this.#text = rest.join("\n\n");
    if (block.startsWith(":")) return await this.next();
    const match = /^event: ([a-z-]+)\ndata: (.*)$/.exec(block);
    assert(match, block);
    const told: Told = JSON.parse(match[2]!);
    assertEquals(told.event, match[1]);
    assertEvent(told);
    return told;
  }

  /** The next event of a kind. */
  async wait(event: string): Promise<Told> {
    for (;;) {
      const told = await this.next();
      if (!told || told.event === event) return told!;
    }
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}

function scene(): HttpScene {
  return new HttpScene({ authenticate: authenticateManagers() });
}

async function follow(
  site: HttpScene,
  user: string,
  query = "",
): Promise<EventReader> {
  const headers = basic(user, "123");
  return new EventReader(await site.ask(`/api/events${query}`, { headers }));
}

Deno.test("GET /api/events tells what happens to channels and watchers, in order", async () => {
  await using site = scene();
  const events = await follow(
    site,
    "fier",
    "?events=watch-start,watch-end,ended",
  );
  const broadcast = site.live("default", "", 10);
  broadcast.append(new Uint8Array(25));
  const watch = await site.ask("/fier");
  await eventually("the channel has a watcher", () => site.watchers === 1);
  const start = await events.next();
  assertEquals([start!.user, start!.channel], ["fier", "default"]);
  assertEquals([start!.event, start!.protocol], ["watch-start", "http"]);
  broadcast.end("clean");
  await watch.body?.cancel();
  const rest = [await events.next(), await events.next()];
  const names = new Set(rest.map((each) => each!.event));
  assertEquals(names, new Set(["ended", "watch-end"]));
  const end = rest.find((each) => each!.event === "watch-end");
  assertEquals(end!.watcher, start!.watcher);
  await events.leave();
});

Deno.test("GET /api/events tells live and the figures of each channel once a second", async () => {
  await using site = scene();
  const events = await follow(site, "fier");
  assertEquals((await events.wait("stats")).channels, []);
  site.live("default", "", 10).append(new Uint8Array(25));
  const began = performance.now();
  const { channels } = await events.wait("stats");
  assertGreaterOrEqual(performance.now() - began, 500);
  const [channel] = channels as { bytes: number; lag: null }[];
  assertEquals([channel!.bytes, channel!.lag], [25, null]);
  await events.leave();
});

Deno.test("GET /api/events keeps the channels of others from a user, and from no operator", async () => {
  await using site = scene();
  const [own, all] = [await follow(site, "other"), await follow(site, "ops")];
  await own.next();
  site.live().end("clean");
  assertEquals((await all.wait("ended")).user, "fier");
  site.live();
  assertEquals((await own.wait("stats")).channels, []);
  site.shutDown();
  const rest: string[] = [];
  for (let told = await own.next(); told; told = await own.next()) {
    rest.push(told.event);
  }
  assertEquals(rest.filter((event) => event !== "stats"), []);
});

Deno.test("GET /api/events ends when the server shuts down, and asks for known events", async () => {
  await using site = scene();
  const events = await follow(site, "fier", "?events=live");
  const headers = basic("fier", "123");
  const bad = await site.ask("/api/events?events=live,none", { headers });
  assertEquals(bad.status, 400);
  await bad.body?.cancel();
  site.shutDown();
  assertEquals(await events.next(), undefined);
});

Deno.test("GET /api/events bounds how many follow, and frees a place when one leaves", async () => {
  await using site = scene();
  const headers = basic("fier", "123");
  const readers: EventReader[] = [];
  for (let i = 0; i < MAX_FOLLOWERS_PER_USER; i++) {
    readers.push(await follow(site, "fier"));
  }
  const full = await site.ask("/api/events", { headers });
  assertEquals(full.status, 503);
  await full.body?.cancel();
  await (await follow(site, "ops")).leave();
  await readers[0]!.leave();
  await eventually(
    "a place is free",
    () => site.events.size < MAX_FOLLOWERS_PER_USER,
  );
  await (await follow(site, "fier")).leave();
  for (const reader of readers) await reader.leave();
});

Deno.test("eventStream() drops and counts what a program does not read, by its bytes", async () => {
  await using site = scene();
  const manager = { user: "fier", isAdmin: false };
  const events = new EventReader(
    eventStream(site.web, manager, ["watch-start"]),
  );
  const fields = { user: "fier", channel: "default" };
  // Statistics of many channels are as long as this.
  const remote = "x".repeat(MAX_WAITING_BYTES / 4);
  for (let i = 0; i < 50; i++) {
    site.events.log("watch-start", { ...fields, remote, watcher: i + 1 });
  }
  for (const watcher of [1, 2, 3, 4]) {
    assertEquals((await events.next())!.watcher, watcher);
  }
  site.events.log("watch-start", { ...fields, watcher: 9999 });
  const lost = (await events.next())!;
  assertEquals(lost.event, "lost");
  assertGreaterOrEqual(Number(lost.count), 44);
  assertEquals((await events.next())!.watcher, 9999);
  await events.leave();
});

Deno.test("EventFeed logs everything, and tells only those who follow", () => {
  const logged: string[] = [];
  const feed = new EventFeed({ log: (event) => void logged.push(event) });
  const told: string[] = [];
  const user = "fier";
  const subscription = feed.subscribe({
    user,
    onEvent: ({ event }) => void told.push(event),
    onClose: () => void told.push("closed"),
  });
  for (const event of ["broadcast-start", "listen", "watch-skip"]) {
    feed.log(event, { user });
  }
  assertEquals(feed.size, 1);
  subscription[Symbol.dispose]();
  feed.log("channel-end", { user });
  assertEquals(logged.length, 4);
  assertEquals(told, ["live", "skip"]);
  assertEquals(feed.size, 0);
});

Deno.test("EventFeed.close() ends those who follow, once, and those who come later", () => {
  const feed = new EventFeed({ log: () => {} });
  const told: string[] = [];
  const follower = (name: string): Parameters<EventFeed["subscribe"]>[0] => ({
    user: "fier",
    onEvent: ({ event }) => void told.push(`${name} ${event}`),
    onClose: () => void told.push(`${name} closed`),
  });
  feed.subscribe(follower("first"));
  feed.close();
  feed.close();
  feed.subscribe(follower("second"));
  feed.log("broadcast-start", { user: "fier" });
  assertEquals(told, ["first closed", "second closed"]);
  assertEquals(feed.size, 0);
});
