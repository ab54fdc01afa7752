import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { concat, indexOfNeedle } from "@std/bytes";
import { FLAC } from "../../lib/media/audio_frames/flac.ts";
import type { ContainerFormat } from "../../lib/media/container.ts";
import { FLV } from "../../lib/media/flv/flv.ts";
import { decoderSetup } from "../../lib/media/matroska/header.ts";
import { MATROSKA } from "../../lib/media/matroska/matroska.ts";
import { MPEGTS } from "../../lib/media/mpegts/mpegts.ts";
import { type Spliced, spliceLead } from "../../lib/media/splice.ts";
import type { MediaInfo } from "../../lib/media/tracker.ts";
import { mediaSample } from "../helpers/decode_joins.ts";
import { decode, needsFfmpeg } from "../helpers/ffmpeg.ts";
import { track } from "../suites/join_suite.ts";

const INIT = track(MATROSKA.tracker, [mediaSample("matroska_h264_aac.mkv")])
  .joins[0]!.init;

/** The init with one byte changed, some bytes behind where an element's ID and size begin. */
function changed(id: readonly number[], behind: number): Uint8Array {
  const at = indexOfNeedle(INIT, Uint8Array.from(id));
  assert(at > 0);
  const init = INIT.slice();
  init[at + behind]! ^= 1;
  return init;
}

/** TrackUID of 8 bytes, and the configuration record in CodecPrivate. */
const TRACK_UID = [0x73, 0xc5, 0x88];
const CODEC_PRIVATE = [0x63, 0xa2];

Deno.test("decoderSetup() ignores what muxers choose at random, and reads what decoders keep", () => {
  const setup = decoderSetup(INIT);
  assert(setup.length > 100);
  assertEquals(decoderSetup(changed(TRACK_UID, 5)), setup);
  assertNotEquals(decoderSetup(changed(CODEC_PRIVATE, 8)), setup);
  assertEquals(decoderSetup(new Uint8Array([1, 2, 3])), "");
});

Deno.test("decoderSetup() does not read the checksum of Tracks", () => {
  const tracks = indexOfNeedle(INIT, Uint8Array.from([0x16, 0x54, 0xae, 0x6b]));
  const checksum = indexOfNeedle(INIT, Uint8Array.from([0xbf, 0x84]), tracks);
  assert(checksum - tracks < 13);
  const init = INIT.slice();
  init.set([0xe4, 0x82, 1, 2], checksum + 2); // as if there were an element in it
  assertEquals(decoderSetup(init), decoderSetup(INIT));
});

function spliced(
  init: Uint8Array,
  ...codecs: string[]
): Parameters<typeof spliceLead>[0] {
  const info: MediaInfo = {
    container: "matroska",
    mime: "video/x-matroska",
    codecs,
    video: true,
  };
  return { info, init, time: undefined };
}

Deno.test("spliceLead() follows Matroska whose header differs in random identifiers only", () => {
  const before = spliced(INIT, "avc1.640009", "mp4a.40.2");
  const again = spliced(changed(TRACK_UID, 5), "avc1.640009", "mp4a.40.2");
  assertEquals(spliceLead(before, again), new Uint8Array());
  const other = spliced(changed(CODEC_PRIVATE, 8), "avc1.64000a", "mp4a.40.2");
  assertEquals(spliceLead(before, other), undefined);
});

Deno.test("spliceLead() follows where codecs are not known, but no other codec", () => {
  const before = spliced(INIT, "avc1.640009", "mp4a.40.2");
  assertEquals(spliceLead(before, spliced(INIT)), new Uint8Array());
  assertEquals(spliceLead(spliced(INIT), before), new Uint8Array());
  assertEquals(spliceLead(before, spliced(INIT, "hvc1.1", "opus")), undefined);
});

/** A broadcast as its tracker describes it at the end. */
function described(format: ContainerFormat, bytes: Uint8Array): Spliced {
  const { joins, infos, time } = track(format.tracker, [bytes]);
  return { info: infos.at(-1), init: joins.at(-1)!.init, time };
}

const TS = mediaSample("mpegts_h264_aac.mpegts");

/** Frames that ffmpeg decodes of the first video, which is the one that players show. */
async function framesOf(...parts: Uint8Array[]): Promise<number> {
  return (await decode(concat(parts), "mpegts", "v:0")).frames;
}

for (const name of ["mpegts_gstreamer.mpegts", "mpegts_vlc.mpegts"]) {
  Deno.test({
    ...needsFfmpeg(`spliceLead() ends where decoders do not follow to ${name}`),
    fn: async () => {
      const other = mediaSample(name);
      const [before, after] = [TS, other].map((it) => described(MPEGTS, it));
      assertEquals(spliceLead(before!, after!), undefined);
      assertEquals(spliceLead(after!, before!), undefined);
      assertEquals(spliceLead(after!, after!), after!.init);
      assertEquals(await framesOf(TS, other), await framesOf(TS));
      const twice = 2 * await framesOf(other);
      assertEquals(await framesOf(other, other), twice);
    },
  });
}

Deno.test("spliceLead() compares the streams of MPEG-TS in any framing", () => {
  const m2ts = described(MPEGTS, mediaSample("mpegts_ac3.m2ts"));
  assertEquals(spliceLead(m2ts, m2ts), m2ts.init);
  const moved = { ...m2ts, init: m2ts.init.slice() };
  assertEquals(spliceLead(described(MPEGTS, TS), m2ts), undefined);
  // Nothing has been decoded before the first tables.
  assertEquals(
    spliceLead({ ...m2ts, init: new Uint8Array() }, moved),
    moved.init,
  );
});

/** An init segment of FLAC with another STREAMINFO. */
function flacInit(maxBlock: number, bits: number): Spliced {
  const before = described(FLAC, mediaSample("flac_pipe.flac"));
  const init = before.init.slice();
  const view = new DataView(init.buffer);
  view.setUint16(10, maxBlock);
  const word = view.getUint32(18) & ~(31 << 4);
  view.setUint32(18, word | (bits - 1) << 4);
  return { ...before, init };
}

Deno.test("spliceLead() does not follow FLAC to larger blocks or other samples", () => {
  const from = flacInit(4096, 16);
  for (
    const [maxBlock, bits, follows] of [
      [4096, 16, true],
      [1152, 16, true],
      [4608, 16, false],
      [4096, 24, false],
    ] as const
  ) {
    const to = flacInit(maxBlock, bits);
    assertEquals(
      spliceLead(from, to),
      follows ? to.init : undefined,
      `${maxBlock}, ${bits}`,
    );
  }
});

Deno.test("spliceLead() does not follow FLV to codecs without a codec string", () => {
  const [before, after] = ["flv_h264_aac.flv", "flv_flv1_mp3.flv"].map((name) =>
    described(FLV, mediaSample(name))
  );
  assertEquals(after!.info?.codecs, ["flv1", "mp3"]);
  assertEquals(spliceLead(before!, after!), undefined);
  assertEquals(spliceLead(after!, before!), undefined);
  assertEquals(spliceLead(after!, after!)?.length, after!.init.length - 13);
});
