import { assertEquals } from "@std/assert";
import {
  type Credentials,
  readCredentials,
} from "../../lib/http/credentials.ts";

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

const CASES: readonly [header: string | null, read: Credentials][] = [
  [null, {}],
  ["", {}],
  ["Basic", {}],
  [`Basic ${base64("fier:123")}`, { user: "fier", password: "123" }],
  [`BASIC   ${base64("fier:123")} `, { user: "fier", password: "123" }],
  [`Basic ${base64(":456")}`, { user: "", password: "456" }],
  [`Basic ${base64("a:b:c:")}`, { user: "a", password: "b:c:" }],
  [`Basic ${base64("käse:ä😀")}`, { user: "käse", password: "ä😀" }],
  [`Basic ${base64("no colon")}`, {}],
  ["Basic %%%", {}],
  ["Basic wyg6YQ==", {}], // 0xc3 0x28: not UTF-8.
  ["Bearer 0a1b", { token: "0a1b" }],
  ["bearer  x.y-z ", { token: "x.y-z" }],
  ["Bearer a b", {}],
  ["Digest username=x", {}],
];

Deno.test("readCredentials() reads Basic and Bearer, and nothing else", () => {
  for (const [header, read] of CASES) {
    assertEquals(readCredentials(header), read, String(header));
  }
});
