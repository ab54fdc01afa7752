import { ID3_HEAD_BYTES, id3Bytes } from "./id3.ts";
import { MAX_SCAN_BYTES } from "../limits.ts";
import { ScanTracker } from "../reader/scan_tracker.ts";
import type { MediaInfo, TrackerFactory, TrackerSink } from "../tracker.ts";

/** What the header of an audio frame tells. */
export interface Frame {
  /** Bytes of the whole frame, header included. */
  readonly bytes: number;
  /** Seconds that the frame lasts; `undefined`: as long as the last joinable one. */
  readonly seconds: number | undefined;
  /** Equal for all frames of one stream: version, layer, rate and the like in one number. */
  readonly identity: number;
  /** Whether decoding can start here; false for a part that only adds to the frame before it. */
  readonly joinable: boolean;
}

/** A format that is nothing but a run of frames whose headers tell their length. */
export interface FrameSyntax {
  /** For the log: `MP3`. */
  readonly name: string;
  /** The first byte of every header. */
  readonly syncByte: number;
  /** Bytes that {@linkcode FrameSyntax.read} looks at, at most. */
  readonly headerBytes: number;
  /** Reads the header at `at`; `undefined` when there is none. */
  read(bytes: Uint8Array, at: number): Frame | undefined;
  /** What a stream of such frames carries; `at` is a header's place in `bytes`. */
  info(bytes: Uint8Array, at: number): MediaInfo;
}

/**
 * Tracks a run of frames; every frame is a join point, and there is no init segment. A header counts
 * only where the one before it said that it begins, so a false sync inside a frame is not taken for one.
 */
export class FrameTracker extends ScanTracker {
  readonly #syntax: FrameSyntax;
  /** Bytes that tell a frame from a tag. */
  readonly #headBytes: number;
  #locked = false;
  /** Whether a frame or tag is due here, rather than being searched for. */
  #due = true;
  #candidate: (Frame & { offset: number }) | undefined;
  #identity: number | undefined;
  #seconds = 0;
  /** Seconds of the frames behind the candidate. */
  #pendingSeconds = 0;
  /** Seconds of the newest joinable frame. */
  #frameSeconds = 0;
  #timed = false;
  #goodOffset = 0;

  /** Tracks frames of `syntax`. */
  constructor(sink: TrackerSink, syntax: FrameSyntax) {
    super(sink);
    this.#syntax = syntax;
    this.#headBytes = Math.max(syntax.headerBytes, ID3_HEAD_BYTES);
  }

  /** Seconds of all frames so far; such streams have no clock but their own length. */
  override get time(): number | undefined {
    return this.#timed ? this.#seconds : undefined;
  }

  /** Bytes missing from a frame or tag whose header is cut. */
  protected override missingOf(held: Uint8Array): number {
    // During a search the held bytes are only what the last chunk left over.
    if (!this.#due) return 0;
    // A cut header is completed with zeros, which may give it another length.
    const head = new Uint8Array(Math.max(held.length, this.#headBytes));
    head.set(held);
    const length = this.#syntax.read(head, 0)?.bytes ??
      this.#syntax.headerBytes;
    return Math.max(0, length - held.length);
  }

  /** Reads a frame or a tag, or searches for the next one. */
  protected override visit(bytes: Uint8Array, at: number): number {
    if (at + this.#headBytes > bytes.length) {
      return this.needs(this.#headBytes);
    }
    const frame = this.#syntax.read(bytes, at);
    if (frame) return this.#frame(frame, bytes, at);
    const tag = this.#due ? id3Bytes(bytes, at) : undefined;
    if (tag !== undefined) {
      this.#goodOffset = this.offset + tag;
      return tag;
    }
    return this.#search(bytes, at);
  }

  #frame(frame: Frame, bytes: Uint8Array, at: number): number {
    const known = this.#locked ? this.#identity : this.#candidate?.identity;
    const follows = this.#due && known !== undefined;
    if (follows && !frame.joinable) {
      this.#extend(frame.seconds);
      return frame.bytes;
    }
    if (!frame.joinable) return this.#search(bytes, at);
    if (follows && frame.identity === known) this.#accept(frame, bytes, at);
    else this.#suspect(frame);
    this.#due = true;
    return frame.bytes;
  }

  /** Adds the duration of a frame that is no join point. */
  #extend(seconds: number | undefined): void {
    if (this.#locked) this.#seconds += seconds ?? this.#frameSeconds;
    else this.#pendingSeconds += seconds ?? this.#candidate?.seconds ?? 0;
  }

  /** The header is where it was due: it confirms itself, and a candidate before it. */
  #accept(frame: Frame, bytes: Uint8Array, at: number): void {
    if (!this.#locked && this.#candidate) {
      if (this.#identity !== frame.identity) {
        this.sink.info(this.#syntax.info(bytes, at));
      }
      this.#join(this.#candidate.offset, this.#candidate.seconds);
      this.#seconds += this.#pendingSeconds;
    }
    this.#locked = true;
    this.recover();
    this.#candidate = undefined;
    this.#identity = frame.identity;
    this.#join(this.offset, frame.seconds);
  }

  #join(offset: number, seconds = this.#frameSeconds): void {
    this.sink.join({ offset, time: this.#seconds });
    this.#seconds += seconds;
    this.#frameSeconds = seconds;
    this.#timed = true;
    this.#goodOffset = offset;
  }

  /** A header that the one before it does not confirm: the next one has to. */
  #suspect(frame: Frame): void {
    // A lock that ends in another valid header may be a new stream; only a second miss is corruption.
    if (!this.#locked && this.#candidate) this.#corruptFrame();
    this.#locked = false;
    this.#pendingSeconds = 0;
    this.#candidate = { ...frame, offset: this.offset };
    this.#giveUpWhenHopeless();
  }

  /** No header here: on to the next byte that could start one. */
  #search(bytes: Uint8Array, at: number): number {
    this.#corruptFrame();
    this.#locked = false;
    this.#due = false;
    this.#candidate = undefined;
    this.#giveUpWhenHopeless();
    const next = bytes.indexOf(this.#syntax.syncByte, at + 1);
    return this.searchStep(bytes, at, next, this.#limit);
  }

  #corruptFrame(): void {
    this.corrupt(`no ${this.#syntax.name} frame where one is due`);
  }

  #giveUpWhenHopeless(): void {
    if (this.offset < this.#limit) return;
    this.giveUp(`no ${this.#syntax.name} frame in ${MAX_SCAN_BYTES} bytes`);
  }

  /** Where the search for frames ends. */
  get #limit(): number {
    return this.#goodOffset + MAX_SCAN_BYTES;
  }
}

/** Makes trackers of a run of frames. */
export function frameTracker(syntax: FrameSyntax): TrackerFactory {
  return (sink) => new FrameTracker(sink, syntax);
}
