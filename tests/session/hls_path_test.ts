import { assertEquals } from "@std/assert";
import { readHlsPath } from "../../lib/session/hls_path.ts";

const ID = "0123456789abcdef0123456789abcdef";

Deno.test("readHlsPath() reads playlists, segments and init segments", () => {
  const fier = { user: "fier", channel: "a/b" };
  assertEquals(readHlsPath("/fier/a%2Fb/index.m3u8"), {
    ...{ ...fier, name: "index.m3u8", resource: { kind: "index" } },
  });
  assertEquals(readHlsPath("/fier/a%2Fb/live.m3u8"), {
    ...{ ...fier, name: "live.m3u8", resource: { kind: "live" } },
  });
  assertEquals(readHlsPath(`/fier/a%2Fb/${ID}/5-17.m4s`), {
    ...{ ...fier, name: `${ID}/5-17.m4s` },
    resource: { kind: "segment", id: ID, start: 5, end: 17 },
  });
  assertEquals(readHlsPath(`/fier/a%2Fb/${ID}/init-3.mp4`), {
    ...{ ...fier, name: `${ID}/init-3.mp4` },
    resource: { kind: "map", id: ID, map: 3 },
  });
});

Deno.test("readHlsPath() leaves everything else", () => {
  const others = [
    ...[
      "",
      "*",
      "/",
      "/fier",
      "/fier/hall",
      "/fier/index.m3u8",
      "//a/index.m3u8",
    ],
    ...["/api/x/index.m3u8", "/fier/hall/index.m3u8/", "/fier/hall/x.m3u8"],
    ...[
      "/fier/%zz/index.m3u8",
      "/fier/hall/x/index.m3u8",
      "/a/b/../index.m3u8",
    ],
    ...[`/fier/hall/${ID}/5-17`, `/fier/hall/${ID}/-5-17.ts`],
    ...[`/fier/hall/${ID}/5-${"9".repeat(16)}.ts`, `/fier/hall/${ID}0/5-17.ts`],
    ...[`/fier/hall/${ID}/5-17.ts/`, `/fier/hall/${ID}/init-.mp4`],
    `/fier/hall/${ID.toUpperCase()}/5-17.ts`,
  ];
  for (const path of others) assertEquals(readHlsPath(path), undefined, path);
});
