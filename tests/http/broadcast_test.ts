import { assertEquals, assertStringIncludes } from "@std/assert";
import { encodeFrame } from "../../lib/protocol/frame.ts";
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
  const { token } = scene.rooms.tokens.issue("fier");
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
  assertEquals(channel!.epoch.joins.newest?.offset, 2000);
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

Deno.test("broadcastByHttp() sends bodies without any end to the port that takes them", async () => {
  using scene = new HttpScene();
  const headers = { ...OWN, host: "fstream.test" };
  const response = await scene.ask("/fier", { method: "PUT", headers });
  assertEquals(response.status, 411);
  assertStringIncludes(await response.text(), "61920");
});

Deno.test("broadcastByHttp() takes what looks like the wire's own frames as media", async () => {
  using scene = new HttpScene();
  const frame = encodeFrame("watch,user=fier");
  const init = { method: "PUT", body: frame, headers: OWN };
  await (await scene.ask("/fier?bufsize=1", init)).body?.cancel();
  const { bytes } = await scene.log.wait("broadcast-end");
  assertEquals(bytes, frame.length);
});
