/**
 * FLV (Adobe Flash Video File Format Specification 10.1, annex E). A decoder can start at a key
 * frame's tag, when it is sent the file header, the metadata and the decoder configurations first.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { fourccAt, uintAt } from "../reader/big_endian.ts";
import { avcSpsOf } from "../codec/codec_strings.ts";
import {
  FLV_TAG,
  flvCodecOf,
  MEDIA_HEAD_BYTES,
  type MediaHead,
  metadataNumber,
  needsConfig,
  parseMediaHead,
  parseTagHead,
  TAG_END_BYTES,
  TAG_HEAD_BYTES,
  type TagHead,
} from "./tags.ts";
import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import type { MediaInfo, Units } from "../tracker.ts";
import { UnitTracker } from "../reader/unit_tracker.ts";

/** Bytes of the file header by its own length field (E.2); 9 in practice. */
const MAX_HEADER_BYTES = 256;

/** Bytes of a tag in init: metadata with a list of key frames is the longest. */
const MAX_INIT_TAG_BYTES = 128 * 1024;

/** Seconds without a track after which the file header that announces it is ignored. */
const TRACK_WAIT_SECONDS = 10;

/** Flags of the file header that announce the tracks (E.2). */
const TRACK_FLAG = { VIDEO: 1, AUDIO: 4 } as const;

/** Decoders skip a tag whose size is not repeated behind it, and search for another (E.3). */
const TAG_UNITS: Units = {
  tail: (length) => {
    const size = new Uint8Array(TAG_END_BYTES);
    new DataView(size.buffer).setUint32(0, length - TAG_END_BYTES);
    return size;
  },
};

/** What is known of the sound or the picture. */
interface Track {
  readonly type: number;
  codec: string | undefined;
  /** The tag with the decoder configuration, whole. */
  tag: Uint8Array;
  /** The configuration in it. */
  config: Uint8Array;
}

/** The tracker of FLV. */
export class FlvTracker extends UnitTracker {
  /** The size before a tag, the tag's head, and the first byte of its data. */
  protected override readonly boundaryBytes = 16;
  #header: Uint8Array = new Uint8Array();
  #metadata: Uint8Array = new Uint8Array();
  #video: Track = newTrack(FLV_TAG.VIDEO);
  #audio: Track = newTrack(FLV_TAG.AUDIO);
  /** TypeFlags of the file header. */
  #announced = 0;
  /** The info that was last reported, as a text. */
  #reported = "";
  /** The boundary that was last reported. */
  #boundaryAt = 0;
  /** Whether init has changed since it was reported. */
  #initChanged = false;
  /** The newest timestamp in milliseconds, unwrapped. */
  #clock: number | undefined;
  #startedAt: number | undefined;

  /** Bytes of init's parts. */
  protected override get keptBytes(): number {
    return this.#header.length + this.#metadata.length +
      this.#video.tag.length + this.#audio.tag.length;
  }

  /** Reads the file header or a tag. */
  protected override readUnit(): boolean {
    const start = this.reader.peek(4);
    if (!start) return false;
    if (fourccAt(start, 0) === "FLV\x01") return this.#readHeader();
    const bytes = this.reader.peek(TAG_HEAD_BYTES);
    if (!bytes) return false;
    const head = parseTagHead(bytes, 0);
    if (!head) {
      this.corrupt("no tag");
      return true;
    }
    if (head.type === FLV_TAG.SCRIPT) return this.#readScript(head);
    return this.#readMedia(head, this.#trackOf(head));
  }

  /** Whether a file header begins here, or the end of a tag with another behind it. */
  protected override isBoundary(bytes: Uint8Array, at: number): boolean {
    if (bytes[at] === 0x46) return fourccAt(bytes, at) === "FLV\x01";
    // A tag counts when the size before it is possible and its codec is the known one.
    const type = bytes[at + 4];
    if (type !== FLV_TAG.VIDEO && type !== FLV_TAG.AUDIO) return false;
    const head = parseTagHead(bytes, at + 4);
    const before = uintAt(bytes, at, 4);
    if (!head || before < TAG_HEAD_BYTES || before >= 2 ** 24) return false;
    const media = parseMediaHead(type, bytes.subarray(at + 15, at + 16));
    // The names of codecs with four characters are beyond the bytes that are compared.
    const named = this.#trackOf(head).codec?.length === 4;
    return named || media.codec === this.#trackOf(head).codec;
  }

  /** A boundary is a tag together with the size of the tag before it. */
  protected override skipBoundary(): void {
    const start = this.reader.peek(4);
    if (start && fourccAt(start, 0) !== "FLV\x01") {
      this.reader.skip(TAG_END_BYTES);
    }
  }

  /** Bytes missing from a file header or tag that begins with `held`. */
  protected override missingOf(held: Uint8Array): number {
    if (fourccAt(held, 0).startsWith("FLV")) {
      return Math.max(0, 9 + TAG_END_BYTES - held.length);
    }
    return TAG_HEAD_BYTES + uintAt(held, 1, 3) + TAG_END_BYTES - held.length;
  }

  #readHeader(): boolean {
    const fixed = this.reader.peek(9);
    if (!fixed) return false;
    const length = uintAt(fixed, 5, 4);
    if (length < 9 || length > MAX_HEADER_BYTES) {
      this.corrupt("a wrong header");
      return true;
    }
    const header = this.reader.peek(length + TAG_END_BYTES);
    if (!header) return false;
    this.#header = header.slice();
    this.#announced = header[4] ?? 0;
    this.#metadata = new Uint8Array();
    this.#video = newTrack(FLV_TAG.VIDEO);
    this.#audio = newTrack(FLV_TAG.AUDIO);
    this.#clock = undefined;
    this.#startedAt = undefined;
    this.#initChanged = true;
    this.#skipUnit(length + TAG_END_BYTES);
    return true;
  }

  #readScript(head: TagHead): boolean {
    const tag = this.#peekInitTag(head);
    if (tag === "more") return false;
    // The name in AMF 0: marker 2 and a length of 16 bits precede it.
    const name = tag?.subarray(TAG_HEAD_BYTES + 3, TAG_HEAD_BYTES + 13);
    if (tag && name && new TextDecoder().decode(name) === "onMetaData") {
      this.#metadata = tag.slice();
      this.#initChanged = true;
    }
    return this.#skip(head);
  }

  #readMedia(head: TagHead, track: Track): boolean {
    const length = Math.min(head.size, MEDIA_HEAD_BYTES);
    const data = this.reader.peek(TAG_HEAD_BYTES + length)
      ?.subarray(TAG_HEAD_BYTES);
    if (!data) return false;
    if (length === 0) return this.#skip(head);
    const media = parseMediaHead(head.type, data);
    if (media.kind === "config") return this.#readConfig(head, media, track);
    if (media.kind === "frame") this.#see(head, media, track);
    return this.#skip(head);
  }

  #readConfig(head: TagHead, media: MediaHead, track: Track): boolean {
    const tag = this.#peekInitTag(head);
    if (tag === "more") return false;
    if (tag) {
      track.codec = media.codec;
      track.tag = tag.slice();
      track.config = track.tag.subarray(
        TAG_HEAD_BYTES + media.length,
        TAG_HEAD_BYTES + head.size,
      );
      this.#initChanged = true;
    }
    return this.#skip(head);
  }

  /** Notes a frame's time and reports it when decoding can start there. */
  #see(head: TagHead, media: MediaHead, track: Track): void {
    if (track.codec !== media.codec) {
      track.codec = media.codec;
      this.#initChanged = true;
    }
    const clock = this.#unwrap(head.timestamp);
    this.#startedAt ??= clock;
    this.setTime(clock / 1000);
    if (!media.key || track !== this.#joinable()) return;
    if (needsConfig(media.codec) && track.config.length === 0) return;
    this.#reportInit();
    this.#reportInfo();
    this.join({ offset: this.reader.offset, time: clock / 1000 });
  }

  /** The track whose frames are join points: sound only where no picture is expected. */
  #joinable(): Track {
    return this.#video.codec || this.#isExpected(TRACK_FLAG.VIDEO)
      ? this.#video
      : this.#audio;
  }

  /** Whether a track that has not arrived may still do so. */
  #isExpected(flag: number): boolean {
    const waited = (this.#clock ?? 0) - (this.#startedAt ?? 0);
    return (this.#announced & flag) !== 0 && waited < TRACK_WAIT_SECONDS * 1000;
  }

  #unwrap(timestamp: number): number {
    // The difference as a signed number of 32 bits: a step back is small, a wrap is not.
    const before = this.#clock ?? timestamp;
    this.#clock = before + ((timestamp - before) | 0);
    return this.#clock;
  }

  #reportInit(): void {
    if (!this.#initChanged) return;
    this.#initChanged = false;
    this.sink.init(
      concat([
        this.#header,
        this.#metadata,
        this.#video.tag,
        this.#audio.tag,
      ]),
    );
  }

  #reportInfo(): void {
    const info = this.#info();
    const text = JSON.stringify(info);
    if (text !== this.#reported) this.sink.info(info);
    this.#reported = text;
  }

  #info(): MediaInfo {
    const tracks = [this.#video, this.#audio].filter((track) => track.codec);
    const codecs = tracks.map(({ type, codec, config }) =>
      flvCodecOf(type, codec ?? "", config) ?? ""
    );
    const video = this.#video.codec !== undefined;
    // An incomplete list would look like another set of codecs when broadcasts are compared.
    const incomplete = codecs.includes("") ||
      !this.#video.codec && this.#isExpected(TRACK_FLAG.VIDEO) ||
      !this.#audio.codec && this.#isExpected(TRACK_FLAG.AUDIO);
    return {
      container: "flv",
      mime: "video/x-flv",
      codecs: incomplete ? [] : codecs,
      video,
      ...(video ? this.#size() : {}),
    };
  }

  #size(): Pick<MediaInfo, "width" | "height"> {
    const sps = avcSpsOf(this.#video.config);
    const width = sps?.width ?? metadataNumber(this.#metadata, "width") ?? 0;
    const height = sps?.height ?? metadataNumber(this.#metadata, "height") ?? 0;
    return width > 0 && height > 0 ? { width, height } : {};
  }

  #trackOf(head: TagHead): Track {
    return head.type === FLV_TAG.VIDEO ? this.#video : this.#audio;
  }

  /** A whole tag for init; `undefined` when it is too long for that. */
  #peekInitTag(head: TagHead): Uint8Array | "more" | undefined {
    const length = TAG_HEAD_BYTES + head.size + TAG_END_BYTES;
    if (length > MAX_INIT_TAG_BYTES) return undefined;
    return this.reader.peek(length) ?? "more";
  }

  #skip(head: TagHead): boolean {
    this.#skipUnit(TAG_HEAD_BYTES + head.size + TAG_END_BYTES);
    return true;
  }

  #skipUnit(length: number): void {
    const { offset } = this.reader;
    // Behind a gap the unit's beginning has not been reported.
    if (offset > this.#boundaryAt) this.sink.boundary?.(offset);
    this.#boundaryAt = offset + length;
    this.sink.boundary?.(this.#boundaryAt, TAG_UNITS);
    this.reader.skip(length);
  }
}

/** Bytes of the file header and of the tag size behind it (E.2, E.3). */
const FILE_HEADER_BYTES = 13;

/**
 * FLV. A file header inside the stream would be read as a tag of some megabytes, so only the tags of
 * init are sent.
 */
export const FLV: ContainerFormat = {
  name: "flv",
  aliases: [],
  signature: magics("FLV\x01?\0\0\0\x09"),
  tracker: (sink) => new FlvTracker(sink),
  splice: (_, { init }) => init.subarray(FILE_HEADER_BYTES),
};

function newTrack(type: number): Track {
  return {
    type,
    codec: undefined,
    tag: new Uint8Array(),
    config: new Uint8Array(),
  };
}
