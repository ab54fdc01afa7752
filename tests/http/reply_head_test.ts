import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { httpDate } from "../../lib/http/http_date.ts";
import { CONTINUE, replyHead } from "../../lib/http/reply_head.ts";

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

Deno.test("replyHead() writes status line, headers and the date", () => {
  const head = text(
    replyHead(200, { "Content-Type": "text/plain", "X": "\xe4" }),
  );
  assertMatch(
    head,
    /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/plain\r\nX: \xe4\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n\r\n$/,
  );
});

Deno.test("replyHead() takes Headers, cookies one by one", () => {
  const headers = new Headers({ date: "x", etag: '"a"' });
  headers.append("set-cookie", "a=1");
  headers.append("set-cookie", "b=2");
  assertEquals(
    text(replyHead(304, headers)),
    "HTTP/1.1 304 Not Modified\r\n" +
      'date: x\r\netag: "a"\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n\r\n',
  );
});

Deno.test("replyHead() speaks HTTP/1.0 where it is asked to", () => {
  const head = text(replyHead(200, { Date: "x" }, 0));
  assertEquals(head, "HTTP/1.0 200 OK\r\nDate: x\r\n\r\n");
});

Deno.test("replyHead() has a phrase for the statuses in use, and none for others", () => {
  for (
    const status of [200, 201, 204, 206, 301, 304, 400, 401, 403, 404, 405]
  ) {
    assertMatch(text(replyHead(status, {})), /^HTTP\/1\.1 \d{3} [A-Z]/);
  }
  for (
    const status of [408, 413, 416, 417, 421, 426, 429, 431, 500, 501, 503]
  ) {
    assertMatch(text(replyHead(status, {})), /^HTTP\/1\.1 \d{3} [A-Z]/);
  }
  assertMatch(text(replyHead(599, {})), /^HTTP\/1\.1 599 \r\n/);
});

Deno.test("replyHead() dates no interim reply", () => {
  assertEquals(
    text(replyHead(101, { Upgrade: "websocket" })),
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
  );
  assertEquals(text(CONTINUE), "HTTP/1.1 100 Continue\r\n\r\n");
});

Deno.test("replyHead() sends no header that would end its line", () => {
  for (const value of ["a\r\nb: c", "a\nb", "a\rb", "a\0b", "\x7f", "\u20ac"]) {
    assertThrows(() => replyHead(200, { "X-Y": value }), TypeError, '"X-Y"');
  }
  for (const name of ["", "a b", "a:", "a\r\nb", "\xe4", "a\n"]) {
    assertThrows(() => replyHead(200, { [name]: "x" }), TypeError);
  }
});

Deno.test("replyHead() sends no status that is none", () => {
  for (const status of [0, 100, 600, 200.5, NaN]) {
    assertThrows(() => replyHead(status, {}), RangeError);
  }
});

Deno.test("httpDate() writes IMF-fixdate, and another one a second later", () => {
  assertEquals(httpDate(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
  assertEquals(httpDate(784_111_777_999), "Sun, 06 Nov 1994 08:49:37 GMT");
  assertEquals(httpDate(784_111_778_000), "Sun, 06 Nov 1994 08:49:38 GMT");
  assertEquals(httpDate(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
});
