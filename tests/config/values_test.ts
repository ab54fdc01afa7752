import { assertEquals, assertThrows } from "@std/assert";
import { formatAddress, parseAddress } from "../../lib/net/address.ts";
import {
  formatBytes,
  MAX_TIME_S,
  parseBitRate,
  parseCount,
  parseMaxLag,
  parseSeconds,
  parseSize,
  parseSwitch,
} from "../../lib/config/values.ts";

function assertReads<T>(
  parse: (text: string) => T,
  good: readonly (readonly [text: string, value: T])[],
  bad: readonly string[],
  expects: string,
): void {
  for (const [text, value] of good) assertEquals(parse(text), value, text);
  for (const text of bad) assertThrows(() => parse(text), SyntaxError, expects);
}

Deno.test("parseSize() reads powers of 1024", () => {
  assertReads(
    parseSize,
    [
      ["0", 0],
      ["1000", 1000],
      ["64B", 64],
      ["512K", 524_288],
      ["512k", 524_288],
      ["8M", 8_388_608],
      ["8MB", 8_388_608],
      [" 8MiB ", 8_388_608],
      ["2G", 2 ** 31],
    ],
    ["", "M", "-1", "1.5M", "8 M", "8T", "8MM", "0x10", "1e3", "1".repeat(13)],
    "expects a size such as 512K or 8M, not",
  );
});

Deno.test("parseSeconds() reads seconds, minutes, hours and days", () => {
  assertReads(
    parseSeconds,
    [
      ["0", 0],
      ["30", 30],
      ["30s", 30],
      ["0.25", 0.25],
      ["1.5m", 90],
      ["2h", 7200],
      [" 1d ", 86_400],
      ["24d", MAX_TIME_S],
    ],
    ["", "s", "-1", ".5", "5.", "1 s", "1M", "1w", "1e3", "Infinity"],
    "expects a time such as 30 or 2m, not",
  );
});

Deno.test("parseSeconds() refuses what no timer can wait for", () => {
  for (const text of ["24.1d", "577h", `${MAX_TIME_S + 1}`, "999999999d"]) {
    assertThrows(() => parseSeconds(text), SyntaxError, "at most 24d");
  }
  assertEquals(parseSeconds("31d", 31 * 86_400), 31 * 86_400);
  assertThrows(
    () => parseSeconds("32d", 31 * 86_400),
    SyntaxError,
    "at most 31d",
  );
  // Timers take milliseconds as a signed number of 32 bits.
  assertEquals(MAX_TIME_S * 1000 < 2 ** 31, true);
});

Deno.test("parseCount() reads digits", () => {
  assertReads(
    parseCount,
    [["0", 0], ["16", 16], [" 7 ", 7], ["999999999", 999_999_999]],
    ["", "-1", "1.0", "1K", "1e3", "1 0", "1000000000"],
    "expects a whole number, not",
  );
});

Deno.test("parseAddress() reads host and port, either alone, and IPv6 in brackets", () => {
  assertReads(
    (text) => parseAddress(text, 61920),
    [
      ["127.0.0.1:80", { host: "127.0.0.1", port: 80 }],
      ["example.org", { host: "example.org", port: 61920 }],
      ["my-host_1:0", { host: "my-host_1", port: 0 }],
      [":8000", { host: "", port: 8000 }],
      ["8000", { host: "", port: 8000 }],
      ["[::1]", { host: "::1", port: 61920 }],
      ["[::]:65535", { host: "::", port: 65535 }],
      ["[fe80::1%eth0]:1", { host: "fe80::1%eth0", port: 1 }],
      [" localhost:1 ", { host: "localhost", port: 1 }],
    ],
    [
      "",
      ":",
      "host:",
      "host:-1",
      "host:65536",
      "65536",
      ":99999",
      "host:http",
      "http://host:1",
      "host:1/x",
      "::1",
      "[]",
      "[]:1",
      "[::1]1",
      "a b:1",
      "--quiet",
      "-:1",
      "fier@host:1",
    ],
    "expects an address such as 127.0.0.1:61920, not",
  );
});

Deno.test("parseAddress() reads back what formatAddress() writes", () => {
  for (const host of ["127.0.0.1", "", "::", "fe80::1%eth0", "a.example"]) {
    const address = { host, port: 61920 };
    assertEquals(parseAddress(formatAddress(address), 1), address, host);
  }
});

Deno.test("formatBytes() writes three digits or more and never 1000 of a unit", () => {
  for (
    const [bytes, text] of [
      [0, "0 B"],
      [1, "1 B"],
      [12.8, "13 B"],
      [999, "999 B"],
      [999.6, "1.00 kB"],
      [1000, "1.00 kB"],
      [9994, "9.99 kB"],
      [9996, "10.0 kB"],
      [123_456, "123.5 kB"],
      [999_949, "999.9 kB"],
      [999_950, "1.00 MB"],
      [8_388_608, "8.39 MB"],
      [1.5e9, "1.50 GB"],
      [2e12, "2.00 TB"],
      [5e15, "5000.0 TB"],
    ] as const
  ) {
    assertEquals(formatBytes(bytes), text);
  }
});

Deno.test("every parser quotes what it was given on one line, cut short", () => {
  const text = "\x1b[31m\n" + "x".repeat(500);
  for (
    const parse of [
      parseSize,
      parseSeconds,
      parseCount,
      (text: string): unknown => parseAddress(text, 1),
    ]
  ) {
    const { message } = assertThrows(() => parse(text), SyntaxError);
    assertEquals(message.split(", not ")[1], JSON.stringify(text.slice(0, 80)));
  }
});

Deno.test("parseBitRate() reads what encoders take", () => {
  for (
    const [text, rate] of [
      ["0", 0],
      ["64000", 64_000],
      ["800k", 800_000],
      ["128K", 128_000],
      ["2.5M", 2_500_000],
      [" 8M ", 8_000_000],
    ] as const
  ) assertEquals(parseBitRate(text), rate, text);
  for (const text of ["", "M", "8G", "8 M", "-1", "1e6", "8m", "8Mbit"]) {
    assertThrows(() => parseBitRate(text), SyntaxError, "expects a bit rate");
  }
});

Deno.test("parseMaxLag() reads a time or a size, which a unit tells apart", () => {
  const no = Infinity;
  assertReads(
    parseMaxLag,
    [
      ["auto", { bytes: no, seconds: no }],
      ["4s", { bytes: no, seconds: 4 }],
      [" 1.5m ", { bytes: no, seconds: 90 }],
      ["64K", { bytes: 65_536, seconds: no }],
      ["2M", { bytes: 2_097_152, seconds: no }],
      ["1GiB", { bytes: 1_073_741_824, seconds: no }],
    ],
    ["", "4", "Auto", "0s", "0.9s", "63K", "0M", "1e9", "4S"],
    "expects auto, a time such as 4s",
  );
  assertThrows(() => parseMaxLag("xs"), SyntaxError, "expects a time");
  assertThrows(() => parseMaxLag("xM"), SyntaxError, "expects a size");
});

Deno.test("parseSwitch() reads what people write", () => {
  for (const text of ["true", "Yes", "on", "1", " TRUE "]) {
    assertEquals(parseSwitch(text), true, text);
  }
  for (const text of ["false", "No", "off", "0"]) {
    assertEquals(parseSwitch(text), false, text);
  }
  for (const text of ["", "2", "nope", "truefalse"]) {
    assertThrows(() => parseSwitch(text), SyntaxError, "expects true or false");
  }
});
