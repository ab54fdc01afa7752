/**
 * The tracker of streams that are nothing but a run of frames whose headers tell their length: MP3,
 * ADTS, AC-3. A header is believed when it stands where the one before it said, so a false sync
 * inside a frame's data is not taken for a frame.
 *
 * @module
 */
import { ID3_HEAD_BYTES, id3Bytes } from "./id3.ts";
import type { MediaInfo, Tracker, TrackerSink } from "../tracker.ts";
import { GIVE_UP_BYTES, UnitWalker } from "../reader/unit_walker.ts";

/** What a frame's header tells. */
export interface Frame {
  /** Bytes of the whole frame, header included. */
  readonly bytes: number;
  /** Seconds that the frame lasts. */
  readonly seconds: number;
  /** Equal for all frames of one stream: version, layer, rate and the like in one number. */
  readonly identity: number;
  /** Whether decoding can start here; false for a part that only adds to the frame before it. */
  readonly joinable: boolean;
}

/** A format that is a run of frames. */
export interface FrameSyntax {
  /** For the log: `MP3`. */
  readonly name: string;
  /** The first byte of every header. */
  readonly syncByte: number;
  /** Bytes that {@linkcode FrameSyntax.read} looks at, at most. */
  readonly headerBytes: number;
  /** Reads the header at `at`, or tells that there is none. */
  read(bytes: Uint8Array, at: number): Frame | undefined;
  /** What a stream of such frames carries; `at` is a header's place in `bytes`. */
  info(bytes: Uint8Array, at: number): MediaInfo;
}

/** Tracks a run of frames; every frame that others lead to is a join point. */
export class FrameTracker implements Tracker {
  readonly #sink: TrackerSink;
  readonly #syntax: FrameSyntax;
  readonly #walker: UnitWalker;
  readonly #needBytes: number;
  #locked = false;
  /** Whether a frame or tag is due here, rather than being searched for. */
  #due = true;
  #damaged = false;
  #candidate: (Frame & { offset: number }) | undefined;
  #identity: number | undefined;
  #seconds = 0;
  #timed = false;
  #goodOffset = 0;

  /** Tracks frames of `syntax`, reporting to `sink`. */
  constructor(sink: TrackerSink, syntax: FrameSyntax) {
    this.#sink = sink;
    this.#syntax = syntax;
    this.#needBytes = Math.max(syntax.headerBytes, ID3_HEAD_BYTES);
    this.#walker = new UnitWalker(
      (bytes, at) => this.#visit(bytes, at),
      syntax.headerBytes,
    );
  }

  /** Looks at the next bytes. */
  push(chunk: Uint8Array): void {
    this.#walker.push(chunk);
  }

  /** Seconds of all frames so far; such streams have no clock but their own length. */
  get time(): number | undefined {
    return this.#timed ? this.#seconds : undefined;
  }

  /** Bytes held at present: a header that a chunk's end cut. */
  get heldBytes(): number {
    return this.#walker.heldBytes;
  }

  /** Bytes that the last frame or tag lacks. */
  get missingBytes(): number {
    const held = this.#walker.held;
    if (held.length === 0) return this.#walker.missingBytes;
    // In the midst of a search it is only what the last piece left over.
    if (!this.#due) return 0;
    // A cut header is completed with zeros, which may make it one of some other length.
    const head = new Uint8Array(Math.max(held.length, this.#needBytes));
    head.set(held);
    const frame = this.#syntax.read(head, 0);
    return frame
      ? Math.max(0, frame.bytes - held.length)
      : this.#walker.missingBytes;
  }

  #visit(bytes: Uint8Array, at: number): number {
    if (at + this.#needBytes > bytes.length) return 0;
    const frame = this.#syntax.read(bytes, at);
    if (frame) return this.#frame(frame, bytes, at);
    const tag = this.#due ? id3Bytes(bytes, at) : undefined;
    if (tag !== undefined) {
      this.#goodOffset = this.#walker.offset + tag;
      return tag;
    }
    return this.#search(bytes, at);
  }

  #frame(frame: Frame, bytes: Uint8Array, at: number): number {
    const known = this.#locked ? this.#identity : this.#candidate?.identity;
    const follows = this.#due && known !== undefined;
    if (follows && !frame.joinable) {
      this.#seconds += frame.seconds;
      return frame.bytes;
    }
    if (!frame.joinable) return this.#search(bytes, at);
    if (follows && frame.identity === known) this.#accept(frame, bytes, at);
    else this.#suspect(frame);
    this.#due = true;
    return frame.bytes;
  }

  /** The header is where it was due: it proves itself, and a candidate before it. */
  #accept(frame: Frame, bytes: Uint8Array, at: number): void {
    if (!this.#locked && this.#candidate) {
      if (this.#identity !== frame.identity) {
        this.#sink.info(this.#syntax.info(bytes, at));
      }
      this.#join(this.#candidate.offset, this.#candidate.seconds);
    }
    this.#locked = true;
    this.#damaged = false;
    this.#candidate = undefined;
    this.#identity = frame.identity;
    this.#join(this.#walker.offset, frame.seconds);
  }

  #join(offset: number, seconds: number): void {
    this.#sink.join({ offset, time: this.#seconds });
    this.#seconds += seconds;
    this.#timed = true;
    this.#goodOffset = offset;
  }

  /** A header that nothing before it confirms: the next one has to. */
  #suspect(frame: Frame): void {
    // A lock that ends in another valid header may be a new stream; only a second miss is damage.
    if (!this.#locked && this.#candidate) this.#damage();
    this.#locked = false;
    this.#candidate = { ...frame, offset: this.#walker.offset };
    this.#giveUpWhenHopeless();
  }

  /** No header here: to the next byte that could start one. */
  #search(bytes: Uint8Array, at: number): number {
    this.#damage();
    this.#locked = false;
    this.#due = false;
    this.#candidate = undefined;
    this.#giveUpWhenHopeless();
    const next = bytes.indexOf(this.#syntax.syncByte, at + 1);
    return this.#walker.searchStep(bytes, at, next, this.#limit);
  }

  #damage(): void {
    if (this.#damaged) return;
    this.#damaged = true;
    this.#sink.damage(`no ${this.#syntax.name} frame where one is due`);
  }

  #giveUpWhenHopeless(): void {
    if (this.#walker.offset < this.#limit) return;
    this.#walker.stop();
    this.#sink.giveUp(
      `no ${this.#syntax.name} frame in ${GIVE_UP_BYTES} bytes`,
    );
  }

  /** Where the search for frames ends. */
  get #limit(): number {
    return this.#goodOffset + GIVE_UP_BYTES;
  }
}
