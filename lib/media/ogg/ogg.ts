/**
 * Ogg (RFC 3533): pages of one or several logical streams. Init is all header pages of all of them;
 * where a stream has ended, another may follow with headers of its own (chaining).
 *
 * @module
 */
import { concat } from "@std/bytes";
import { type OggCodec, oggCodec } from "./codecs.ts";
import {
  isOggCapture,
  isOggPageWhole,
  OGG_HEADER_BYTES,
  oggHeaderBytes,
  type OggPage,
  packetsStarting,
  readOggPage,
} from "./page.ts";
import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { MAX_SCAN_BYTES } from "../limits.ts";
import { ScanTracker } from "../reader/scan_tracker.ts";
import type { Spliced } from "../splice_rules.ts";
import type { MediaInfo } from "../tracker.ts";

/**
 * Bytes of header pages that are kept. Twice that is held while they are joined to init, and a cut page
 * takes up to 64 KiB; comments with a cover picture still fit.
 */
const MAX_HEADER_BYTES = 400 * 1024;

/** Logical streams side by side; video with a dozen languages has fewer. */
const MAX_STREAMS = 32;

/** A logical stream. */
interface LogicalStream {
  readonly codec: OggCodec;
  /** Header packets that have not arrived; infinite while only a granule position can tell. */
  headersLeft: number;
  /** Seconds at the end of its newest page. */
  time: number | undefined;
}

/** The tracker of Ogg; see the module. */
export class OggTracker extends ScanTracker {
  readonly #streams: Map<number, LogicalStream> = new Map();
  #videoSerial: number | undefined;
  #headerPages: Uint8Array[] = [];
  #headerBytes = 0;
  #inHeaders = true;
  /** Whether a page is due here. If not, or while headers arrive, the page's CRC is checked. */
  #due = true;
  #goodOffset = 0;
  #base = 0;
  #time: number | undefined;

  /** Seconds at the end of the newest page; continues from one chained stream to the next. */
  override get time(): number | undefined {
    return this.#time;
  }

  /** Bytes of the header pages. */
  protected override get keptBytes(): number {
    return this.#headerBytes;
  }

  /** Bytes missing from a page whose header is cut. */
  protected override missingOf(held: Uint8Array): number {
    if (held.length < OGG_HEADER_BYTES) return OGG_HEADER_BYTES - held.length;
    // A cut segment table is completed with zeros: segments of no bytes.
    const head = new Uint8Array(oggHeaderBytes(held, 0));
    head.set(held.subarray(0, head.length));
    const missing = head.length + readOggPage(head, 0).payloadBytes -
      held.length;
    return Math.max(0, missing);
  }

  /** Reads a page, or searches for one. */
  protected override visit(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== 0x4f) return this.#search(bytes, at);
    if (at + OGG_HEADER_BYTES > bytes.length) {
      return this.needs(OGG_HEADER_BYTES);
    }
    if (!isOggCapture(bytes, at)) return this.#search(bytes, at);
    const headerBytes = oggHeaderBytes(bytes, at);
    if (at + headerBytes > bytes.length) return this.needs(headerBytes);
    const page = readOggPage(bytes, at);
    const bytesOfPage = page.headerBytes + page.payloadBytes;
    const proof = !this.#due || this.#inHeaders || page.first;
    // Of a page of data, only the first byte of the first packet is looked at.
    const needed = proof
      ? bytesOfPage
      : page.headerBytes + Math.min(1, page.payloadBytes);
    if (at + needed > bytes.length) return this.needs(needed);
    const whole = bytes.subarray(at, at + bytesOfPage);
    if (proof && !isOggPageWhole(whole)) return this.#search(bytes, at);
    this.#due = true;
    this.recover();
    this.#page(page, whole);
    this.#giveUpWhenHopeless();
    return bytesOfPage;
  }

  #page(page: OggPage, bytes: Uint8Array): void {
    if (page.first) {
      this.#begin(page, bytes);
      return;
    }
    const stream = this.#streams.get(page.serial);
    if (!stream) return;
    if (isHeaderPage(stream, page)) {
      if (this.#inHeaders) this.#keep(bytes);
      stream.headersLeft = headersLeftAfter(stream, page, bytes);
      return;
    }
    if (stream.headersLeft === Infinity) stream.headersLeft = 0;
    if (this.#inHeaders) this.#finishHeaders();
    if (!this.#inHeaders) this.#data(stream, page, bytes[page.headerBytes]);
  }

  /** The first page of a logical stream; after data it begins a new chain. */
  #begin(page: OggPage, bytes: Uint8Array): void {
    if (!this.#inHeaders) this.#beginChain();
    if (this.#streams.size === MAX_STREAMS) {
      this.giveUp(`more than ${MAX_STREAMS} logical streams`);
      return;
    }
    const codec = oggCodec(bytes.slice(page.headerBytes));
    const headers = codec.headerPackets ?? Infinity;
    const headersLeft = headers - page.packetsEnded;
    this.#streams.set(page.serial, { codec, headersLeft, time: undefined });
    if (codec.video) this.#videoSerial ??= page.serial;
    this.#keep(bytes);
  }

  #beginChain(): void {
    this.#dropHeaders();
    this.#inHeaders = true;
    this.#base = this.#time ?? 0;
  }

  #dropHeaders(): void {
    this.#streams.clear();
    this.#videoSerial = undefined;
    this.#headerPages = [];
    this.#headerBytes = 0;
  }

  #keep(page: Uint8Array): void {
    this.#headerBytes += page.length;
    if (this.#headerBytes <= MAX_HEADER_BYTES) {
      this.#headerPages.push(page.slice());
    } else this.giveUp(`headers of more than ${MAX_HEADER_BYTES} bytes`);
  }

  /** Data has begun: what was kept is init, unless headers of a stream are missing. */
  #finishHeaders(): void {
    const streams = [...this.#streams.values()];
    const incomplete = streams.some((stream) =>
      Number.isFinite(stream.headersLeft) && stream.headersLeft > 0
    );
    if (incomplete) return;
    this.#inHeaders = false;
    this.sink.init(concat(this.#headerPages));
    // The sink has them; they count as held by the sink now.
    this.#headerPages = [];
    this.#headerBytes = 0;
    this.sink.info(infoOf(streams.map((stream) => stream.codec)));
  }

  #data(stream: LogicalStream, page: OggPage, first: number | undefined): void {
    this.#goodOffset = this.offset;
    const starts = !page.continued && first !== undefined;
    const joinable = this.#videoSerial === undefined
      ? stream.codec.name !== "" || this.#isUnknown
      : page.serial === this.#videoSerial;
    const known = page.granule >= 0n && stream.codec.name !== "";
    const end = known
      ? this.#base + stream.codec.seconds(page.granule)
      : undefined;
    if (starts && joinable && stream.codec.isKey(first)) {
      const time = stream.time ?? end;
      const offset = this.offset;
      this.sink.join(time === undefined ? { offset } : { offset, time });
    }
    if (end === undefined) return;
    stream.time = end;
    this.#time = Math.max(this.#time ?? 0, end);
  }

  /** Whether no codec is known, so that decoding may start at any packet for all that is known. */
  get #isUnknown(): boolean {
    const streams = [...this.#streams.values()];
    return streams.every(({ codec }) => codec.name === "");
  }

  /** No page here: on to the next byte that could start one. */
  #search(bytes: Uint8Array, at: number): number {
    this.corrupt("no Ogg page where one is due");
    this.#due = false;
    // Headers with a gap are useless: wait for the first page of the next chain.
    if (this.#inHeaders) this.#dropHeaders();
    this.#giveUpWhenHopeless();
    const next = bytes.indexOf(0x4f, at + 1);
    return this.searchStep(bytes, at, next, this.#limit);
  }

  #giveUpWhenHopeless(): void {
    if (this.offset < this.#limit) return;
    this.giveUp(`no Ogg page that can be decoded in ${MAX_SCAN_BYTES} bytes`);
  }

  /** Where the search for data pages whose headers have arrived ends. */
  get #limit(): number {
    return this.#goodOffset + MAX_SCAN_BYTES;
  }
}

/** Header packets that follow a page of headers. */
function headersLeftAfter(
  { codec, headersLeft }: LogicalStream,
  page: OggPage,
  bytes: Uint8Array,
): number {
  const { isLastHeader } = codec;
  const last = isLastHeader &&
    packetsStarting(bytes).find(({ first }) => isLastHeader(first));
  if (last) return last.ends ? 0 : 1;
  return headersLeft - page.packetsEnded;
}

/**
 * Whether a page that is not the first still contains headers, which have granule position 0, or -1
 * where no packet ends (RFC 3533 §6 and all mappings).
 */
function isHeaderPage(stream: LogicalStream, page: OggPage): boolean {
  return stream.headersLeft > 0 && page.granule <= 0n;
}

function infoOf(codecs: readonly OggCodec[]): MediaInfo {
  const media = codecs.filter((codec) => codec.name !== "");
  const video = media.find((codec) => codec.video);
  const size = video?.size;
  return {
    container: "ogg",
    mime: video ? "video/ogg" : "audio/ogg",
    codecs: media.map((codec) => codec.name),
    video: video !== undefined,
    ...(size ? { width: size[0], height: size[1] } : {}),
  };
}

/** Decoders follow a chained stream when it is a single known one and not Theora. */
function chain(_: Spliced, { info, init }: Spliced): Uint8Array | undefined {
  const [codec, ...others] = info?.codecs ?? [];
  const follows = codec !== undefined && codec !== "theora" &&
    others.length === 0;
  return follows ? init : undefined;
}

/** Ogg. */
export const OGG: ContainerFormat = {
  name: "ogg",
  aliases: ["oga", "ogv", "opus", "spx"],
  signature: magics("OggS\0"),
  tracker: (sink) => new OggTracker(sink),
  splice: chain,
};
