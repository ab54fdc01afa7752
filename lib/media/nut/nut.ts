/**
 * NUT (NUT Open Container Format 1.0), in which ffmpeg pipes any codec. A decoder can start at a key frame
 * behind a syncpoint, when it is sent the headers and a syncpoint first.
 *
 * @module
 */
import { concat } from "@std/bytes";
import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { MAX_INIT_BYTES, MAX_RESYNC_BYTES } from "../limits.ts";
import { ScanTracker } from "../reader/scan_tracker.ts";
import { cannotFollow, unlessSameInit } from "../splice_rules.ts";
import type { MediaInfo } from "../tracker.ts";
import {
  firstSyncpoint,
  type NutMain,
  type NutPacket,
  NutReader,
  type NutStream,
  packetAt,
  readFrameStart,
  readMain,
  readStream,
} from "./headers.ts";

const MAGIC = "nut/multimedia container\0";

/** Bytes of a startcode, and of one with the longest forward_ptr. */
const STARTCODE_BYTES = 8;
const PACKET_HEAD_BYTES = 18;

/** Packets longer than this have a checksum behind forward_ptr. */
const CHECKSUM_FROM = 4096;

/** Bytes of a header packet: codec configurations and names. */
const MAX_PACKET_BYTES = 64 * 1024;

/** Bytes of a frame's header up to its stream. */
const FRAME_START_BYTES = 12;

const N = 0x4e;

/** Tracks NUT: init is the headers, a join point a key frame of the video behind a syncpoint. */
export class NutTracker extends ScanTracker {
  #main: NutMain | undefined;
  #streams: NutStream[] = [];
  #headers: Uint8Array[] = [];
  #headerBytes = 0;
  /** Whether header packets are arriving, so that the next syncpoint ends them. */
  #inHeaders = false;
  #goodOffset = 0;
  #time: number | undefined;

  /** Seconds at the newest syncpoint. */
  override get time(): number | undefined {
    return this.#time;
  }

  /** Bytes of the header packets. */
  protected override get keptBytes(): number {
    return this.#headerBytes;
  }

  /** None: frames are not read, and a cut head of a packet does not tell its length. */
  protected override missingOf(): number {
    return 0;
  }

  /** Reads a packet, or searches for one. */
  protected override visit(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== N) return this.#search(bytes, at);
    if (at + STARTCODE_BYTES > bytes.length) {
      return this.needs(STARTCODE_BYTES);
    }
    const kind = packetAt(bytes, at);
    if (!kind) return this.#search(bytes, at);
    if (at + PACKET_HEAD_BYTES > bytes.length) {
      return this.needs(PACKET_HEAD_BYTES);
    }
    const reader = new NutReader(bytes, at + STARTCODE_BYTES);
    const length = reader.v();
    const from = reader.at + (length > CHECKSUM_FROM ? 4 : 0);
    const total = from - at + length;
    if (length > MAX_PACKET_BYTES) return this.#search(bytes, at);
    const needed = total + (kind === "syncpoint" ? FRAME_START_BYTES : 0);
    if (at + needed > bytes.length) return this.needs(needed);
    this.#goodOffset = this.offset;
    this.#packet(kind, bytes.subarray(at, at + needed), from - at, total);
    return total;
  }

  #packet(
    kind: NutPacket,
    packet: Uint8Array,
    from: number,
    total: number,
  ): void {
    const reader = new NutReader(packet, from);
    if (kind === "syncpoint") return this.#syncpoint(packet, reader, total);
    if (kind === "index") return;
    if (kind === "main") this.#begin(reader);
    else if (kind === "stream") this.#streams.push(readStream(reader));
    if (!this.#inHeaders) return;
    this.#headerBytes += total;
    if (this.#headerBytes > MAX_INIT_BYTES) {
      this.giveUp(`headers of more than ${MAX_INIT_BYTES} bytes`);
    } else this.#headers.push(packet.slice());
  }

  /** Headers are repeated now and then. */
  #begin(reader: NutReader): void {
    this.#main = readMain(reader);
    if (!this.#main) this.corrupt("a malformed header of NUT");
    this.#inHeaders = this.#main !== undefined;
    this.#streams = [];
    this.#headers = [new TextEncoder().encode(MAGIC)];
    this.#headerBytes = MAGIC.length;
  }

  #syncpoint(packet: Uint8Array, reader: NutReader, total: number): void {
    if (!this.#main) return;
    if (this.#inHeaders) this.#finishHeaders();
    const { ticks } = this.#main;
    const from = reader.at;
    const key = reader.v();
    const prefix = firstSyncpoint(packet.subarray(from, reader.at));
    const time = Math.floor(key / ticks.length) * ticks[key % ticks.length]!;
    if (!Number.isFinite(time)) return;
    this.#time = time;
    const frame = readFrameStart(new NutReader(packet, total), this.#main);
    const lead = this.#streams.find(({ video }) => video) ?? this.#streams[0];
    if (frame?.key && frame.stream === lead?.id) {
      this.sink.join({ offset: this.offset + total, prefix, time });
    }
  }

  #finishHeaders(): void {
    this.#inHeaders = false;
    this.sink.init(concat(this.#headers));
    this.#headers = [];
    this.#headerBytes = 0;
    this.sink.info(infoOf(this.#streams));
  }

  #search(bytes: Uint8Array, at: number): number {
    const limit = this.#goodOffset + MAX_RESYNC_BYTES;
    if (this.offset >= limit) {
      this.giveUp(`no packet of NUT in ${MAX_RESYNC_BYTES} bytes`);
    }
    return this.searchStep(bytes, at, bytes.indexOf(N, at + 1), limit);
  }
}

function infoOf(streams: readonly NutStream[]): MediaInfo {
  const picture = streams.find(({ video }) => video);
  return {
    container: "nut",
    mime: "video/x-nut",
    codecs: streams.map(({ codec }) => codec),
    video: picture !== undefined,
    ...(picture && { width: picture.width, height: picture.height }),
  };
}

/** NUT. */
export const NUT: ContainerFormat = {
  name: "nut",
  aliases: [],
  signature: magics(MAGIC),
  tracker: (sink) => new NutTracker(sink),
  splice: unlessSameInit(cannotFollow),
};
