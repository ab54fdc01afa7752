import { assertEquals, assertThrows } from "@std/assert";
import {
  choosePlayer,
  UnplayableError,
} from "../../../../lib/web/pages/players/choose_player.js";

/** A media element of a browser that decodes Vorbis and Opus, but not Theora, as Chromium does. */
const video = {
  canPlayType: (type: string) => /theora|mpegurl/.test(type) ? "" : "maybe",
  addEventListener: () => {},
  src: "",
};

const stage = {
  video,
  canvas: {},
  mediaUrl: "/fier/channel",
  onFrame: () => {},
  onFailure: () => {},
  onEnd: () => {},
};

function choose(
  container: string,
  codecs: string[],
): ReturnType<typeof choosePlayer> {
  const stream = { container, mime: "video/ogg", codecs, gap: 0 };
  return choosePlayer(stream, stage as never);
}

Deno.test("choosePlayer() names only the codecs that the browser does not decode", () => {
  assertThrows(
    () => choose("ogg", ["theora", "vorbis"]),
    UnplayableError,
    "This browser cannot decode Theora.",
  );
  assertEquals(choose("ogg", ["vorbis"]).name, "Browser");
  assertEquals(choose("ogg", []).name, "Browser");
});

Deno.test("choosePlayer() says why a container does not play", () => {
  const reasons = [
    ["raw", "The server does not recognise this stream's format."],
    ["y4m", "Browsers do not play Y4M."],
    ["__proto__", "Browsers do not play __proto__."],
    ["h264", "Browsers play raw H.264 only on pages that came over https."],
    ["webm", "This browser cannot decode VP8 and Opus."],
    ["matroska", "This browser cannot decode VP8 and Opus."],
    ["mpegts", "This browser cannot decode H.264."],
  ] as const;
  for (const [container, reason] of reasons) {
    const codecs = container === "mpegts" ? [] : ["vp8", "opus"];
    assertThrows(() => choose(container, codecs), UnplayableError, reason);
  }
});

Deno.test("choosePlayer() takes HLS where nothing else plays, the browser does and knows the codecs", () => {
  const types: string[] = [];
  const safari = {
    ...video,
    canPlayType: (type: string): string => {
      types.push(type);
      return type.includes("hev1") ? "" : "maybe";
    },
  };
  const hlsUrl = "/fier/channel/index.m3u8";
  const play = (container: string, codecs: string[], url?: string): string => {
    const stream = { container, codecs, gap: 0 };
    const place = { ...stage, video: safari, ...(url ? { hlsUrl: url } : {}) };
    const { name, isNative } = choosePlayer(stream, place as never);
    assertEquals(isNative, true);
    return `${name} ${safari.src}`;
  };
  assertEquals(play("mpegts", ["avc1.64001f"], hlsUrl), `HLS ${hlsUrl}`);
  assertEquals(types, [
    ...["application/vnd.apple.mpegurl", 'video/mp4; codecs="avc1.64001f"'],
  ]);
  assertEquals(play("ac3", ["ac-3"], hlsUrl), `HLS ${hlsUrl}`);
  assertEquals(play("ogg", ["vorbis"], undefined), "Browser /fier/channel");
  assertThrows(() => play("mpegts", ["hev1.1"], hlsUrl), UnplayableError);
  assertThrows(() => play("mpegts", ["avc1.64001f"]), UnplayableError);
});
