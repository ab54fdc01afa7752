import { bytesOf } from "../helpers/wire_bytes.ts";

/** A chunked body, and what it decodes to. */
export interface ChunkedBody {
  /** Says what is special about it. */
  readonly name: string;
  /** The coded bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The data; `undefined` when the body is malformed. */
  readonly data: string | undefined;
  /** Why it is rejected. */
  readonly problem: string | undefined;
}

const WELL_FORMED: readonly (readonly [string, string, string])[] = [
  ["nothing", "0\r\n\r\n", ""],
  ["one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"],
  ["a size in lower case", "a\r\n0123456789\r\n0\r\n\r\n", "0123456789"],
  ["a size in upper case", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789"],
  [
    "a size of two digits",
    "1e\r\nall your base are belong to us\r\n0\r\n\r\n",
    "all your base are belong to us",
  ],
  [
    "a last chunk of three zeros",
    "5\r\nhello\r\n6\r\n world\r\n000\r\n\r\n",
    "hello world",
  ],
  ["a size of 16 digits", "0000000000000001\r\nx\r\n0\r\n\r\n", "x"],
  [
    "data that looks like framing",
    "9\r\n0\r\n\r\n5\r\n\r\r\n0\r\n\r\n",
    "0\r\n\r\n5\r\n\r",
  ],
  [
    "trailers",
    "5\r\nhello\r\n0\r\nVary: *\r\nContent-Type: text/plain\r\n\r\n",
    "hello",
  ],
  ["an extension", "5;ilovew3;a=b\r\nhello\r\n0;x\r\n\r\n", "hello"],
  [
    "a quoted extension",
    '5;a="I \\"love\\"; \\\\extensions\\\\";b\r\nhello\r\n0\r\n\r\n',
    "hello",
  ],
  ["an extension of 1 KiB", `1;${"x".repeat(1024)}\r\nx\r\n0\r\n\r\n`, "x"],
  [
    "two extensions of 1 KiB",
    `1;${"x".repeat(1024)}\r\nx\r\n0;${"x".repeat(1024)}\r\n\r\n`,
    "x",
  ],
  [
    "trailers of 4 KiB",
    `0\r\n${"a:".padEnd(2048)}\r\n${"b:".padEnd(2048)}\r\n\r\n`,
    "",
  ],
  [
    "another request behind its end",
    "1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    "x",
  ],
];

const BAD_SIZE = "a malformed chunk size";
const SIZE_END = "a chunk size must end in CRLF";
const DATA_END = "a chunk's data must end in CRLF";
const CONTROL = "a control character in the chunked coding";
const TOO_LARGE = "a chunk of more than 4294967296 bytes";
const CUT = "the body ended before its last chunk";

const MALFORMED: readonly (readonly [string, string, string])[] = [
  ["nothing at all", "", CUT],
  ["no last chunk", "5\r\nhello\r\n", CUT],
  ["cut data", "5\r\nhel", CUT],
  ["a cut size", "5", CUT],
  ["no empty line behind the last chunk", "0\r\n", CUT],
  ["cut trailers", "0\r\nVary: *\r\n", CUT],
  ["an empty line for a last chunk", "3\r\nfoo\r\n\r\n", BAD_SIZE],
  ["no size", "\r\nhello\r\n", BAD_SIZE],
  ["an extension without a size", ";a=b\r\n", BAD_SIZE],
  ["a size in 0x", "0x5\r\nhello\r\n", BAD_SIZE],
  ["a size with a plus", "+5\r\nhello\r\n", BAD_SIZE],
  ["a size with a minus", "-5\r\nhello\r\n", BAD_SIZE],
  ["a space before a size", " 5\r\nhello\r\n", BAD_SIZE],
  ["a space behind a size", "5 \r\nhello\r\n", BAD_SIZE],
  ["a tab behind a size", "5\t\r\nhello\r\n", BAD_SIZE],
  ["a space before an extension", "5 ;a\r\nhello\r\n", BAD_SIZE],
  ["an extension without a semicolon", "2 erfrferferf\r\naa\r\n", BAD_SIZE],
  ["a size with an underscore", "1_0\r\n", BAD_SIZE],
  ["a size with a dot", "5.0\r\nhello\r\n", BAD_SIZE],
  ["a size with a comma", "5,5\r\nhello\r\n", BAD_SIZE],
  ["a size in g", "g\r\n", BAD_SIZE],
  ["a character behind 9", ":\r\n", BAD_SIZE],
  ["a character before a", "`\r\n", BAD_SIZE],
  ["a NUL in a size", "5\0\r\nhello\r\n", BAD_SIZE],
  ["a line end of LF behind a size", "5\nhello\r\n", BAD_SIZE],
  ["a line end of LF behind the last chunk", "0\n\n", BAD_SIZE],
  ["a line end of CR behind a size", "5\rhello\r\n", SIZE_END],
  ["two CRs behind a size", "5\r\r;ABCD\r\n34\r\nE\r\n0\r\n\r\n", SIZE_END],
  ["a line end of LF behind an extension", "5;a\nhello\r\n", CONTROL],
  ["a line end of CR behind an extension", "5;a\rhello\r\n", SIZE_END],
  ["a NUL in an extension", "5;\0\r\nhello\r\n", CONTROL],
  ["an LF in a quoted extension", '5;a="\n"\r\nhello\r\n', CONTROL],
  ["data longer than its size", "5\r\nhello!\r\n0\r\n\r\n", DATA_END],
  ["data shorter than its size", "5\r\nhell\r\n0\r\n\r\n", DATA_END],
  ["data without a line end", "5\r\nABCDE0\r\n\r\n", DATA_END],
  ["a line end of LF behind data", "5\r\nhello\n0\r\n\r\n", DATA_END],
  ["a line end of CR behind data", "5\r\nhello\r0\r\n\r\n", DATA_END],
  ["a chunk of 2^32 and a byte", "100000001\r\n", TOO_LARGE],
  [
    "a chunk of 2^64 and five bytes",
    "10000000000000005\r\nhello\r\n",
    TOO_LARGE,
  ],
  ["a chunk of 2^64 less a byte", "ffffffffffffffff\r\n", TOO_LARGE],
  ["a size that 32 bits would cut to 5", "100000005\r\nhello\r\n", TOO_LARGE],
  [
    "a size of 17 digits",
    "00000000000000005\r\n",
    "a chunk size of more than 16 digits",
  ],
  ["endless zeros", "0".repeat(9000), "a chunk size of more than 16 digits"],
  [
    "an extension of 1 KiB and a byte",
    `1;${"x".repeat(1025)}\r\nx\r\n`,
    "chunk extensions of more than 1024 bytes",
  ],
  [
    "trailers of 4 KiB and a byte",
    `0\r\n${"a:".padEnd(4096)}\r\nb\r\n\r\n`,
    "trailers of more than 4096 bytes",
  ],
  ["a line end of LF behind a trailer", "0\r\na: b\n\r\n", CONTROL],
  [
    "a line end of CR behind a trailer",
    "0\r\na: b\rc: d\r\n\r\n",
    "a trailer line must end in CRLF",
  ],
  ["a line end of LF behind trailers", "0\r\na: b\r\n\n", CONTROL],
  ["a line end of CR behind trailers", "0\r\n\rx", "trailers must end in CRLF"],
  ["a NUL in a trailer", "0\r\na: \0\r\n\r\n", CONTROL],
];

/** Chunked bodies, well-formed and malformed. */
export const CHUNKED_BODIES: readonly ChunkedBody[] = [
  ...WELL_FORMED.map(([name, text, data]) => ({
    name,
    bytes: bytesOf(text),
    data,
    problem: undefined,
  })),
  ...MALFORMED.map(([name, text, problem]) => ({
    name,
    bytes: bytesOf(text),
    data: undefined,
    problem,
  })),
];
