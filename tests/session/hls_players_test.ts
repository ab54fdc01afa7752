import { assertEquals, assertMatch } from "@std/assert";
import { MAX_PLAYERS, PLAYER_GONE_MS } from "../../lib/hub/hls_audience.ts";
import { authenticateManagers } from "../helpers/managers.ts";
import { HlsBroadcast, liveUri, load, sentSegment } from "./hls_scene.ts";
import { basic, HttpScene } from "./http_scene.ts";

const DETAIL = "/api/channels/fier/default";

const MANAGER = { headers: basic("fier", "123") };

/** What the API tells of each who watches. */
async function audienceOf(
  scene: HttpScene,
): Promise<Record<string, unknown>[]> {
  return (await (await scene.ask(DETAIL, MANAGER)).json()).audience;
}

async function statusOf(
  scene: HttpScene,
  path: string,
  agent?: string,
): Promise<number> {
  const headers = agent === undefined ? {} : { "user-agent": agent };
  const { status, body } = await scene.ask(path, { headers });
  await body?.cancel();
  return status;
}

function scene(): HttpScene {
  return new HttpScene({ authenticate: authenticateManagers() });
}

Deno.test("a player of HLS is a watcher of the detail: address, start, bytes, and its lag by its newest segment", async () => {
  await using site = scene();
  const broadcast = new HlsBroadcast(site).send(9);
  const uri = await liveUri(site);
  assertEquals(await audienceOf(site), [], "it may not come back");
  const { segments } = await load(site, uri);
  const [before] = await audienceOf(site);
  assertEquals([before?.lag, before?.lag_bytes, before?.sent], [null, null, 0]);
  const path = `/fier/default/${segments[1]!.uri}`;
  assertEquals(await statusOf(site, path), 200);
  const [player, ...others] = await audienceOf(site);
  assertEquals(others, []);
  const { since, bitrate, id, lag, ...rest } = player!;
  assertEquals(rest, {
    protocol: "hls",
    address: "192.0.2.1:5000",
    lag_bytes: broadcast.publisher.channel.log.last - 6000,
    sent: sentSegment(4).length,
    ...{ skips: 0, lost: 0 },
  });
  assertEquals([id, typeof lag, typeof bitrate], [1, "number", "number"]);
  assertEquals(Math.abs(Date.now() - Date.parse(String(since))) < 5000, true);
  const { body } = await site.ask(path, { method: "HEAD" });
  await body?.cancel();
  assertEquals((await audienceOf(site))[0]?.sent, rest.sent);
});

Deno.test("players are told apart by address and User-Agent, and forgotten once they stop asking", async () => {
  const clock = { now: 0 };
  await using site = new HttpScene({
    authenticate: authenticateManagers(),
    hub: { now: () => clock.now },
  });
  new HlsBroadcast(site).send(9);
  const uri = await liveUri(site);
  for (const agent of ["tv", "phone", "tv"]) await statusOf(site, uri, agent);
  assertEquals((await audienceOf(site)).map(({ id }) => id), [1, 2]);
  clock.now = PLAYER_GONE_MS;
  await statusOf(site, uri, "phone");
  assertEquals((await audienceOf(site)).length, 2);
  clock.now++;
  assertEquals((await audienceOf(site)).map(({ id }) => id), [2]);
});

Deno.test("a player that has asked for nothing for half a minute is forgotten, also one that was disconnected", async () => {
  const clock = { now: 0 };
  await using site = new HttpScene({ hub: { now: () => clock.now } });
  const { publisher: { channel } } = new HlsBroadcast(site).send(9);
  const { session } = site.hub.memory.held;
  const client = { host: "192.0.2.9", remote: "", agent: "tv" };
  const { id } = channel.hlsAudience.seen(client)!;
  channel.hlsAudience.kick(id, "why");
  channel.hlsAudience.seen({ ...client, agent: "phone" });
  clock.now = PLAYER_GONE_MS;
  assertEquals(channel.hlsAudience.seen(client)?.kicked, "why");
  clock.now++;
  site.hub.tick();
  assertEquals(site.hub.memory.held.session - session, 1024);
  clock.now += PLAYER_GONE_MS;
  assertEquals(channel.hlsAudience.seen(client)?.kicked, undefined);
});

Deno.test("a player that is disconnected is refused until it asks for the first playlist again", async () => {
  await using site = scene();
  new HlsBroadcast(site).send(9);
  const uri = await liveUri(site);
  const { segments } = await load(site, uri);
  const path = `/fier/default/${segments[0]!.uri}`;
  assertEquals(await statusOf(site, uri, "other"), 200);
  const [{ id } = { id: 0 }] = await audienceOf(site);
  const kick = `${DETAIL}/kick?watcher=${id}`;
  const kicked = await site.ask(kick, { ...MANAGER, method: "POST" });
  assertEquals(await kicked.json(), { kicked: true });
  const told = await site.log.wait("watch-kick");
  assertEquals([told.watcher, told.reason], [id, "disconnected by fier"]);
  assertEquals((await audienceOf(site)).length, 1, "it is not listed");
  for (const each of [uri, path]) {
    const refused = await site.ask(each);
    assertEquals(refused.status, 403);
    assertMatch(await refused.text(), /you were disconnected/);
    assertEquals(await statusOf(site, each, "other"), 200);
  }
  const again = await site.ask(kick, { ...MANAGER, method: "POST" });
  assertEquals(await again.json(), { kicked: false });
  assertEquals(await statusOf(site, await liveUri(site)), 200);
  assertEquals((await audienceOf(site)).length, 2);
});

Deno.test("players take a bounded part of the memory that is promised, and give it back", async () => {
  await using site = scene();
  const { publisher } = new HlsBroadcast(site).send(9);
  const { hlsAudience } = publisher.channel;
  const before = site.hub.memory.held.session;
  for (let i = 0; i < MAX_PLAYERS + 10; i++) {
    const agent = `${"x".repeat(1000)}${i}`;
    hlsAudience.seen({ host: `::${i.toString(16)}`, remote: "", agent });
  }
  assertEquals(hlsAudience.players.length, MAX_PLAYERS);
  const client = { host: "192.0.2.9", remote: "", agent: "" };
  assertEquals(hlsAudience.seen(client), undefined);
  assertEquals(site.hub.memory.held.session - before, MAX_PLAYERS * 1024);
  publisher.end("clean");
  assertEquals([hlsAudience.players, hlsAudience.seen(client)], [
    [],
    undefined,
  ]);
});
