import { assertEquals } from "@std/assert";
import {
  readChannelPath,
  RESERVED_NAMES,
} from "../../lib/session/channel_path.ts";

const GOOD: readonly [path: string, user: string, channel: string][] = [
  ["/fier", "fier", "default"],
  ["/fier/", "fier", "default"],
  ["/fier/cam", "fier", "cam"],
  ["/fier/cam/", "fier", "cam"],
  ["/fier/a%2Fb", "fier", "a/b"],
  ["/k%C3%A4se/%F0%9F%98%80", "käse", "😀"],
  ["/Metrics", "Metrics", "default"],
  ["/fier/api", "fier", "api"],
  ["/%2E%2E", "..", "default"],
];

const BAD = [
  "//evil.example/fier",
  "/api/token",
  "*",
  "",
  "/",
  "//",
  "//cam",
  "/a/b/c",
  "/a/b//",
  "/%",
  "/%zz",
  "/%c3",
  "/fier/%ff",
];

Deno.test("readChannelPath() reads a user and a channel", () => {
  for (const [path, user, channel] of GOOD) {
    assertEquals(readChannelPath(path), { user, channel }, path);
  }
});

Deno.test("readChannelPath() takes nothing else, and no reserved word, however it is written", () => {
  const spelled = RESERVED_NAMES.flatMap((name) => [
    `/${name}`,
    `/${name}/x`,
    `/%${name.charCodeAt(0).toString(16)}${name.slice(1)}`,
  ]);
  for (const path of [...BAD, ...spelled]) {
    assertEquals(readChannelPath(path), undefined, path);
  }
});
