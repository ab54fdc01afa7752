import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  EventHook,
  MAX_WAITING_EVENTS,
  MAX_WAITING_FREQUENT,
} from "../../lib/server/event_hook.ts";
import { broadcasting, broadcastText } from "../session/live_channel.ts";
import { EventLog, startTestServer } from "../helpers/start_server.ts";
import { WebHook } from "../helpers/web_hook.ts";

const AT_ONCE = { retryMs: [1, 1] };

function done(): Response {
  return new Response(null, { status: 204 });
}

Deno.test("EventHook posts what befalls channels, and logs all", async () => {
  await using hook = new WebHook(done);
  const log = new EventLog();
  const events = new EventHook(log, hook.url, AT_ONCE);
  events.log("listen", { address: "127.0.0.1:61920" });
  events.log("broadcast-start", { user: "fier", channel: "größer" });
  events.log("refused", { code: "denied", reason: undefined });
  events.log("constructor");
  events.log("channel-end", { user: "fier", bytes: 7 });
  await events.close();
  assertEquals(log.all.length, 5);
  for (const posted of hook.posted) {
    assertMatch(String(posted.time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    delete posted.time;
  }
  assertEquals(hook.posted, [
    { event: "live", user: "fier", channel: "größer" },
    { event: "refused", code: "denied" },
    { event: "ended", user: "fier", bytes: 7 },
  ]);
});

Deno.test("EventHook tries again what may go well another time, in order", async () => {
  const answers = [503, 429, 200, 404, 200];
  await using hook = new WebHook((_, index) =>
    new Response("", { status: answers[index]! })
  );
  const log = new EventLog();
  const events = new EventHook(log, hook.url, AT_ONCE);
  for (const user of ["a", "b", "c"]) events.log("broadcast-start", { user });
  await hook.reached(5);
  await events.close();
  assertEquals(hook.posted.map(({ user }) => user), ["a", "a", "a", "b", "c"]);
  const lost = { count: 1, reason: "HTTP status 404" };
  assertEquals(log.named("events-lost")[0]?.fields, lost);
});

Deno.test("EventHook waits before each further try", async () => {
  const at: number[] = [];
  await using hook = new WebHook(() => {
    at.push(performance.now());
    return new Response("", { status: 503 });
  });
  const retryMs = [60, 120];
  const events = new EventHook(new EventLog(), hook.url, { retryMs });
  events.log("broadcast-start", { user: "a" });
  await hook.reached(3);
  await events.close();
  const [first = 0, second = 0, third = 0] = at;
  assert(second - first >= 55, `${second - first} ms`);
  assert(third - second >= 115, `${third - second} ms`);
});

Deno.test("EventHook gives up after a few tries, and continues with the next event", async () => {
  await using hook = new WebHook(({ user }) =>
    new Response("", { status: user === "a" ? 500 : 200 })
  );
  const log = new EventLog();
  const events = new EventHook(log, hook.url, AT_ONCE);
  events.log("broadcast-start", { user: "a" });
  events.log("broadcast-start", { user: "b" });
  await events.close();
  assertEquals(hook.posted.map(({ user }) => user), ["a", "a", "a", "b"]);
});

Deno.test("EventHook keeps a bounded number, fewer of refusals, and counts the rest", async () => {
  const first = Promise.withResolvers<Response>();
  await using hook = new WebHook((_, index) =>
    index === 0 ? first.promise : done()
  );
  const log = new EventLog();
  const events = new EventHook(log, hook.url, AT_ONCE);
  for (let i = 0; i < 1000; i++) events.log("refused", { i });
  for (let i = 0; i < 1000; i++) events.log("channel-end", { i });
  first.resolve(done());
  await log.wait("events-lost");
  await events.close();
  const refused = hook.posted.filter(({ event }) => event === "refused");
  assertEquals(refused.length, MAX_WAITING_FREQUENT);
  assertEquals(hook.posted.length, MAX_WAITING_EVENTS);
  const lost = { count: 2000 - MAX_WAITING_EVENTS, reason: "too many wait" };
  assertEquals(log.named("events-lost")[0]?.fields, lost);
});

Deno.test("EventHook.close() does not wait for an endpoint that never answers", async () => {
  const never = Promise.withResolvers<Response>();
  await using hook = new WebHook(() => never.promise);
  const log = new EventLog();
  const events = new EventHook(log, hook.url);
  events.log("broadcast-start", { user: "a" });
  events.log("broadcast-start", { user: "b" });
  await hook.reached(1);
  const began = performance.now();
  await events.close();
  assert(performance.now() - began < 4000);
  assertEquals(log.named("events-lost")[0]?.fields.count, 2);
  never.resolve(done());
});

Deno.test("startServer() posts a channel's life to event-url", async () => {
  await using hook = new WebHook(done);
  {
    await using server = await startTestServer({
      config: { eventUrl: hook.url },
    });
    using peer = await broadcasting(server, broadcastText("fier"));
    await hook.reached(1);
    await peer.finish();
    await server.log.wait("channel-end");
  }
  const told = hook.posted.map(({ event, user }) => `${event} ${user}`);
  assertEquals(told, ["live fier", "ended fier"]);
});

Deno.test("EventHook posts events of watchers where the operator names them, and keeps room for those of channels", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using hook = new WebHook(async () => {
    await promise;
    return done();
  });
  const names = ["watch-start", "watch-end", "ended"];
  const log = new EventLog();
  const events = new EventHook(log, hook.url, { ...AT_ONCE, names });
  events.log("broadcast-start", { user: "fier" });
  for (let i = 0; i < MAX_WAITING_EVENTS; i++) {
    events.log("watch-start", { watcher: i });
  }
  events.log("channel-end", { user: "fier" });
  resolve();
  await hook.reached(MAX_WAITING_FREQUENT + 1);
  await events.close();
  const posted = hook.posted.map(({ event }) => event);
  assertEquals(posted.filter((event) => event === "live"), []);
  assertEquals(posted.at(-1), "ended");
  const count = MAX_WAITING_EVENTS - MAX_WAITING_FREQUENT;
  assertEquals(log.named("events-lost")[0]?.fields.count, count);
});

Deno.test("EventHook keeps the newest statistics alone while an endpoint is slow", async () => {
  const first = Promise.withResolvers<Response>();
  await using hook = new WebHook((_, index) =>
    index === 0 ? first.promise : done()
  );
  const names = ["live", "stats"];
  const log = new EventLog();
  const events = new EventHook(log, hook.url, { ...AT_ONCE, names });
  for (let count = 0; count < 500; count++) {
    events.post("stats", { count });
    if (count === 250) events.log("broadcast-start", { user: "fier" });
  }
  await hook.reached(1);
  first.resolve(done());
  await hook.reached(3);
  await events.close();
  const told = hook.posted.map(({ event, count }) => [event, count]);
  assertEquals(told, [["stats", 0], ["live", undefined], ["stats", 499]]);
  assertEquals(log.named("events-lost"), []);
  new EventHook(log, hook.url).post("stats", {});
  assertEquals(hook.posted.length, 3, "the operator has to name them");
});
