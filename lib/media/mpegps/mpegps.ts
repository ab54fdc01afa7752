/**
 * MPEG program streams, VOB among them (ISO/IEC 13818-1 2.5, ISO/IEC 11172-1). A decoder can start at the
 * pack that contains the beginning of an access unit with a random access point.
 *
 * @module
 */
import { AnnexBTracker } from "../annexb/annexb_tracker.ts";
import { H264_GRAMMAR } from "../codec/h264.ts";
import { H265_GRAMMAR } from "../codec/h265.ts";
import { MPEG4_VIDEO_GRAMMAR } from "../codec/mpeg4_video.ts";
import { MPEG_VIDEO_GRAMMAR } from "../codec/mpeg_video.ts";
import type { UnitGrammar } from "../codec/unit_grammar.ts";
import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { readClock, TICKS_PER_SECOND, Unwrapper } from "../mpegts/pes.ts";
import { uintAt } from "../reader/big_endian.ts";
import { UnitTracker } from "../reader/unit_tracker.ts";
import { sendInit } from "../splice_rules.ts";
import type { MediaInfo, TrackerSink } from "../tracker.ts";
import {
  packBytes,
  PACKET_HEAD_BYTES,
  readPesHead,
  readStreamMap,
  STREAM_ID,
} from "./packets.ts";

/** Packs without video after which a stream is taken for audio only: an audio pack lasts 0.5 s. */
const AUDIO_ONLY_PACKS = 4;

/** Video packets that are remembered: the headers before a picture are in the last one or two. */
const MAX_PACKETS = 64;

/** Grammars by stream_type (ISO/IEC 13818-1 table 2-34). */
const GRAMMARS: ReadonlyMap<number, UnitGrammar> = new Map([
  [0x10, MPEG4_VIDEO_GRAMMAR],
  [0x1b, H264_GRAMMAR],
  [0x24, H265_GRAMMAR],
]);

const INFO: MediaInfo = {
  container: "mpegps",
  mime: "video/MP2P",
  codecs: [],
  video: true,
};

/** A video packet: where its payload begins in the video, and the pack that contains it. */
interface VideoPacket {
  readonly videoOffset: number;
  readonly packOffset: number;
  readonly time: number | undefined;
}

/** The tracker of MPEG program streams. */
export class MpegPsTracker extends UnitTracker {
  /** A start code and the first byte of a pack header. */
  protected override readonly boundaryBytes = 5;
  #video: AnnexBTracker | undefined;
  #videoId: number | undefined;
  #types: ReadonlyMap<number, number> = new Map();
  #videoBytes = 0;
  #packets: VideoPacket[] = [];
  #packOffset = 0;
  #packsWithoutVideo = 0;
  #reported = false;
  readonly #clock = new Unwrapper();

  /** Bytes that the video's tracker holds. */
  protected override get keptBytes(): number {
    return this.#video?.heldBytes ?? 0;
  }

  /** Reads a pack header or a packet. */
  protected override readUnit(): boolean {
    const start = this.reader.peek(5);
    if (!start) return false;
    const id = start[3]!;
    const isStart = start[0] === 0 && start[1] === 0 && start[2] === 1;
    if (!isStart || id < STREAM_ID.END) return this.#corrupted();
    if (id === STREAM_ID.END) return this.#skip(4);
    return id === STREAM_ID.PACK ? this.#readPack(start) : this.#readPacket(id);
  }

  /** Whether a pack begins here. */
  protected override isBoundary(bytes: Uint8Array, at: number): boolean {
    return bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1 &&
      bytes[at + 3] === STREAM_ID.PACK && packBytes(bytes, at) !== undefined;
  }

  /** Bytes missing from a pack header or packet that begins with `held`. */
  protected override missingOf(held: Uint8Array): number {
    const total = held[3] === STREAM_ID.PACK
      ? packBytes(held, 0) ?? 0
      : PACKET_HEAD_BYTES + uintAt(held, 4, 2);
    return Math.max(0, total - held.length);
  }

  #readPack(start: Uint8Array): boolean {
    const least = packBytes(start, 0);
    if (least === undefined) return this.#corrupted();
    const header = this.reader.peek(least);
    if (!header) return false;
    this.#packOffset = this.reader.offset;
    this.#packsWithoutVideo++;
    return this.#skip(packBytes(header, 0) ?? least);
  }

  #readPacket(id: number): boolean {
    const head = this.reader.peek(PACKET_HEAD_BYTES);
    if (!head) return false;
    const length = PACKET_HEAD_BYTES + uintAt(head, 4, 2);
    const isVideo = id >= STREAM_ID.FIRST_VIDEO && id <= STREAM_ID.LAST_VIDEO;
    const isAudio = id >= STREAM_ID.FIRST_AUDIO && id < STREAM_ID.FIRST_VIDEO;
    const isOther = !isAudio && id !== STREAM_ID.MAP;
    if (isVideo ? id !== (this.#videoId ??= id) : isOther) {
      return this.#skip(length);
    }
    const packet = this.reader.peek(length);
    if (!packet) return false;
    if (id === STREAM_ID.MAP) this.#types = readStreamMap(packet);
    else if (isVideo) this.#readVideo(packet);
    else this.#readAudio(packet);
    return this.#skip(length);
  }

  #readVideo(packet: Uint8Array): void {
    this.#packsWithoutVideo = 0;
    const head = readPesHead(packet);
    if (!head || head.payload > packet.length) return;
    this.#packets.push({
      videoOffset: this.#videoBytes,
      packOffset: this.#packOffset,
      time: this.#readTime(packet, head.pts),
    });
    if (this.#packets.length > MAX_PACKETS) this.#packets.shift();
    const payload = packet.subarray(head.payload);
    this.#videoBytes += payload.length;
    this.#video ??= new AnnexBTracker(this.#videoSink(), {
      grammar: GRAMMARS.get(this.#types.get(this.#videoId!) ?? 0) ??
        MPEG_VIDEO_GRAMMAR,
      info: { ...INFO, codecs: ["mp4v.61"] },
    });
    this.#video.push(payload);
  }

  /** Audio packets are join points where there is no video. */
  #readAudio(packet: Uint8Array): void {
    const wait = this.#packsWithoutVideo < AUDIO_ONLY_PACKS;
    if (wait || this.#videoId !== undefined) return;
    const time = this.#readTime(packet, readPesHead(packet)?.pts);
    if (!this.#reported) {
      this.sink.info({ ...INFO, mime: "audio/MP2P", video: false });
    }
    this.#reported = true;
    const offset = this.#packOffset;
    this.join(time === undefined ? { offset } : { offset, time });
  }

  #readTime(packet: Uint8Array, at: number | undefined): number | undefined {
    if (at === undefined || at + 5 > packet.length) return undefined;
    const time = this.#clock.next(readClock(packet, at)) / TICKS_PER_SECOND;
    this.setTime(time);
    return time;
  }

  /** Turns offsets in the video into offsets of packs. */
  #videoSink(): TrackerSink {
    return {
      init: (): void => {},
      join: ({ offset }) => this.#joinVideo(offset),
      info: (info) => this.sink.info(info),
      corruption: (what) => this.sink.corruption(what),
      giveUp: (why) => this.giveUp(why),
    };
  }

  #joinVideo(videoOffset: number): void {
    const packet = this.#packets.findLast((packet) =>
      packet.videoOffset <= videoOffset
    );
    if (!packet) return;
    const { packOffset: offset, time } = packet;
    this.join(time === undefined ? { offset } : { offset, time });
  }

  #skip(length: number): boolean {
    this.reader.skip(length);
    return true;
  }

  #corrupted(): boolean {
    this.corrupt("no pack or packet");
    return true;
  }
}

/** MPEG program streams. Sequence headers are part of the stream, so there is no init segment. */
export const MPEGPS: ContainerFormat = {
  name: "mpegps",
  aliases: ["ps", "vob", "mpg", "mpeg", "svcd", "dvd"],
  signature: magics("\0\0\x01\xba"),
  tracker: (sink) => new MpegPsTracker(sink),
  splice: sendInit,
};
