import { assertEquals, assertThrows } from "@std/assert";
import {
  choosePlayer,
  UnplayableError,
} from "../../../../lib/web/pages/players/choose_player.js";

/** A media element of a browser that decodes Vorbis and Opus, but not Theora, as Chromium does. */
const video = {
  canPlayType: (type: string) => type.includes("theora") ? "" : "maybe",
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
