import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  parseRequestHead,
  type RequestHead,
  requestUrl,
} from "../../lib/http/request_head.ts";
import {
  MALFORMED_REQUESTS,
  SMUGGLING_REQUESTS,
} from "./malformed_requests.ts";

/** Parses a head of some lines; fails when it is no request or has a problem. */
function parsed(...lines: readonly string[]): RequestHead {
  const head = parseRequestHead([...lines, "", ""].join("\r\n"));
  assert(head, "no request head");
  assertEquals(head.problem, undefined);
  return head;
}

Deno.test("parseRequestHead() reads what curl sends", () => {
  const head = parsed(
    "GET /fier/x?start=live&burst=2 HTTP/1.1",
    "Host: localhost:61920",
    "User-Agent: curl/8.5.0",
    "Accept: */*",
  );
  assertEquals(head, {
    method: "GET",
    target: "/fier/x?start=live&burst=2",
    path: "/fier/x",
    query: "start=live&burst=2",
    minorVersion: 1,
    headers: new Map([
      ["host", "localhost:61920"],
      ["user-agent", "curl/8.5.0"],
      ["accept", "*/*"],
    ]),
    body: { kind: "none" },
    keepAlive: true,
    expectsContinue: false,
    problem: undefined,
  });
});

Deno.test("parseRequestHead() reads the target in each form", () => {
  const cases: [string, string, string, string, string?][] = [
    ["/", "/", "/", ""],
    ["/?", "/?", "/", ""],
    ["/a?b?c", "/a?b?c", "/a", "b?c"],
    ["//a/../b", "//a/../b", "//a/../b", ""],
    ["/%C3%A4%2F?%20", "/%C3%A4%2F?%20", "/%C3%A4%2F", "%20"],
    ['/a|b{c}^`"<>?a\\b', '/a|b{c}^`"<>?a\\b', '/a|b{c}^`"<>', "a\\b"],
    ["http://b:1/x?y", "/x?y", "/x", "y", "b:1"],
    ["HTTPS://[::1]/x", "/x", "/x", "", "[::1]"],
    ["http://b", "/", "/", "", "b"],
    ["http://b?y", "/?y", "/", "y", "b"],
  ];
  for (const [sent, target, path, query, host = "a"] of cases) {
    const head = parsed(`GET ${sent} HTTP/1.1`, "Host: a");
    assertEquals([head.target, head.path, head.query], [target, path, query]);
    assertEquals(head.headers.get("host"), host);
  }
  const options = parsed("OPTIONS * HTTP/1.1", "Host: a");
  assertEquals([options.target, options.path], ["*", "*"]);
});

Deno.test("parseRequestHead() reads header fields", () => {
  const { headers } = parsed(
    "GET / HTTP/1.0",
    "Empty:",
    "Blanks: \t a \t b \t ",
    "tight:x:y",
    "Accept: a",
    "Latin: \xe4\x80\xff",
    "ACCEPT: b",
    "!#$%&'*+-.^_`|~09Az: token",
    "__proto__: x",
  );
  assertEquals([...headers], [
    ["empty", ""],
    ["blanks", "a \t b"],
    ["tight", "x:y"],
    ["accept", "a, b"],
    ["latin", "\xe4\x80\xff"],
    ["!#$%&'*+-.^_`|~09az", "token"],
    ["__proto__", "x"],
  ]);
});

Deno.test("parseRequestHead() takes 100 header fields", () => {
  const lines = Array.from({ length: 100 }, (_, at) => `n${at}: ${at}`);
  assertEquals(parsed("GET / HTTP/1.0", ...lines).headers.size, 100);
});

Deno.test("parseRequestHead() takes each method, in its case", () => {
  for (
    const method of ["GET", "A", "SOURCE", "get", "M-SEARCH", "!#$%&'*+-.^_`|~"]
  ) {
    assertEquals(parsed(`${method} / HTTP/1.0`).method, method);
  }
});

Deno.test("parseRequestHead() tells how the body is delimited", () => {
  const cases: [string, RequestHead["body"]][] = [
    ["X: y", { kind: "none" }],
    ["Content-Length: 0", { kind: "length", bytes: 0 }],
    ["content-length:42", { kind: "length", bytes: 42 }],
    ["Content-Length: \t42 \t", { kind: "length", bytes: 42 }],
    ["Content-Length: 003", { kind: "length", bytes: 3 }],
    ["Content-Length: 999999999999999", { kind: "length", bytes: 1e15 - 1 }],
    ["Transfer-Encoding: chunked", { kind: "chunked" }],
    ["transfer-encoding:\tCHUNKED ", { kind: "chunked" }],
  ];
  for (const [line, body] of cases) {
    assertEquals(parsed("PUT / HTTP/1.1", "Host: a", line).body, body, line);
  }
});

Deno.test("parseRequestHead() tells whether the connection is kept", () => {
  const cases: [version: string, connection: string, kept: boolean][] = [
    ["1.1", "", true],
    ["1.1", "close", false],
    ["1.1", "Upgrade, CLOSE", false],
    ["1.1", "closed", true],
    ["1.1", "keep-alive, Upgrade", true],
    ["1.0", "", false],
    ["1.0", "Keep-Alive", true],
    ["1.0", "TE , keep-alive", true],
    ["1.0", "keep-alive, close", false],
  ];
  for (const [version, connection, kept] of cases) {
    const head = parsed(
      `GET / HTTP/${version}`,
      "Host: a",
      `Connection: ${connection}`,
    );
    assertEquals(head.keepAlive, kept, `HTTP/${version}, ${connection}`);
  }
});

Deno.test("parseRequestHead() knows that HTTP/1.0 expects no 100", () => {
  for (
    const [version, value, expected] of [
      [1, "100-continue", true],
      [1, "100-Continue", true],
      [1, "200-ok", false],
      [0, "100-continue", false],
    ] as const
  ) {
    const lines = [`PUT / HTTP/1.${version}`, "Host: a", `Expect: ${value}`];
    assertEquals(parsed(...lines).expectsContinue, expected, value);
  }
});

for (
  const { name, text, problem } of [
    ...SMUGGLING_REQUESTS,
    ...MALFORMED_REQUESTS,
  ]
) {
  Deno.test(`parseRequestHead() rejects ${name}`, () => {
    const head = parseRequestHead(text);
    if (problem === undefined) return assertEquals(head, undefined);
    assertEquals(head?.problem, problem);
    assert(URL.canParse(requestUrl(head!, true)));
  });
}

Deno.test("parseRequestHead() reads the rest of a head that has a problem", () => {
  const head = parseRequestHead("GET /x HTTP/1.1\nno colon\nAccept: a\n\n");
  assertEquals(head?.path, "/x");
  assertEquals(head?.headers, new Map([["accept", "a"]]));
  assertEquals(head?.problem, "a line ends in LF without CR");
});

Deno.test("parseRequestHead() quotes nothing of the peer in a problem", () => {
  let problems = 0;
  for (const { text } of [...SMUGGLING_REQUESTS, ...MALFORMED_REQUESTS]) {
    const secret = text.replace(/(: ?|[?@]|\r\n(?=\w)|GET \/?)/g, "$1hunter2");
    const problem = parseRequestHead(secret)?.problem;
    if (problem !== undefined) problems++;
    assert(!problem?.includes("hunter2"), problem);
  }
  assertGreater(problems, 40);
});

Deno.test("parseRequestHead() takes any byte anywhere without an exception", () => {
  const text = "PUT /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
  for (let at = 0; at < text.length; at++) {
    for (let code = 0; code < 256; code++) {
      const byte = String.fromCharCode(code);
      const head = parseRequestHead(
        text.slice(0, at) + byte + text.slice(at + 1),
      );
      if (head) assert(URL.canParse(requestUrl(head, false)));
    }
  }
});

Deno.test("requestUrl() names scheme, host, path and query", () => {
  const head = parsed("GET /x?y HTTP/1.1", "Host: Media.Example:61920");
  assertEquals(requestUrl(head, false), "http://Media.Example:61920/x?y");
  assertEquals(requestUrl(head, true), "https://Media.Example:61920/x?y");
});

Deno.test("requestUrl() stands in for what a request leaves out", () => {
  const old = parsed("GET /x HTTP/1.0");
  assertEquals(requestUrl(old, false), "http://localhost/x");
  const options = parsed("OPTIONS * HTTP/1.1", "Host: a");
  assertEquals(requestUrl(options, false), "http://a/");
});

Deno.test("requestUrl() cannot be led to another host", () => {
  for (const target of ["//evil/x", "/@evil", "/:80", "///"]) {
    const head = parsed(`GET ${target} HTTP/1.1`, "Host: a");
    assertEquals(new URL(requestUrl(head, false)).host, "a", target);
  }
});

Deno.test("each valid spelling of Host is taken", () => {
  for (
    const host of [
      ..."a a:80 a: a.b.c. A_b-c~d 127.0.0.1:65535 [::1] [::1]:61920".split(
        " ",
      ),
      ..."[::ffff:1.2.3.4] xn--mnchen-3ya.de localhost:00080".split(" "),
    ]
  ) {
    const head = parsed("GET /x HTTP/1.1", `Host: ${host}`);
    assert(URL.canParse(requestUrl(head, false)), host);
  }
});
