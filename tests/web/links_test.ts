import { assertEquals } from "@std/assert";
import { linksOf, type NewLinkJson } from "../../lib/web/links.ts";
import { authenticateManagers } from "../helpers/managers.ts";
import { requestBytes } from "../helpers/raw_peer.ts";
import { basic, HttpScene } from "../session/http_scene.ts";
import { assertDocumented } from "./api_schema.ts";

const LINKS = "/api/links";
const REVOKE = "/api/links/{id}/revoke";

function as(user: string, method = "GET"): RequestInit {
  return { method, headers: basic(user, "123") };
}

/** A scene with a protected channel of fier's. */
function scene(): HttpScene {
  const site = new HttpScene({
    authenticate: authenticateManagers(),
    hub: { watchersPerChannel: 10 },
  });
  site.live("hall", "456").append(new Uint8Array(5));
  return site;
}

async function link(
  site: HttpScene,
  query: string,
  user = "fier",
): Promise<NewLinkJson> {
  const response = await site.ask(`${LINKS}?${query}`, as(user, "POST"));
  return await assertDocumented(LINKS, "POST", response);
}

/** The status with which a watcher is answered that gives this as the channel's password. */
async function watch(site: HttpScene, given: string): Promise<number> {
  const path = `/fier/hall?channel_password=${given}`;
  const { status, body } = await site.ask(path);
  await body?.cancel();
  return status;
}

Deno.test("POST /api/links makes a token that stands in for a channel's password, for watching alone", async () => {
  await using site = scene();
  const { token, expires } = await link(site, "channel=hall&expires=2h");
  const left = Date.parse(expires) - Date.now();
  assertEquals(Math.round(left / 60_000), 120);
  assertEquals(await watch(site, token), 200);
  const headers = basic("", token);
  const media = await site.ask("/fier/hall", { headers });
  assertEquals(media.status, 200);
  await media.body?.cancel();
  const put = { method: "PUT", body: "x", headers: basic("fier", token) };
  assertEquals((await site.ask("/fier/hall", put)).status, 401);
  const own = { headers: basic("fier", token) };
  assertEquals((await site.ask(LINKS, own)).status, 401);
  const [listed] = (await assertDocumented(
    LINKS,
    "GET",
    await site.ask(LINKS, as("fier")),
  )).links;
  assertEquals([listed.channel, listed.uses], ["hall", 2]);
  assertEquals(typeof listed.last_used, "string");
  assertEquals(JSON.stringify(site.log.all).includes(token), false);
});

Deno.test("a link works in a frame of fstream's own protocol, and for no other channel", async () => {
  await using site = scene();
  site.live("yard", "789").append(new Uint8Array(5));
  const { token } = await link(site, "channel=hall");
  const reply = async (channel: string): Promise<string> => {
    const text =
      `watch,user=fier,channel=${channel},channel_password=${token},reply=1`;
    const peer = await site.connect(requestBytes(text));
    const first = new TextDecoder().decode(await peer.take(7));
    peer.close();
    return first.slice(5);
  };
  assertEquals([await reply("hall"), await reply("yard")], ["ok", "er"]);
});

Deno.test("POST /api/links/ID/revoke voids a link at once", async () => {
  await using site = scene();
  const { token, id } = await link(site, "channel=hall");
  assertEquals(await watch(site, token), 200);
  const path = `${LINKS}/${id}/revoke`;
  for (const [user, status] of [["other", 403], ["fier", 200], ["fier", 403]]) {
    const response = await site.ask(path, as(String(user), "POST"));
    await assertDocumented(REVOKE, "POST", response);
    assertEquals(response.status, status);
  }
  assertEquals(await watch(site, token), 401);
});

Deno.test("links are made, seen and revoked by their user and the operator alone", async () => {
  await using site = scene();
  await link(site, "channel=hall");
  await link(site, "channel=hall&user=fier", "ops");
  const refused = await site.ask(`${LINKS}?user=fier`, as("other", "POST"));
  assertEquals(refused.status, 403);
  await assertDocumented(LINKS, "POST", refused);
  const count = async (user: string): Promise<number> =>
    (await (await site.ask(LINKS, as(user))).json()).links.length;
  assertEquals(
    [await count("fier"), await count("ops"), await count("other")],
    [2, 2, 0],
  );
  for (const method of ["GET", "POST"]) {
    const { status } = await site.ask(LINKS, { method });
    assertEquals(status, 401);
  }
});

Deno.test("POST /api/links makes links for as long as the page offers, and as is documented", async () => {
  await using site = scene();
  const { expires, created } = await link(site, "channel=hall&expires=31d");
  const days = (Date.parse(expires) - Date.parse(created)) / 86_400_000;
  assertEquals(days, 31);
});

Deno.test("POST /api/links rejects a time or a channel that cannot be", async () => {
  await using site = scene();
  const long = "x".repeat(200);
  for (
    const bad of ["expires=0", "expires=32d", "expires=soon", `channel=${long}`]
  ) {
    const response = await site.ask(`${LINKS}?${bad}`, as("fier", "POST"));
    assertEquals(response.status, 400, bad);
    await assertDocumented(LINKS, "POST", response);
  }
  for (const user of ["x".repeat(65), "..", ""]) {
    const query = `channel=hall&user=${user}`;
    const response = await site.ask(`${LINKS}?${query}`, as("ops", "POST"));
    assertEquals(response.status, 400, "no other server would take it over");
    await response.body?.cancel();
  }
});

Deno.test("linksOf() adds up the uses at all servers, and ignores what is none", async () => {
  await using site = scene();
  const { id } = await link(site, "channel=hall");
  const answers = [
    { node: "b", answer: [{ id, uses: 2, lastUsed: 2000 }] },
    { node: "c", answer: [{ id, uses: 3, lastUsed: 1000 }, null, { id }] },
    { node: "d", answer: [{ id, uses: 5, lastUsed: 9e15 }] },
    { node: "e", answer: [{ id, uses: 5, lastUsed: -9e15 }, { uses: 5 }] },
    { node: "f", answer: 7 },
  ];
  const cluster = {
    node: "a",
    isConnected: () => true,
    listings: () => [],
    watchersOf: () => 0,
    ask: () => Promise.resolve({ answers, unanswered: [] }),
  };
  const [listed] = await linksOf(
    { ...site.web, cluster },
    { user: "fier", isAdmin: false },
  );
  assertEquals(
    [listed?.uses, listed?.last_used],
    [5, "1970-01-01T00:00:02.000Z"],
  );
});

Deno.test("a wrong link is limited like a wrong password", async () => {
  await using site = scene();
  const wrong = `link-${"0".repeat(12)}-${"0".repeat(48)}`;
  for (let i = 0; i < 12; i++) assertEquals(await watch(site, wrong), 401);
  assertEquals(await watch(site, "456"), 401, "refused for a minute");
});
