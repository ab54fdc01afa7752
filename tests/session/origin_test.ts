import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/http/http_error.ts";
import { checkOrigin, corsHeaders } from "../../lib/session/origin.ts";
import { basic, HOST, HttpScene } from "./http_scene.ts";

type Row = readonly [headers: Record<string, string>, allowed: boolean];

const OTHER = "https://evil.example";

/** What browsers send with a request, at a server whose allow-origin is empty. */
const ROWS: readonly Row[] = [
  [{}, true],
  [{ host: "a" }, true],
  [{ host: "a:8080", origin: "http://a:8080" }, true],
  [{ host: "a", origin: "https://a" }, true],
  [{ host: "a:443", origin: "https://a" }, true],
  [{ host: "a", origin: "http://a:8080" }, false],
  [{ host: "a", origin: OTHER }, false],
  [{ host: "a", origin: "http://a.evil.example" }, false],
  [{ host: "a", origin: "null" }, false],
  [{ host: "a", origin: "garbage" }, false],
  [{ host: "a", origin: "" }, false],
  [{ origin: "http://a" }, false],
  [{ host: "a", "sec-fetch-site": "same-origin" }, true],
  [{ host: "a", "sec-fetch-site": "none" }, true],
  [{ host: "a", "sec-fetch-site": "same-site" }, false],
  [{ host: "a", "sec-fetch-site": "cross-site" }, false],
  [{ host: "a", origin: "http://a", "sec-fetch-site": "cross-site" }, false],
];

function allows(headers: Record<string, string>, allowOrigin: string): boolean {
  const map = new Map(Object.entries(headers));
  try {
    checkOrigin(map, allowOrigin);
    return true;
  } catch (error) {
    if (error instanceof HttpError && error.status === 403) return false;
    throw error;
  }
}

Deno.test("checkOrigin() rejects what pages of other sites send", () => {
  for (const [headers, allowed] of ROWS) {
    assertEquals(allows(headers, ""), allowed, JSON.stringify(headers));
  }
});

Deno.test("checkOrigin() allows the origin that the setting names, and no other", () => {
  const cross = { host: "a", "sec-fetch-site": "cross-site" };
  assertEquals(allows({ ...cross, origin: OTHER }, OTHER), true);
  assertEquals(allows({ ...cross, origin: `${OTHER}.x` }, OTHER), false);
  assertEquals(allows(cross, OTHER), false);
  for (const [headers] of ROWS) assertEquals(allows(headers, "*"), true);
  assertThrows(() => checkOrigin(new Map([["origin", OTHER]]), ""), HttpError);
});

Deno.test("corsHeaders() varies by origin only where one origin is allowed", () => {
  assertEquals(corsHeaders(""), {});
  assertEquals(corsHeaders("*"), { "access-control-allow-origin": "*" });
  assertEquals(corsHeaders(OTHER), {
    "access-control-allow-origin": OTHER,
    vary: "origin",
  });
});

const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
};

/** Requests that change something, or open a WebSocket, and how they are answered on their own site. */
const GUARDED: readonly [path: string, init: RequestInit, status: number][] = [
  ["/fier/x", { method: "PUT", body: "x", headers: basic("fier", "123") }, 200],
  [
    "/fier/x",
    { method: "POST", body: "x", headers: basic("fier", "123") },
    200,
  ],
  ["/api/token", { method: "POST", headers: basic("fier", "123") }, 200],
  ["/fier/x", { headers: UPGRADE }, 101],
];

for (const [path, init, status] of GUARDED) {
  Deno.test(`Session answers ${init.method ?? "GET"} ${path} of another site 403, ${status} of its own`, async () => {
    for (const allowOrigin of ["", OTHER]) {
      await using scene = new HttpScene({ allowOrigin });
      const ask = async (origin: string): Promise<number> => {
        const headers = { ...init.headers, origin };
        const response = await scene.ask(path, { ...init, headers });
        await response.body?.cancel();
        return response.status;
      };
      assertEquals(await ask(`http://${HOST}`), status);
      assertEquals(await ask("null"), 403);
      assertEquals(await ask(OTHER), allowOrigin === "" ? 403 : status);
    }
  });
}

Deno.test("Session serves no request frame in the body of a page's POST", async () => {
  await using scene = new HttpScene({ allowOrigin: "*" });
  const frame = "\0\0\0\x1e\0token,user=fier,user_password=1";
  const init = { method: "POST", body: frame, headers: { origin: OTHER } };
  const response = await scene.ask("/", init);
  assertEquals(response.status, 405);
  await response.body?.cancel();
  assertEquals(scene.asked, []);
});

Deno.test("Session lets pages of any site read what GET answers only where allow-origin says so", async () => {
  await using scene = new HttpScene();
  scene.live().append(new Uint8Array(1));
  const headers = { origin: OTHER, "sec-fetch-site": "cross-site" };
  const response = await scene.ask("/fier", { headers });
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("access-control-allow-origin"), null);
  await response.body?.cancel();
});
