import { assertEquals } from "@std/assert";
import {
  asksForWebSocket,
  checkHandshake,
  handshakeReply,
} from "../../lib/websocket/handshake.ts";

/** The example of RFC 6455 §1.3. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

const HEADERS = {
  host: "server.example.com",
  upgrade: "websocket",
  connection: "Upgrade",
  "sec-websocket-key": KEY,
  origin: "http://example.com",
  "sec-websocket-version": "13",
};

/** The headers of the example with some of them changed, or removed by `undefined`. */
function headers(
  changes: Record<string, string | undefined> = {},
): Map<string, string> {
  return new Map(
    Object.entries({ ...HEADERS, ...changes })
      .filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

Deno.test("handshakeReply hashes the key of RFC 6455 §1.3 as it says", async () => {
  assertEquals(await handshakeReply(KEY), {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  });
});

Deno.test("checkHandshake accepts what browsers and libraries send", () => {
  const rows: Record<string, string | undefined>[] = [
    {},
    { connection: "keep-alive, Upgrade" },
    { connection: "keep-alive,upgrade" },
    { upgrade: "WebSocket" },
    { upgrade: "h2c, websocket" },
    { origin: undefined },
    { "sec-websocket-extensions": "permessage-deflate" },
    { "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==" },
  ];
  for (const changes of rows) {
    const key = changes["sec-websocket-key"] ?? KEY;
    assertEquals(checkHandshake(headers(changes), "GET", 1), { key });
  }
});

Deno.test("checkHandshake rejects a malformed handshake with 400", () => {
  const rows: Record<string, string | undefined>[] = [
    { host: undefined },
    { upgrade: undefined },
    { upgrade: "websocket2" },
    { upgrade: "h2c" },
    { connection: undefined },
    { connection: "keep-alive" },
    { connection: "not-upgrade" },
    { "sec-websocket-key": undefined },
    { "sec-websocket-key": "" },
    { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ" },
    { "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAA" },
    { "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAAA=" },
    { "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAAAA" },
    { "sec-websocket-key": `${KEY}, ${KEY}` },
    { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZ-==" },
    { "sec-websocket-key": `${KEY}\n` },
  ];
  for (const changes of rows) {
    const result = checkHandshake(headers(changes), "GET", 1);
    assertEquals(
      "status" in result && result.status,
      400,
      Deno.inspect(changes),
    );
  }
  const result = checkHandshake(headers(), "GET", 0);
  assertEquals("status" in result && result.status, 400);
});

Deno.test("checkHandshake rejects other methods with 405 and Allow", () => {
  for (const method of ["POST", "HEAD", "get", ""]) {
    const result = checkHandshake(headers(), method, 1);
    assertEquals("status" in result && result.status, 405, method);
    assertEquals("headers" in result && result.headers, { Allow: "GET" });
  }
});

Deno.test("checkHandshake answers another version with 426 and the one it speaks", () => {
  for (const version of ["8", "14", "13, 8", "13, 13", "013", "", undefined]) {
    const changed = headers({ "sec-websocket-version": version });
    const result = checkHandshake(changed, "GET", 1);
    assertEquals("status" in result && result.status, 426, version ?? "none");
    assertEquals("headers" in result && result.headers, {
      "Sec-WebSocket-Version": "13",
      Upgrade: "websocket",
      Connection: "Upgrade, close",
    });
  }
});

Deno.test("checkHandshake names no value of a header in its problem", () => {
  const secret = "hunter2";
  for (const name of Object.keys(HEADERS)) {
    const result = checkHandshake(headers({ [name]: secret }), "GET", 1);
    if (!("problem" in result)) continue;
    assertEquals(result.problem.includes(secret), false, name);
  }
});

Deno.test("asksForWebSocket finds the protocol among others", () => {
  assertEquals(asksForWebSocket(headers()), true);
  assertEquals(asksForWebSocket(headers({ upgrade: "TLS/1.0" })), false);
  assertEquals(asksForWebSocket(new Map()), false);
});
