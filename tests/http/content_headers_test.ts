import { assertEquals } from "@std/assert";
import {
  acceptsGzip,
  byteRange,
  notModified,
} from "../../lib/http/content_headers.ts";

Deno.test("notModified() compares If-None-Match weakly with the entity tag", () => {
  const cases: [string | null | undefined, boolean][] = [
    [null, false],
    [undefined, false],
    ["", false],
    ["*", true],
    [" * ", true],
    ['"a"', true],
    ['W/"a"', true],
    ['"b"', false],
    ['"A"', false],
    ['"b", "a"', true],
    ['"b","a"', true],
    ['"b",\tW/"a" , "c"', true],
    [', "a",, ', true],
    ['"a", "b', false],
    ['"b, "a"', false],
    ['"x,y", "a"', true],
    ['"x,\\", "a"', true],
    ["a", false],
    ['w/"a"', false],
    ['W/ "a"', false],
    ['"a" "b"', false],
    ['*, "b"', false],
    ['""', false],
    ['"a"x', false],
  ];
  for (const [value, expected] of cases) {
    assertEquals(notModified(value, '"a"'), expected, `${value}`);
    assertEquals(notModified(value, 'W/"a"'), expected, `${value}, weak`);
  }
});

Deno.test("notModified() takes tags with commas and bytes beyond ASCII", () => {
  assertEquals(notModified('"b", "x,y"', '"x,y"'), true);
  assertEquals(notModified('"\xe4\\"', '"\xe4\\"'), true);
});

Deno.test("notModified() reads a list of 8 KiB at once", () => {
  assertEquals(notModified(`${'"b",'.repeat(2000)}"a"`, '"a"'), true);
  assertEquals(notModified(" ".repeat(8000) + "x", '"a"'), false);
});

Deno.test("acceptsGzip() reads codings and their weights", () => {
  const cases: [string | null | undefined, boolean][] = [
    [null, false],
    [undefined, false],
    ["", false],
    ["gzip", true],
    ["GZIP", true],
    ["x-gzip", true],
    ["gzip, deflate, br, zstd", true],
    ["br,gzip;q=0.5", true],
    ["gzip;q=0", false],
    ["gzip;q=0.0", false],
    ["gzip;q=0.000", false],
    ["gzip;q=0.001", true],
    ["gzip ; q=1.000", true],
    ["gzip;Q=1", true],
    ["gzip;q=1.5", false],
    ["gzip;q=2", false],
    ["gzip;q=0.0001", false],
    ["gzip;q=-1", false],
    ["gzip;q=", false],
    ["gzip;q", false],
    ["gzip;level=9", false],
    ["gzip;q=0, gzip", false],
    ["gzip, gzip;q=0", false],
    ["*", true],
    ["*;q=0", false],
    ["*;q=0, gzip", true],
    ["*, gzip;q=0", false],
    ["identity", false],
    ["identity;q=0", false],
    ["deflate, br", false],
    ["gzipped", false],
    ["notgzip", false],
    ["x,gzip-2", false],
    [" gzip ", true],
    [",,gzip,", true],
  ];
  for (const [value, expected] of cases) {
    assertEquals(acceptsGzip(value), expected, `${value}`);
  }
});

Deno.test("byteRange() reads one range of bytes, and leaves the rest to the whole", () => {
  const good: [string, number, number][] = [
    ["bytes=0-", 0, 100],
    ["Bytes=0-0", 0, 1],
    [" bytes=5-9 ", 5, 10],
    ["bytes=99-200", 99, 100],
    ["bytes=-1", 99, 100],
    ["bytes=-500", 0, 100],
  ];
  for (const [value, from, to] of good) {
    assertEquals(byteRange(value, 100), { from, to }, value);
  }
  for (const value of ["bytes=100-", "bytes=-0", "bytes=100-200"]) {
    assertEquals(byteRange(value, 100), "unsatisfiable", value);
  }
  const ignored = ["", "bytes=-", "bytes=0-,5-", "x=0-", "bytes 0-", "bytes="];
  const wrong = ["bytes=9-5", "bytes=1e3-", "bytes=0-0x5", "bytes= 0-1"];
  const long = `bytes=${"9".repeat(16)}-`;
  for (const value of [...ignored, ...wrong, long, null, undefined]) {
    assertEquals(byteRange(value, 100), undefined, `${value}`);
  }
});
