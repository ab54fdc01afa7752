import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHandler } from "../../lib/web/handler.ts";
import { RESERVED_NAMES } from "../../lib/session/channel_path.ts";
import { basic, HttpScene } from "../session/http_scene.ts";

/** A request, and the status with which it is answered. */
interface StatusCase {
  readonly name: string;
  readonly path: string;
  readonly init?: RequestInit;
  readonly status: number;
}

const STATUSES: readonly StatusCase[] = [
  { name: "the list page", path: "/", status: 200 },
  { name: "the broadcast page", path: "/broadcast", status: 200 },
  { name: "the operator's page", path: "/admin", status: 200 },
  { name: "a page's style", path: "/assets/styles/base.css", status: 200 },
  { name: "health", path: "/healthz", status: 200 },
  { name: "metrics", path: "/metrics", status: 200 },
  { name: "channels", path: "/api/channels", status: 200 },
  { name: "media", path: "/fier", status: 200 },
  { name: "media by its channel's name", path: "/fier/default", status: 200 },
  { name: "media with a slash behind", path: "/fier/default/", status: 200 },
  { name: "a start", path: "/fier?start=nowhere", status: 400 },
  { name: "a duplicate key", path: "/fier?burst=1&burst=2", status: 400 },
  {
    name: "a duplicate key in two spellings",
    path: "/fier?channel-password=1&channel_password=2",
    status: 400,
  },
  {
    name: "a broadcast without a body",
    path: "/fier/x",
    init: { method: "POST", headers: basic("fier", "123") },
    status: 411,
  },
  {
    name: "an unknown format",
    path: "/fier/x?format=nonsense",
    init: { method: "PUT", body: "x", headers: basic("fier", "123") },
    status: 400,
  },
  {
    name: "a handshake that is none",
    path: "/fier",
    init: { headers: { upgrade: "websocket" } },
    status: 400,
  },
  { name: "no password of a channel", path: "/fier/secret", status: 401 },
  {
    name: "no password of a user",
    path: "/fier/x",
    init: { method: "PUT", body: "x" },
    status: 401,
  },
  {
    name: "a token for nobody",
    path: "/api/token",
    init: { method: "POST" },
    status: 401,
  },
  { name: "a channel that is not live", path: "/fier/other", status: 404 },
  { name: "nobody", path: "/nobody", status: 404 },
  { name: "too many steps", path: "/fier/a/b", status: 404 },
  { name: "no user", path: "//default", status: 404 },
  { name: "a percent sign that encodes nothing", path: "/%zz", status: 400 },
  { name: "half a character", path: "/fier/%c3", status: 404 },
  { name: "an asset that is none", path: "/assets/../x", status: 404 },
  {
    name: "a page by PUT",
    path: "/",
    init: { method: "PUT", body: "x" },
    status: 405,
  },
  {
    name: "metrics by POST",
    path: "/metrics",
    init: { method: "POST", body: "x" },
    status: 405,
  },
  {
    name: "media by DELETE",
    path: "/fier",
    init: { method: "DELETE" },
    status: 405,
  },
  { name: "a token by GET", path: "/api/token", status: 405 },
  { name: "a full channel", path: "/fier/full", status: 503 },
];

/** A scene with a channel for anybody, one with a password, and one that is full. */
async function busyScene(allowOrigin = ""): Promise<HttpScene> {
  const scene = new HttpScene({ allowOrigin });
  // What a channel is has to be known, or its watchers' answers wait for it.
  const known = new Uint8Array(1);
  scene.live().append(known);
  scene.live("secret", "456").append(known);
  scene.live("full").append(known);
  for (let i = 0; i < 2; i++) await scene.ask("/fier/full");
  return scene;
}

for (const { name, path, init, status } of STATUSES) {
  Deno.test(`handler answers ${name} with ${status}, and all headers`, async () => {
    await using scene = await busyScene();
    const response = await scene.ask(path, init);
    assertEquals(response.status, status);
    const { headers } = response;
    assertSecure(headers);
    assertEquals(headers.get("access-control-allow-origin"), null);
    const challenge = headers.get("www-authenticate");
    assertEquals(
      challenge?.split(" ")[0],
      status === 401 ? "Basic" : undefined,
    );
    assertEquals(headers.has("allow"), status === 405);
    await response.body?.cancel();
  });
}

function assertSecure(headers: Headers): void {
  const policy = headers.get("content-security-policy") ?? "";
  assertStringIncludes(policy, "default-src 'self'");
  assertStringIncludes(policy, "script-src 'self'");
  assertStringIncludes(policy, "frame-ancestors 'none'");
  assert(!policy.includes("unsafe"));
  assertEquals(headers.get("x-content-type-options"), "nosniff");
  assertEquals(headers.get("referrer-policy"), "no-referrer");
}

Deno.test("handler answers what fails within with 500, and tells only the log why", async () => {
  await using scene = new HttpScene();
  const handler = createHandler({
    ...scene.web,
    metrics: (): string => {
      throw new Error("the disk burns");
    },
  });
  const request = new Request("http://a/metrics");
  const response = await handler(request, { remote: "192.0.2.1:1" });
  assertEquals(response.status, 500);
  assertEquals(await response.text(), "the server failed\n");
  const { fields } = scene.log.named("refused")[0]!;
  assertEquals(fields.reason, "the disk burns");
});

Deno.test("handler lets the sites read that the setting names, and no others", async () => {
  for (const origin of ["*", "https://example.org"]) {
    await using scene = await busyScene(origin);
    for (const path of ["/fier", "/fier/secret", "/api/channels"]) {
      const { headers, body } = await scene.ask(path);
      assertEquals(headers.get("access-control-allow-origin"), origin);
      await body?.cancel();
    }
  }
});

Deno.test("handler gives navigating browsers the player, everything else the media", async () => {
  await using scene = new HttpScene();
  scene.live().append(new Uint8Array(3));
  const accepts = {
    "text/html,application/xhtml+xml,*/*;q=0.8": "text/html; charset=utf-8",
    "*/*": "application/octet-stream",
    "video/webm,*/*": "application/octet-stream",
  };
  for (const [accept, type] of Object.entries(accepts)) {
    const response = await scene.ask("/fier", { headers: { accept } });
    assertEquals(response.headers.get("content-type"), type);
    assertEquals(response.headers.get("vary"), "accept");
    assertEquals(response.headers.get("cache-control"), "no-store");
    await response.body?.cancel();
  }
});

Deno.test("handler gives the player for a channel that is not live, too", async () => {
  await using scene = new HttpScene();
  const path = "/nobody/%3Cimg%20src=x%20onerror=alert(1)%3E";
  const response = await scene.ask(path, { headers: { accept: "text/html" } });
  assertEquals(response.status, 200);
  const page = await response.text();
  assert(!page.includes("onerror"), "the address must not be in the page");
});

Deno.test("handler keeps the reserved words from being users", async () => {
  await using scene = new HttpScene();
  for (const name of RESERVED_NAMES) {
    for (const path of [`/${name}/x`, `/${encodeURIComponent(name)}/x/`]) {
      const init = { method: "PUT", body: "x", headers: basic(name, "123") };
      const { status, body } = await scene.ask(path, init);
      assert(status === 404 || status === 405, `${path}: ${status}`);
      await body?.cancel();
    }
  }
  assertEquals(scene.hub.channels(), []);
});

Deno.test("handler names in Allow what is allowed", async () => {
  await using scene = new HttpScene();
  const allowed = {
    "/": "GET, HEAD",
    "/fier": "GET, HEAD, PUT, POST",
    "/api/channels": "GET, HEAD",
    "/api/token": "POST",
    "/healthz": "GET, HEAD",
  };
  for (const [path, allow] of Object.entries(allowed)) {
    const response = await scene.ask(path, { method: "PATCH", body: "x" });
    assertEquals(response.status, 405);
    assertEquals(response.headers.get("allow"), allow);
    await response.body?.cancel();
  }
});

Deno.test("handler issues tokens that are good once, for their user alone", async () => {
  await using scene = new HttpScene();
  const headers = basic("fier", "123");
  const response = await scene.ask("/api/token", { method: "POST", headers });
  assertEquals(response.headers.get("cache-control"), "no-store");
  const { token, expires_in } = await response.json();
  assertEquals(expires_in, 120);
  const init = {
    method: "PUT",
    body: "x",
    headers: { authorization: `Bearer ${token}` },
  };
  assertEquals(await statusOf(scene, "/other/x", init), 401);
  const again = await scene.ask("/api/token", { method: "POST", headers });
  const bearer = `Bearer ${(await again.json()).token}`;
  const good = { ...init, headers: { authorization: bearer } };
  assertEquals(await statusOf(scene, "/fier/x", init), 401, "voided");
  assertEquals(await statusOf(scene, "/fier/x", good), 200);
  assertEquals(await statusOf(scene, "/fier/x", good), 401, "used");
});

async function statusOf(
  scene: HttpScene,
  path: string,
  init: RequestInit,
): Promise<number> {
  const response = await scene.ask(path, init);
  await response.body?.cancel();
  return response.status;
}
