import { assertEquals, assertStringIncludes } from "@std/assert";
import { createHandler } from "../../lib/web/handler.ts";
import { encodeFrame } from "../../lib/wire/frame.ts";
import { pattern } from "../helpers/pattern.ts";
import { basic, FedBody, HttpScene, inTime, until } from "./http_scene.ts";
import { assertOverrun } from "../helpers/overrun.ts";

const OWN = basic("fier", "123");

/** Puts a body on the air at a path. */
function put(
  scene: HttpScene,
  path: string,
  body: FedBody,
  headers: HeadersInit = OWN,
): Promise<Response> {
  return scene.ask(path, { method: "PUT", body: body.stream, headers });
}

Deno.test("broadcastByHttp() takes its own user's credentials, and an Icecast client's", async () => {
  using scene = new HttpScene();
  const credentials: [HeadersInit, number][] = [
    [OWN, 200],
    [basic("source", "123"), 200],
    [basic("", "123"), 200],
    [basic("fier", "124"), 401],
    [basic("other", "123"), 401],
    [basic("fier", ""), 401],
    [{ authorization: "bearer 123" }, 401],
    [{}, 401],
  ];
  for (const [headers, status] of credentials) {
    for (const method of ["PUT", "POST"]) {
      const init = { method, body: "x", headers };
      const response = await scene.ask("/fier/x", init);
      await response.body?.cancel();
      assertEquals(response.status, status, JSON.stringify(headers));
    }
  }
});

Deno.test("broadcastByHttp() takes no secret from the address", async () => {
  using scene = new HttpScene();
  const { token } = scene.rooms.tokens.issue("fier", undefined);
  for (
    const query of ["user_password=123", "user-password=123", `token=${token}`]
  ) {
    const path = `/fier/x?${query}`;
    const { status, body } = await scene.ask(path, {
      method: "PUT",
      body: "x",
    });
    await body?.cancel();
    assertEquals(status, 401, query);
  }
});

Deno.test("broadcastByHttp() lets nobody name another channel than the path's", async () => {
  using scene = new HttpScene();
  const body = new FedBody();
  const answer = put(scene, "/fier/x?user=other&channel=y", body);
  await scene.log.wait("broadcast-start");
  const names = scene.hub.channels().map(({ user, name }) => [user, name]);
  assertEquals(names, [["fier", "x"]]);
  body.end();
  await (await answer).body?.cancel();
});

Deno.test("broadcastByHttp() is on the air until its body ends, and ends in order then", async () => {
  using scene = new HttpScene();
  const body = new FedBody();
  const answer = put(scene, "/fier?bufsize=1000&channel-password=456", body);
  await scene.log.wait("broadcast-start");
  body.send(...pattern(0, 2500));
  const [channel] = scene.hub.channels();
  await until(() => channel!.log.last === 2500);
  assertEquals(channel!.password, "456");
  assertEquals(channel!.broadcast.joins.newest?.offset, 2000);
  body.end();
  const response = await inTime(answer);
  assertEquals([response.status, await response.text()], [200, "ok\n"]);
  const { bytes, reason } = await scene.log.wait("broadcast-end");
  assertEquals([bytes, reason], [2500, "the broadcast ended"]);
  assertEquals(scene.hub.channels(), []);
});

Deno.test("broadcastByHttp() holds the channel when its body breaks", async () => {
  using scene = new HttpScene();
  const body = new FedBody();
  const answer = put(scene, "/fier", body);
  await scene.log.wait("broadcast-start");
  body.send(1);
  body.fail();
  assertEquals((await inTime(answer)).status, 409);
  const { reason } = await scene.log.wait("broadcast-end");
  assertEquals(reason, "the broadcaster's connection broke");
  assertEquals(scene.hub.channels().map(({ state }) => state), ["held"]);
});

Deno.test("broadcastByHttp() cuts who is silent, and holds his channel", async () => {
  using scene = new HttpScene({ limits: { broadcasterIdleMs: 300 } });
  const body = new FedBody();
  const response = await inTime(put(scene, "/fier", body));
  assertEquals(response.status, 409);
  assertOverrun(await response.text(), "sent no byte", 0.3);
  assertEquals(body.cancelled, true);
  assertEquals(scene.hub.channels().map(({ state }) => state), ["held"]);
});

Deno.test("broadcastByHttp() gives way to a newer connection of the same user", async () => {
  using scene = new HttpScene();
  const [first, second] = [new FedBody(), new FedBody()];
  const one = put(scene, "/fier", first);
  await scene.log.wait("broadcast-start");
  const two = put(scene, "/fier", second);
  const response = await inTime(one);
  assertEquals(response.status, 409);
  assertStringIncludes(await response.text(), "taken over");
  second.end();
  assertEquals((await inTime(two)).status, 200);
});

Deno.test("broadcastByHttp() counts broadcasters out whether they were let in or not", async () => {
  using scene = new HttpScene({ connections: 1 });
  for (const headers of [{}, OWN, {}, OWN]) {
    const init = { method: "PUT", body: "x", headers };
    const { status, body } = await scene.ask("/fier", init);
    assertEquals(status, headers === OWN ? 200 : 401);
    await body?.cancel();
  }
});

/** A request with a body that has no framing, as Icecast source clients send it. */
interface Endless {
  readonly name: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers: HeadersInit;
  /** The address that it is sent on to; nothing: it is only told. */
  readonly location?: string;
}

const SENT_ON: readonly Endless[] = [
  {
    name: "ffmpeg",
    headers: OWN,
    location: "http://fier:123@fstream.test:61920/fier?reply=1",
  },
  {
    name: "an older client",
    method: "SOURCE",
    headers: basic("", "123"),
    location: "http://:123@fstream.test:61920/fier?reply=1",
  },
  {
    name: "odd names",
    path: "/fier/cam%20%C3%A4?hold=2&reply=0&channel_password=a%26b%0A",
    headers: basic("sourcé", "a:b@c/d%41?#\r\nX: y"),
    location: "http://sourc%C3%A9:a%3Ab%40c%2Fd%2541%3F%23%0D%0AX%3A%20y" +
      "@fstream.test:61920/fier/cam%20%C3%A4" +
      "?hold=2&reply=1&channel_password=a%26b%0A",
  },
  {
    name: "a token, which no address can carry",
    headers: { authorization: "Bearer 0123456789abcdef" },
    location: "http://fstream.test:61920/fier?reply=1",
  },
  {
    name: "no credentials",
    headers: {},
    location: "http://fstream.test:61920/fier?reply=1",
  },
  { name: "POST", method: "POST", headers: OWN },
  ...["forwarded", "via", "x-forwarded-for", "x-forwarded-proto"].map((
    header,
  ) => ({
    name: `a proxy that says ${header}`,
    headers: { ...OWN, [header]: "https" },
  })),
];

for (const { name, method = "PUT", path = "/fier", ...asked } of SENT_ON) {
  Deno.test(`broadcastByHttp() sends bodies without any end to the port that takes them: ${name}`, async () => {
    using scene = new HttpScene();
    const headers = { ...asked.headers, host: "fstream.test:61980" };
    const response = await scene.ask(path, { method, headers });
    const location = response.headers.get("location");
    assertEquals(location ?? undefined, asked.location);
    assertEquals(response.status, asked.location ? 307 : 411);
    assertEquals(response.headers.get("cache-control"), "no-store");
    assertStringIncludes(await response.text(), "served at port 61920\n");
    assertEquals(scene.log.all, []);
  });
}

Deno.test("broadcastByHttp() tells a source client that names no host where to go, and sends it nowhere", async () => {
  using scene = new HttpScene();
  const response = await scene.ask("/fier", { method: "SOURCE", headers: OWN });
  assertEquals(response.status, 411);
  assertEquals(response.headers.get("location"), null);
  assertStringIncludes(await response.text(), "port 61920");
});

Deno.test("broadcastByHttp() sends nobody from https to where a password can be read", async () => {
  using scene = new HttpScene();
  const headers = { ...OWN, host: "fstream.test" };
  const init = { method: "PUT", headers };
  const asked: [tlsPort: number | undefined, location: string | null][] = [
    [undefined, null],
    [61921, "https://fier:123@fstream.test:61921/fier?reply=1"],
  ];
  for (const [tlsPort, location] of asked) {
    const handler = createHandler({ ...scene.rooms, tlsPort });
    const request = new Request("https://fstream.test/fier", init);
    const response = await handler(request, { remote: "192.0.2.1:5000" });
    assertEquals(response.status, location ? 307 : 411);
    assertEquals(response.headers.get("location"), location);
    await response.body?.cancel();
  }
});

Deno.test("broadcastByHttp() sends nobody on who watches, or whose body has an end", async () => {
  using scene = new HttpScene();
  scene.onAir().append(new Uint8Array(1));
  const host = { ...OWN, host: "fstream.test" };
  const asked: [RequestInit, number][] = [
    [{ headers: host }, 200],
    [{ method: "HEAD", headers: host }, 200],
    [{ method: "PUT", headers: { ...host, "content-length": "0" } }, 400],
    [
      { method: "PUT", headers: { ...host, "content-length": "1" }, body: "x" },
      200,
    ],
  ];
  for (const [init, status] of asked) {
    const response = await scene.ask("/fier", init);
    await response.body?.cancel();
    assertEquals(response.status, status, JSON.stringify(init));
  }
});

Deno.test("broadcastByHttp() takes what looks like the wire's own frames as media", async () => {
  using scene = new HttpScene();
  const frame = encodeFrame("watch,user=fier");
  const init = { method: "PUT", body: frame, headers: OWN };
  await (await scene.ask("/fier?bufsize=1", init)).body?.cancel();
  const { bytes } = await scene.log.wait("broadcast-end");
  assertEquals(bytes, frame.length);
});
