import { assertEquals } from "@std/assert";
import {
  codecName,
  lagText,
  mediaText,
} from "../../../../lib/web/pages/ui/format.js";

Deno.test("codecName() tells the kinds of MPEG audio apart", () => {
  const names = [
    ...["mp4a.40.2", "mp4a.40.5", "mp4a.40.34", "mp4a.40.33", "mp4a.6B"],
    ...["mp4a.a5", "mp3", "x-new"],
  ].map(codecName);
  assertEquals(names, [
    ...["AAC", "AAC", "MP3", "MP2", "MP3"],
    ...["AC-3", "MP3", "x-new"],
  ]);
});

Deno.test("mediaText() names each codec once, and a container that is its codec alone", () => {
  assertEquals(
    mediaText("mpegts", ["avc1.64001f", "mp4a.40.34"]),
    "MPEG-TS: H.264, MP3",
  );
  assertEquals(mediaText("mp3", ["mp3"]), "MP3");
});

Deno.test("lagText() has tenths of a second while they matter", () => {
  const texts = [0, 0.26, 9.94, 9.96, 75].map(lagText);
  assertEquals(texts, ["0.0 s", "0.3 s", "9.9 s", "10 s", "1 min 15 s"]);
});
