/** A request head that no server may accept. */
export interface MalformedRequest {
  /** Says what is wrong. */
  readonly name: string;
  /** The head, one character for each byte. */
  readonly text: string;
  /** The problem that is reported; `undefined` when the first line is no request line. */
  readonly problem: string | undefined;
}

/** Puts header lines behind a `GET` with a host. */
function get(...lines: readonly string[]): string {
  return ["GET / HTTP/1.1", "Host: a", ...lines, "", ""].join("\r\n");
}

/** Puts header lines behind a `POST` with a host. */
function post(...lines: readonly string[]): string {
  return ["POST / HTTP/1.1", "Host: a", ...lines, "", ""].join("\r\n");
}

function withTarget(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
}

function withHost(...hosts: readonly string[]): string {
  const lines = hosts.map((host) => `Host: ${host}\r\n`).join("");
  return `GET / HTTP/1.1\r\n${lines}\r\n`;
}

type Row = readonly [name: string, text: string];

/** Builds the cases that are all rejected for the same reason. */
function rejected(
  problem: string | undefined,
  rows: readonly Row[],
): MalformedRequest[] {
  return rows.map(([name, text]) => ({ name, text, problem }));
}

const TWO_BODIES = "both Content-Length and Transfer-Encoding";
const OTHER_CODING = "a Transfer-Encoding other than chunked";
const BAD_LENGTH = "a malformed Content-Length";
const BARE_LF = "a line ends in LF without CR";
const BARE_CR = "CR without LF";
const BAD_NAME = "an invalid character in a header name";
const BLANK_NAME = "whitespace in or behind a header name";
const BAD_VALUE = "a control character in a header value";

/** Forms by which one request is hidden in another, where two recipients read a head differently. */
export const SMUGGLING_REQUESTS: readonly MalformedRequest[] = [
  ...rejected(TWO_BODIES, [
    ["CL.TE", post("Content-Length: 13", "Transfer-Encoding: chunked")],
    ["TE.CL", post("Transfer-Encoding: chunked", "Content-Length: 3")],
    [
      "CL.TE with identity",
      post("Content-Length: 5", "Transfer-Encoding: identity"),
    ],
    ["CL.TE with nothing", post("Content-Length: 10", "Transfer-Encoding:")],
    [
      "CL.0 with chunked",
      post("Content-Length: 0", "Transfer-Encoding: chunked"),
    ],
    [
      "CL.TE in odd case",
      post("content-LENGTH: 5", "tRANSFER-encoding: chunked"),
    ],
    [
      "CL.TE in HTTP/1.0",
      "POST / HTTP/1.0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
  ]),
  ...rejected(OTHER_CODING, [
    ["TE xchunked", post("Transfer-Encoding: xchunked")],
    ["TE chunkedchunked", post("Transfer-Encoding: chunkedchunked")],
    ["TE chunked, chunked", post("Transfer-Encoding: chunked, chunked")],
    [
      "TE chunked twice",
      post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    ],
    ["TE chunked, identity", post("Transfer-Encoding: chunked, identity")],
    ["TE identity, chunked", post("Transfer-Encoding: identity, chunked")],
    [
      "TE.TE with cow",
      post("Transfer-Encoding: chunked", "Transfer-encoding: cow"),
    ],
    [
      "TE.TE with nothing",
      post("Transfer-Encoding: chunked", "Transfer-Encoding:"),
    ],
    ["TE gzip, chunked", post("Transfer-Encoding: gzip, chunked")],
    ["TE identity", post("Transfer-Encoding: identity")],
    ["TE empty", post("Transfer-Encoding:")],
    ["TE with a parameter", post("Transfer-Encoding: chunked;q=1")],
    ["TE quoted", post('Transfer-Encoding: "chunked"')],
    ["TE in apostrophes", post("Transfer-Encoding: 'chunked'")],
    ["TE with a comma", post("Transfer-Encoding: chunked,")],
    ["TE behind a comma", post("Transfer-Encoding: ,chunked")],
    ["TE with a no-break space", post("Transfer-Encoding: chunked\xa0")],
    ["TE with a second colon", post("Transfer-Encoding:: chunked")],
  ]),
  ...rejected("Transfer-Encoding in HTTP/1.0", [
    ["TE in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ]),
  ...rejected(BAD_VALUE, [
    ["TE behind a vertical tab", post("Transfer-Encoding:\x0bchunked")],
    ["TE behind a form feed", post("Transfer-Encoding: \x0cchunked")],
    ["TE behind a NUL", post("Transfer-Encoding: chunked\0")],
    ["CL behind a NUL", post("Content-Length: 5\0")],
  ]),
  ...rejected(BLANK_NAME, [
    ["TE with a space before the colon", post("Transfer-Encoding : chunked")],
    ["TE with a tab before the colon", post("Transfer-Encoding\t: chunked")],
    ["CL with a space before the colon", post("Content-Length : 5")],
    ["TE with a space for the hyphen", post("Transfer Encoding: chunked")],
  ]),
  ...rejected(BAD_NAME, [
    ["TE behind a NUL in its name", post("\0Transfer-Encoding: chunked")],
    ["TE with a backspace", post("Transfer-Encoding\x08: chunked")],
    [
      "TE with a no-break space in its name",
      post("Transfer-Encoding\xa0: chunked"),
    ],
  ]),
  ...rejected("a folded header line", [
    ["TE folded", post("Transfer-Encoding:", " chunked")],
    ["TE folded behind chunked", post("Transfer-Encoding: chunked", "\tabc")],
    ["CL hidden in a fold", post("Foo: bar", " Content-Length: 38")],
    ["a fold as first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"],
  ]),
  ...rejected(BARE_LF, [
    ["TE behind LF", post("X: x\nTransfer-Encoding: chunked")],
    ["CL behind LF", post("X: x\nContent-Length: 23")],
    ["TE behind LF and no value", post("X:\nTransfer-Encoding: chunked")],
  ]),
  ...rejected(BARE_CR, [
    ["TE behind CR", post("X: x\rTransfer-Encoding: chunked")],
    ["TE behind CR and no value", post("X:\rTransfer-Encoding: chunked")],
    ["CR within a name", post("Content\rLength: 3")],
    ["CR as first character of a line", post("\rContent-Length: 3")],
    ["CR twice at a line's end", post("X: x\r")],
  ]),
  ...rejected("Content-Length twice", [
    ["CL.CL", post("Content-Length: 5", "Content-Length: 6")],
    ["CL.CL of one value", post("Content-Length: 5", "Content-Length: 5")],
    ["CL.CL with nothing", post("Content-Length: 5", "Content-Length:")],
  ]),
  ...rejected(BAD_LENGTH, [
    ["CL +5", post("Content-Length: +5")],
    ["CL -5", post("Content-Length: -5")],
    ["CL -0", post("Content-Length: -0")],
    ["CL 0x5", post("Content-Length: 0x5")],
    ["CL 5, 5", post("Content-Length: 5, 5")],
    ["CL 5, 6", post("Content-Length: 5, 6")],
    ["CL 5,", post("Content-Length: 5,")],
    ["CL 4 2", post("Content-Length: 4 2")],
    ["CL 5.0", post("Content-Length: 5.0")],
    ["CL 1e3", post("Content-Length: 1e3")],
    ["CL 5_0", post("Content-Length: 5_0")],
    ["CL empty", post("Content-Length:")],
    ["CL chunked", post("Content-Length: chunked")],
    ["CL quoted", post('Content-Length: "5"')],
    ["CL in superscript", post("Content-Length: \xb2")],
  ]),
  ...rejected("Content-Length of more than 15 digits", [
    ["CL of 2^64", post("Content-Length: 18446744073709551616")],
    ["CL of 16 zeros", post("Content-Length: 0000000000000000")],
  ]),
];

/** Heads that are malformed in ways that hide no request. */
export const MALFORMED_REQUESTS: readonly MalformedRequest[] = [
  ...rejected("no Host", [
    ["no host", "GET / HTTP/1.1\r\n\r\n"],
    ["no host behind other headers", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n"],
    ["an absolute target without Host", "GET http://a/ HTTP/1.1\r\n\r\n"],
  ]),
  ...rejected("more than one Host", [
    ["two hosts", withHost("a", "b")],
    ["one host twice", withHost("a", "a")],
    ["a host and an empty one", withHost("a", "")],
  ]),
  ...rejected("a malformed Host", [
    ["an empty host", withHost("")],
    ["a list of hosts", withHost("a, b")],
    ["a host with a path", withHost("a/b")],
    ["a host with a query", withHost("a?b")],
    ["a host with a fragment", withHost("a#b")],
    ["a host with user information", withHost("user:secret@a")],
    ["a URL as host", withHost("http://a")],
    ["a host with a space", withHost("a b")],
    ["a host with a backslash", withHost("a\\b")],
    ["a percent-encoded host", withHost("%61")],
    ["a host beyond ASCII", withHost("\xe4")],
    ["a host that IDNA rejects", withHost("xn--a")],
    ["an IPv4 address with 256", withHost("1.2.3.256")],
    ["a name that ends in a number", withHost("a.1")],
    ["IPv6 without brackets", withHost("::1")],
    ["IPv6 with an open bracket", withHost("[::1")],
    ["IPv6 with a zone", withHost("[fe80::1%25eth0]")],
    ["IPv6 of nine groups", withHost("[1:2:3:4:5:6:7:8:9]")],
    ["a port of 65536", withHost("a:65536")],
    ["a port with letters", withHost("a:http")],
    ["a port with a sign", withHost("a:+80")],
    ["two ports", withHost("a:1:2")],
    ["a port without a host", withHost(":80")],
    ["a malformed host in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a/b\r\n\r\n"],
  ]),
  ...rejected("a malformed host in the target", [
    ["an absolute target without a host", withTarget("http:///x")],
    ["an absolute target with user information", withTarget("http://u:p@a/")],
    ["an absolute target with a bad port", withTarget("http://a:99999/")],
    ["an absolute target with an open bracket", withTarget("http://[::1/x")],
  ]),
  ...rejected("the target is neither a path nor an HTTP URL", [
    ["a target without a slash", withTarget("index.html")],
    ["a query alone", withTarget("?x")],
    ["an asterisk with GET", withTarget("*")],
    ["an asterisk and more", "OPTIONS *x HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["another scheme", withTarget("ftp://a/x")],
    ["a scheme with one slash", withTarget("http:/a/x")],
    ["a script's scheme", withTarget("javascript:x")],
    ["authority-form", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"],
  ]),
  ...rejected("a fragment in the target", [
    ["a fragment", withTarget("/x#y")],
    ["a fragment behind a query", withTarget("/x?y#z")],
    ["a fragment alone", withTarget("#")],
    ["a fragment in an absolute target", withTarget("http://a/#b")],
  ]),
  ...rejected("a backslash in the path", [
    ["a backslash", withTarget("/\\evil")],
    ["a leading backslash", withTarget("\\x")],
    ["a backslash in an absolute target", withTarget("http://a\\@b/")],
  ]),
  ...rejected("a percent sign without two hex digits in the target", [
    ["a percent sign at the end", withTarget("/x%")],
    ["a percent sign and one digit", withTarget("/x%4")],
    ["a percent sign and letters", withTarget("/%zz")],
    ["a percent sign in the query", withTarget("/?x=%u00e4")],
  ]),
  ...rejected("a control character in the target", [
    ["NUL in the target", withTarget("/\0")],
    ["TAB in the target", withTarget("/\t")],
    ["DEL in the target", withTarget("/\x7f")],
    ["CR in the target", withTarget("/\rx")],
  ]),
  ...rejected("a character beyond ASCII in the target", [
    ["UTF-8 in the target", withTarget("/\xc3\xa4")],
    ["Latin-1 in the query", withTarget("/?\xe4")],
  ]),
  ...rejected(BARE_LF, [
    ["LF everywhere", "GET / HTTP/1.1\nHost: a\n\n"],
    ["LF behind the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"],
    ["LF behind a header", "GET / HTTP/1.1\r\nHost: a\n\r\n"],
    ["LF as empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n"],
  ]),
  ...rejected(BARE_CR, [["CR within a value", get("Foo: 1\rBar: 2")]]),
  ...rejected(BAD_VALUE, [
    ["NUL in a value", get("X: a\0b")],
    ["ESC in a value", get("X: \x1b[31m")],
    ["DEL in a value", get("X: \x7f")],
    ["VT around a value", get("X: \x0bx\x0b")],
  ]),
  ...rejected(BAD_NAME, [
    ["@ in a name", get("Fo@: x")],
    ["a name in brackets", get("[Foo]: x")],
    ["a control character in a name", get("Foo\x01\x7ftest: x")],
    ["a name beyond ASCII", get("F\xf6: x")],
    ["a quoted name", get('"Foo": x')],
    ["a comma in a name", get("Foo,Bar: x")],
  ]),
  ...rejected("an empty header name", [["no name", get(": x")]]),
  ...rejected(BLANK_NAME, [["a name of two words", get("Foo Bar: x")]]),
  ...rejected("a header line without a colon", [
    ["no colon", get("Foo")],
    ["no colon before a fold", get("name", " : value")],
  ]),
  ...rejected("Authorization twice", [
    [
      "two credentials",
      get("Authorization: Basic YTpi", "authorization: Basic YTpj"),
    ],
    [
      "credentials and none",
      get("Authorization: Basic YTpi", "Authorization:"),
    ],
  ]),
  ...rejected("more than 100 header fields", [
    ["101 header fields", get(...Array.from({ length: 100 }, () => "a:"))],
  ]),
  ...rejected("no empty line ends the head", [
    ["no empty line", "GET / HTTP/1.1\r\nHost: a\r\n"],
    ["an open line", "GET / HTTP/1.1\r\nHost: a\r\nX: y"],
  ]),
  ...rejected("bytes behind the empty line", [
    ["bytes behind the head", `${get()}x`],
  ]),
  ...rejected(undefined, [
    ["nothing", ""],
    ["an empty line", "\r\n\r\n"],
    ["no line end", "GET / HTTP/1.1"],
    [
      "an empty line before the request",
      "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ["no version", "GET /\r\nHost: a\r\n\r\n"],
    ["HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n"],
    ["HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n"],
    ["HTTP/1.01", "GET / HTTP/1.01\r\nHost: a\r\n\r\n"],
    ["HTTP/1.", "GET / HTTP/1.\r\nHost: a\r\n\r\n"],
    ["HTTP/2.0", "PRI * HTTP/2.0\r\n\r\n"],
    ["HTTP/5.6", "GET / HTTP/5.6\r\n\r\n"],
    ["http/1.1", "GET / http/1.1\r\nHost: a\r\n\r\n"],
    ["IHTTP", "GET / IHTTP/1.0\r\n\r\n"],
    ["RTSP", "PUT / RTSP/1.0\r\n\r\n"],
    ["ICE", "GET / ICE/1.0\r\n\r\n"],
    ["no method", " / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["an empty target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["two spaces behind the method", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["two spaces behind the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"],
    ["a space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["tabs for spaces", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n"],
    ["CR behind the version", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"],
    ["a colon in the method", "GET: / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a method beyond ASCII", "G\xcbT / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["NUL in the method", "GE\0T / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["NUL behind the version", "GET / HTTP/1.1\0\r\n\r\n"],
  ]),
];
