import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { indexOfNeedle } from "@std/bytes";
import { decoderSetup } from "../../lib/media/matroska/header.ts";
import { MATROSKA } from "../../lib/media/matroska/matroska.ts";
import { spliceLead } from "../../lib/media/splice.ts";
import type { MediaInfo } from "../../lib/media/tracker.ts";
import { mediaSample } from "../helpers/decode_joins.ts";
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
