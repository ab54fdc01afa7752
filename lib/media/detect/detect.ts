/**
 * Tells a container from the first bytes of a stream: a table with one row to a container.
 *
 * @module
 */
import { ac3Tracker, readAc3Frame } from "../audio_frames/ac3.ts";
import { adtsTracker, readAdtsFrame } from "../audio_frames/adts.ts";
import { chunkTracker } from "../chunk_tracker.ts";
import { flacTracker } from "../audio_frames/flac.ts";
import { flvTracker } from "../flv/flv.ts";
import { fmp4Tracker } from "../mp4/mp4.ts";
import { h264Tracker } from "../annexb/h264.ts";
import { hevcTracker } from "../annexb/hevc.ts";
import { matroskaTracker } from "../matroska/matroska.ts";
import { mjpegTracker } from "../mjpeg/mjpeg.ts";
import { mp3Tracker, readMp3Frame } from "../audio_frames/mp3.ts";
import { mpegtsTracker } from "../mpegts/mpegts.ts";
import { oggTracker } from "../ogg/ogg.ts";
import {
  afterTags,
  docType,
  EBML,
  frameRun,
  magics,
  packetRun,
  type Signature,
} from "./signatures.ts";
import { startsH264, startsHevc } from "../annexb/first_unit.ts";
import type { Container, TrackerFactory } from "../tracker.ts";
import { wavTracker } from "../wav/wav.ts";
import { y4mTracker } from "../y4m/y4m.ts";

/**
 * Bytes within which a container must show itself. Two frames of MP3 at the highest bitrate take
 * 2.9 KB and 21 transport packets 3.9 KB; a stream of 8 kbit/s still brings as much in 4 s.
 */
export const SNIFF_CAP_BYTES = 4096;

/** A container that was recognised, and its tracker. */
export interface Sniffed {
  /** The container. */
  readonly container: Container;
  /** Makes its tracker. */
  readonly factory: TrackerFactory;
}

/** A row of the table. */
interface SniffRow extends Sniffed {
  /** What the first bytes of the container look like. */
  readonly test: Signature;
}

const WAV = magics("RIFF????WAVE", "RF64????WAVE", "BW64????WAVE");
const MP4 = magics("????ftyp", "????styp", "????moof", "????moov");

/** Every container but raw; those that a few bytes decide come first. */
const ROWS: readonly SniffRow[] = [
  { container: "webm", test: docType("webm"), factory: matroskaTracker },
  { container: "matroska", test: magics(EBML), factory: matroskaTracker },
  { container: "ogg", test: magics("OggS\0"), factory: oggTracker },
  { container: "flac", test: magics("fLaC?\0\0\x22"), factory: flacTracker },
  { container: "wav", test: WAV, factory: wavTracker },
  { container: "y4m", test: magics("YUV4MPEG2 "), factory: y4mTracker },
  { container: "mp4", test: MP4, factory: fmp4Tracker },
  { container: "flv", test: magics("FLV\x01?\0\0\0\x09"), factory: flvTracker },
  { container: "mjpeg", test: magics("\xff\xd8\xff"), factory: mjpegTracker },
  { container: "hevc", test: startsHevc, factory: hevcTracker },
  { container: "h264", test: startsH264, factory: h264Tracker },
  { container: "ac3", test: frameRun(readAc3Frame), factory: ac3Tracker },
  // Behind tags ADTS comes first, as a tag that hides all frames is taken for that of an MP3.
  { container: "adts", test: afterTags(readAdtsFrame), factory: adtsTracker },
  {
    container: "mp3",
    test: afterTags(readMp3Frame, true),
    factory: mp3Tracker,
  },
  { container: "mpegts", test: packetRun, factory: mpegtsTracker },
];

/** Names that users know containers by, ffmpeg's among them; besides those of the table. */
const ALIASES: Readonly<Record<string, Container | "auto">> = {
  auto: "auto",
  raw: "raw",
  data: "raw",
  ts: "mpegts",
  mpegtsraw: "mpegts",
  mkv: "matroska",
  mka: "matroska",
  fmp4: "mp4",
  mov: "mp4",
  ismv: "mp4",
  cmaf: "mp4",
  avc: "h264",
  "264": "h264",
  h265: "hevc",
  "265": "hevc",
  oga: "ogg",
  ogv: "ogg",
  opus: "ogg",
  spx: "ogg",
  mp2: "mp3",
  aac: "adts",
  eac3: "ac3",
  jpeg: "mjpeg",
  jpg: "mjpeg",
  wave: "wav",
  rf64: "wav",
  yuv4mpeg: "y4m",
  yuv4mpegpipe: "y4m",
};

/** Raw bytes, a join point to a push. */
const RAW: Sniffed = { container: "raw", factory: chunkTracker(0) };

/**
 * Tells the container of a stream.
 *
 * @param head The stream's first bytes; those beyond {@linkcode SNIFF_CAP_BYTES} do not count.
 * @param ended Whether no more bytes are waited for.
 * @returns The container, raw when none fits; `"more"` while that depends on further bytes.
 */
export function sniff(head: Uint8Array, ended: boolean): Sniffed | "more" {
  const bytes = head.subarray(0, SNIFF_CAP_BYTES);
  const last = ended || head.length >= SNIFF_CAP_BYTES;
  for (const { container, factory, test } of ROWS) {
    const verdict = test(bytes);
    if (verdict === "yes" || verdict === "likely" && last) {
      return { container, factory };
    }
    if (verdict !== "no" && !last) return "more";
  }
  return RAW;
}

/** The tracker of a container. */
export function trackerOf(container: Container): TrackerFactory {
  const row = ROWS.find((row) => row.container === container) ?? RAW;
  return row.factory;
}

/**
 * Reads a container's name as a user gives it.
 *
 * @param name A name of {@linkcode Container}, `auto`, or an alias such as ffmpeg's names.
 * @returns `undefined` when no container has that name.
 */
export function formatOf(name: string): Container | "auto" | undefined {
  const wanted = name.toLowerCase();
  const row = ROWS.find((row) => row.container === wanted);
  if (row) return row.container;
  return Object.hasOwn(ALIASES, wanted) ? ALIASES[wanted] : undefined;
}
