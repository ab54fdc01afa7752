import { assert, assertEquals, assertMatch } from "@std/assert";
import { Validator } from "@seriousme/openapi-schema-validator";
import openapi from "../../docs/openapi.json" with { type: "json" };
import { eventually } from "../helpers/eventually.ts";
import { authenticateManagers } from "../helpers/managers.ts";
import { basic, HttpScene, MediaReader } from "../session/http_scene.ts";
import { assertDocumented } from "./api_schema.ts";

const CHANNEL = "/api/channels/{user}/{channel}";

const DETAIL = "/api/channels/fier/default";

/** A scene with an open channel of the user fier's. */
function scene(): HttpScene {
  const scene = new HttpScene({ authenticate: authenticateManagers() });
  scene.live("default", "", 10).append(new Uint8Array(25));
  return scene;
}

function as(user: string, method = "GET"): RequestInit {
  return { method, headers: basic(user, "123") };
}

Deno.test("docs/openapi.json is an OpenAPI document", async () => {
  const { valid, errors } = await new Validator().validate(
    structuredClone(openapi),
  );
  assert(valid, JSON.stringify(errors));
});

Deno.test("docs/openapi.json has every address of the API with its methods, and no other", async () => {
  await using site = scene();
  for (const [path, item] of Object.entries(openapi.paths)) {
    const concrete = path.replace("{user}", "fier").replace("{channel}", "x")
      .replace("{id}", "0");
    const documented = Object.keys(item).filter((key) => key !== "parameters");
    const { headers, status } = await site.ask(concrete, { method: "DELETE" });
    assertEquals(status, 405, path);
    const allowed = headers.get("allow")!.toLowerCase().split(", ");
    assertEquals(allowed.filter((each) => each !== "head"), documented, path);
  }
  for (const path of ["/api/", "/api/nothing", `${DETAIL}/x`, "/api/%zz"]) {
    const { status } = await site.ask(path, as("ops"));
    assert(status === 404 || status === 400, path);
  }
});

Deno.test("GET /api/channels is as documented, public and managed", async () => {
  await using site = scene();
  site.live("secret", "456").append(new Uint8Array(5));
  const path = "/api/channels";
  const ask = async (query: string, init?: RequestInit) =>
    (await assertDocumented(path, "GET", await site.ask(path + query, init)))
      .channels;
  assertEquals((await ask(""))[1], {
    user: "fier",
    channel: "secret",
    protected: true,
  });
  const [open, secret] = await ask("?scope=managed", as("fier"));
  assertEquals([open.bytes, open.protected, open.lag], [25, false, null]);
  assertEquals([secret.bytes, secret.protected], [5, true]);
  const { id } = site.hub.find("fier", "secret")!.broadcast;
  assertEquals(secret.id, id);
  assertEquals(await ask("?scope=managed", as("other")), []);
  assertEquals((await ask("?scope=managed", as("ops"))).length, 2);
});

Deno.test("GET of a channel describes each watcher: its lag, rate, losses, protocol, address and start", async () => {
  await using site = scene();
  const reader = new MediaReader(await site.ask("/fier?start=oldest"));
  await reader.take(25);
  const detail = await assertDocumented(
    CHANNEL,
    "GET",
    await site.ask(DETAIL, as("fier")),
  );
  assertEquals(detail.watchers, 1);
  const [{ since, bitrate, id, ...watcher }] = detail.audience;
  assertEquals(watcher, {
    protocol: "http",
    address: "192.0.2.1:5000",
    lag: 0,
    lag_bytes: 0,
    sent: 25,
    skips: 0,
    lost: 0,
  });
  assertEquals([typeof bitrate, typeof id], ["number", "number"]);
  assert(Math.abs(Date.now() - Date.parse(since)) < 5000);
  assertEquals(detail.lag, { median: 0, p99: 0, max: 0 });
  await reader.leave();
});

Deno.test("GET of a channel sorts its watchers, most lag first, and cuts the list", async () => {
  await using site = new HttpScene({
    authenticate: authenticateManagers(),
    hub: { watchersPerChannel: 10 },
  });
  const broadcast = site.live();
  broadcast.append(new Uint8Array(10));
  const { channel } = broadcast;
  // Nothing is sent to these: each stays where it joined.
  const watchers = [4, 0, 2, 1, 3].map((bytes) => {
    const watcher = site.hub.join(channel, { start: "oldest", burst: 0 });
    watcher.cursor.next();
    watcher.cursor.advance(10 - bytes);
    return watcher;
  });
  const lags = async (query: string): Promise<number[]> => {
    const response = await site.ask(DETAIL + query, as("fier"));
    const { audience, watchers } = await response.json();
    assertEquals(watchers, 5);
    return audience.map((each: { lag_bytes: number }) => each.lag_bytes);
  };
  const slow = (await lags("?limit=4")).slice(0, 4);
  assertEquals(new Set(slow), new Set([4, 2, 1, 3]));
  assertEquals(await lags("?sort=sent&limit=2"), [0, 1]);
  assertEquals(await lags("?sort=since"), [4, 0, 2, 1, 3]);
  assertEquals(await lags("?limit=0"), []);
  for (const bad of ["?limit=1001", "?limit=x", "?sort=name", "?limit=-1"]) {
    const response = await site.ask(DETAIL + bad, as("fier"));
    await assertDocumented(CHANNEL, "GET", response);
    assertEquals(response.status, 400, bad);
  }
  for (const watcher of watchers) watcher.leave();
});

Deno.test("POST …/kick disconnects one watcher, and no other", async () => {
  await using site = scene();
  const readers = [await site.ask("/fier"), await site.ask("/fier")]
    .map((response) => new MediaReader(response));
  await eventually("the channel has two watchers", () => site.watchers === 2);
  const { audience } = await (await site.ask(DETAIL, as("fier"))).json();
  const id = Math.min(...audience.map((each: { id: number }) => each.id));
  const kick = async (query: string, user = "fier") =>
    await assertDocumented(
      `${CHANNEL}/kick`,
      "POST",
      await site.ask(`${DETAIL}/kick${query}`, as(user, "POST")),
    );
  assertEquals(await kick(`?watcher=${id}`), { kicked: true });
  const { fields } = site.log.named("watch-end")[0] ??
    { fields: await site.log.wait("watch-end") };
  assertEquals(fields.reason, "disconnected by fier");
  assertEquals(fields.watcher, id);
  assertEquals(site.watchers, 1);
  assertEquals(await kick(`?watcher=${id}`), { kicked: false });
  assertMatch(await kick(""), /watcher=NUMBER is missing/);
  assertMatch(await kick("?watcher=x"), /watcher expects a number/);
  for (const reader of readers) await reader.leave();
});

Deno.test("POST …/end ends a channel, and says by whom", async () => {
  await using site = scene();
  const response = await site.ask(`${DETAIL}/end`, as("ops", "POST"));
  const body = await assertDocumented(`${CHANNEL}/end`, "POST", response);
  assertEquals(body, { ended: true, watchers: 0 });
  assertEquals(site.hub.channels(), []);
  const { reason } = await site.log.wait("channel-end");
  assertEquals(reason, "ended by ops");
  const again = await site.ask(`${DETAIL}/end`, as("ops", "POST"));
  await assertDocumented(`${CHANNEL}/end`, "POST", again);
  assertEquals(again.status, 404);
});

/** Every address that shows or changes a channel of fier's. */
const STEERING: readonly (readonly [method: string, path: string])[] = [
  ["GET", ""],
  ["GET", "?limit=1"],
  ["POST", "/end"],
  ["POST", "/kick?watcher=1"],
];

Deno.test("another user's channel can neither be seen nor steered, whether it exists or not", async () => {
  await using site = scene();
  site.live("hidden", "456");
  const watch = await site.ask("/fier");
  for (const [method, more] of STEERING) {
    const answers = await Promise.all(
      ["default", "hidden", "none"].map(async (channel) => {
        const path = `/api/channels/fier/${channel}${more}`;
        const { status, headers, body } = await site.ask(
          path,
          as("other", method),
        );
        const text = await new Response(body).text();
        return [status, text, headers.get("www-authenticate")];
      }),
    );
    for (const answer of answers) {
      assertEquals(answer, [403, "this is another user's channel\n", null]);
    }
    assertEquals(site.hub.channels().length, 2);
    assertEquals(site.watchers, 1);
  }
  await watch.body?.cancel();
});

Deno.test("the API asks for a user and the right password before anything else", async () => {
  await using site = scene();
  const paths = [
    ...STEERING.map(([method, more]) => [method, DETAIL + more] as const),
    ["GET", "/api/channels?scope=managed"],
    ["GET", "/api/events"],
  ] as const;
  const wrong: HeadersInit[] = [
    {},
    basic("fier", "wrong"),
    basic("nobody", "123"),
    basic("", "123"),
    { authorization: "Bearer 0123" },
  ];
  for (const [method, path] of paths) {
    for (const headers of wrong) {
      const response = await site.ask(path, { method, headers });
      assertEquals(response.status, 401, `${method} ${path}`);
      assertEquals(await response.text(), "access denied\n");
    }
  }
  assertEquals(site.hub.channels().length, 1);
  const verbs = new Set(site.asked.map(({ verb }) => verb));
  assertEquals([...verbs], ["manage"]);
});

Deno.test("pages of other web sites may not steer channels", async () => {
  await using site = scene();
  for (const [method, more] of STEERING.filter(([each]) => each === "POST")) {
    const headers = {
      ...basic("fier", "123"),
      origin: "https://evil.example",
    };
    const response = await site.ask(DETAIL + more, { method, headers });
    assertEquals(response.status, 403);
    await response.body?.cancel();
  }
  assertEquals(site.hub.channels().length, 1);
});

Deno.test("POST /api/token is as documented", async () => {
  await using site = new HttpScene();
  const response = await site.ask("/api/token", as("fier", "POST"));
  await assertDocumented("/api/token", "POST", response);
  const none = await site.ask("/api/token", { method: "POST" });
  await assertDocumented("/api/token", "POST", none);
});
