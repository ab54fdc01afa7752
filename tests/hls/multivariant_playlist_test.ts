import { assertEquals } from "@std/assert";
import { multivariantPlaylist } from "../../lib/hls/multivariant_playlist.ts";

function attributes(
  codecs: string[],
  picture: { width?: number; height?: number } = {},
): string {
  const info = {
    ...{ container: "mpegts", mime: "video/mp2t", video: true },
    ...{ codecs, ...picture },
  };
  const [first, version, variant = "", uri] = multivariantPlaylist({
    ...{ info, peakBitrate: 1000.2, uri: "live.m3u8" },
  }).trimEnd().split("\n");
  assertEquals([first, version, uri], [
    "#EXTM3U",
    "#EXT-X-VERSION:3",
    "live.m3u8",
  ]);
  return variant.replace("#EXT-X-STREAM-INF:", "");
}

Deno.test("multivariantPlaylist() tells bit rate, codecs and picture", () => {
  assertEquals(
    attributes(["avc1.64001f", "mp4a.40.2"], { width: 640, height: 360 }),
    'BANDWIDTH=1001,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=640x360',
  );
  assertEquals(attributes(["mp3"]), 'BANDWIDTH=1001,CODECS="mp4a.40.34"');
});

Deno.test("multivariantPlaylist() leaves out codecs that players would refuse", () => {
  assertEquals(attributes([]), "BANDWIDTH=1001");
  assertEquals(attributes(["avc1.64001f", "mystery"]), "BANDWIDTH=1001");
  assertEquals(attributes(['opus"\n#EXT']), "BANDWIDTH=1001");
});
