import "../helpers/fast_ticks.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { encodeFrame } from "../../lib/wire/frame.ts";
import { eventually } from "../helpers/eventually.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { basic, FedBody, HttpScene, inTime } from "./http_scene.ts";
import { assertOverrun } from "../helpers/overrun.ts";

const OWN = basic("fier", "123");

/** Broadcasts a body at a path. */
function put(
  scene: HttpScene,
  path: string,
  body: FedBody,
  headers: HeadersInit = OWN,
): Promise<Response> {
  return scene.ask(path, { method: "PUT", body: body.stream, headers });
}

Deno.test("PUT and POST take the user's own credentials, and an Icecast client's", async () => {
  await using scene = new HttpScene();
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

Deno.test("PUT takes no secret from the address", async () => {
  await using scene = new HttpScene();
  const init = { method: "POST", headers: OWN };
  const { token } = await (await scene.ask("/api/token", init)).json();
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

Deno.test("PUT cannot name another channel than the path's", async () => {
  await using scene = new HttpScene();
  const body = new FedBody();
  const answer = put(scene, "/fier/x?user=other&channel=y", body);
  await scene.log.wait("broadcast-start");
  const names = scene.hub.channels().map(({ user, name }) => [user, name]);
  assertEquals(names, [["fier", "x"]]);
  body.end();
  await (await answer).body?.cancel();
});

Deno.test("PUT is live until its body ends, and ends cleanly then", async () => {
  await using scene = new HttpScene();
  const body = new FedBody();
  const answer = put(scene, "/fier?bufsize=1000&channel-password=456", body);
  await scene.log.wait("broadcast-start");
  body.send(...pattern(0, 2500));
  const [channel] = scene.hub.channels();
  await eventually("all bytes have arrived", () => channel!.log.last === 2500);
  assertEquals(channel!.password, "456");
  assertEquals(channel!.broadcast.joins.newest?.offset, 2000);
  body.end();
  const response = await inTime(answer);
  assertEquals([response.status, await response.text()], [200, "ok\n"]);
  const { bytes, reason } = await scene.log.wait("broadcast-end");
  assertEquals([bytes, reason], [2500, "the broadcast ended"]);
  assertEquals(scene.hub.channels(), []);
});

Deno.test("PUT whose body breaks leaves the channel held", async () => {
  await using scene = new HttpScene();
  const body = new FedBody();
  const answer = put(scene, "/fier", body);
  await scene.log.wait("broadcast-start");
  body.send(1);
  const unanswered = assertRejects(() => inTime(answer));
  body.fail();
  const { reason } = await scene.log.wait("broadcast-end");
  assertEquals(reason, "reset");
  await unanswered;
  assertEquals(scene.hub.channels().map(({ state }) => state), ["held"]);
});

Deno.test("PUT that sends nothing for too long is cut, and its channel held", async () => {
  await using scene = new HttpScene({ limits: { broadcasterIdleMs: 300 } });
  const body = new FedBody();
  const response = await inTime(put(scene, "/fier", body));
  assertEquals(response.status, 409);
  assertOverrun(await response.text(), "sent no byte", 0.3);
  await eventually("the connection is closed", () => scene.connections === 0);
  assertEquals(scene.hub.channels().map(({ state }) => state), ["held"]);
});

Deno.test("PUT gives way to a newer broadcast of the same user", async () => {
  await using scene = new HttpScene();
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

Deno.test("PUT releases its connection whether it was accepted or not", async () => {
  await using scene = new HttpScene({ connections: 1 });
  for (const headers of [{}, OWN, {}, OWN]) {
    const init = { method: "PUT", body: "x", headers };
    const { status, body } = await scene.ask("/fier", init);
    assertEquals(status, headers === OWN ? 200 : 401);
    await body?.cancel();
  }
});

/** What a source client sends that must not matter to a body without framing. */
const HEADERS: readonly HeadersInit[] = [
  {},
  { "x-forwarded-for": "198.51.100.7", via: "1.1 proxy" },
  { "user-agent": "libshout/2.4.6", "ice-public": "0" },
];

Deno.test("PUT and SOURCE without a length take what follows as media, whatever else the head has", async () => {
  await using scene = new HttpScene();
  for (const method of ["PUT", "SOURCE"]) {
    for (const more of HEADERS) {
      const credentials = basic("", "123");
      const transport = scene.transport();
      const head = [`${method} /fier/cam%20%C3%A4?hold=0 HTTP/1.1`, "host: a"];
      for (const [name, value] of new Headers({ ...credentials, ...more })) {
        head.push(`${name}: ${value}`);
      }
      const count = scene.log.named("broadcast-end").length + 1;
      const peer = new RawPeer(transport);
      await peer.send(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`));
      await scene.log.wait("broadcast-start", count);
      assertEquals(scene.hub.channels().map(({ name }) => name), ["cam ä"]);
      await peer.send(pattern(0, 1000));
      await peer.finish();
      await peer.rest();
      const { bytes, reason, protocol } = await scene.log.wait(
        "broadcast-end",
        count,
      );
      assertEquals([bytes, reason, protocol], [
        1000,
        "the broadcast ended",
        "icecast",
      ]);
    }
  }
});

Deno.test("PUT and SOURCE without a length and credentials are challenged, and nothing is counted or logged", async () => {
  await using scene = new HttpScene();
  for (const method of ["PUT", "SOURCE"]) {
    for (let i = 0; i < 20; i++) {
      const response = await scene.ask("/fier", { method });
      assertEquals(response.status, 401);
      const challenge = response.headers.get("www-authenticate") ?? "";
      assertStringIncludes(challenge, "Basic realm=");
      assertEquals(response.headers.get("cache-control"), "no-store");
      await response.body?.cancel();
    }
  }
  assertEquals(scene.log.all, []);
  assertEquals(scene.asked, []);
});

Deno.test("POST without a length is answered 411", async () => {
  await using scene = new HttpScene();
  const response = await scene.ask("/fier", { method: "POST", headers: OWN });
  assertEquals(response.status, 411);
  assertEquals(await response.text(), "a broadcast needs a body\n");
  assertEquals(scene.asked, []);
});

Deno.test("PUT with a length ends behind its last byte, an empty one at once", async () => {
  await using scene = new HttpScene();
  scene.live().append(new Uint8Array(1));
  const host = { ...OWN, host: "fstream.test" };
  const asked: [RequestInit, number][] = [
    [{ headers: host }, 200],
    [{ method: "HEAD", headers: host }, 200],
    [{ method: "PUT", headers: { ...host, "content-length": "0" } }, 200],
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

Deno.test("PUT takes what looks like a request frame as media", async () => {
  await using scene = new HttpScene();
  const frame = encodeFrame("watch,user=fier");
  const init = { method: "PUT", body: frame, headers: OWN };
  await (await scene.ask("/fier?bufsize=1", init)).body?.cancel();
  const { bytes } = await scene.log.wait("broadcast-end");
  assertEquals(bytes, frame.length);
});
