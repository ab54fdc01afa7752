import {
  type PacketStart,
  RandomAccessDetector,
} from "../codec/random_access_detector.ts";
import { OPEN_AFTER_PICTURES } from "../codec/random_access_policy.ts";
import type { VideoInfo } from "../codec/unit_grammar.ts";
import { PesReader, TICKS_PER_SECOND, Unwrapper } from "./pes.ts";
import { PACKET_BYTES, packetPayload } from "./psi.ts";
import type { JoinPoint } from "../tracker.ts";
import { pesPackets } from "./packets.ts";
import type { StreamKind } from "./stream_kind.ts";

const NOTHING = new Uint8Array();

/** A start at a packet of a stream that is not parsed. */
const PLAIN_START: PacketStart = {
  kind: "join",
  before: NOTHING,
  cut: undefined,
};

/** Where the lead stream is reported to. */
export interface LeadSink {
  /** Decoding can start here. */
  join(point: JoinPoint, kind: "join" | "fallback"): void;
  /** What the video's parameter sets say. */
  info(info: VideoInfo): void;
  /** Something is missing or malformed. */
  corruption(what: string): void;
}

/** The elementary stream that determines join points: the first video, else the first audio. */
export class LeadStream {
  readonly #pid: number;
  readonly #kind: StreamKind;
  readonly #sink: LeadSink;
  readonly #pes = new PesReader();
  readonly #clock = new Unwrapper();
  readonly #detector: RandomAccessDetector | undefined;
  #time: number | undefined;
  /** continuity_counter of the newest packet with payload. */
  #counter: number | undefined;
  /** Whether more of the current PES packet is needed. */
  #wanted = false;
  /** PES packets since the last one that the multiplexer flagged as random access. */
  #unflagged = 0;
  // Of the current PES packet:
  #offset = 0;
  #firstCounter = 0;
  #flagged = false;

  /** Reports a stream of this PID and kind to `sink`. */
  constructor(pid: number, kind: StreamKind, sink: LeadSink) {
    this.#pid = pid;
    this.#kind = kind;
    this.#sink = sink;
    if (!kind.grammar) return;
    this.#detector = new RandomAccessDetector({
      access: (start) => this.#join(start),
      info: (info) => sink.info(info),
      corruption: (what) => sink.corruption(what),
    }, kind.grammar);
  }

  /** Seconds of the newest PES packet, unwrapped. */
  get time(): number | undefined {
    return this.#time;
  }

  /** Bytes held. */
  get heldBytes(): number {
    return this.#detector?.heldBytes ?? 0;
  }

  /** Abandons the current PES packet, as after a gap. */
  gap(): void {
    this.#counter = undefined;
    this.#drop();
  }

  /**
   * Looks at a packet of the stream.
   *
   * @param at Index of its sync byte in `bytes`.
   * @param offset Bytes from the stream's first byte.
   */
  packet(bytes: Uint8Array, at: number, offset: number): void {
    const control = bytes[at + 3]!;
    if ((control & 0x10) === 0) return;
    const flags = (control & 0x20) && bytes[at + 4]! > 0 ? bytes[at + 5]! : 0;
    const starts = (bytes[at + 1]! & 0x40) !== 0;
    const same = (control & 15) === this.#counter;
    // A packet may be sent twice with the same counter (2.4.3.3). One that starts a PES packet is read
    // again: a decoder can start with either, and behind a break it may belong to another stream.
    if (same && !starts && (flags & 0x80) === 0) return;
    if (!same) this.#count(control & 15, (flags & 0x80) !== 0);
    if (starts) {
      if (same) this.#drop();
      this.#detector?.end();
      this.#offset = offset;
      this.#firstCounter = control & 15;
      this.#begin((flags & 0x40) !== 0, (control & 0xc0) !== 0);
    }
    if (this.#wanted) this.#look(bytes, packetPayload(bytes, at), at);
  }

  /** Checks the counter; `announced` is a discontinuity that the multiplexer signalled. */
  #count(counter: number, announced: boolean): void {
    const last = this.#counter;
    this.#counter = counter;
    if (last === undefined || counter === ((last + 1) & 15)) return;
    this.#drop();
    if (!announced) this.#sink.corruption("packets are missing");
  }

  #drop(): void {
    this.#wanted = false;
    this.#detector?.drop();
    this.#pes.reset(false);
  }

  #begin(flagged: boolean, scrambled: boolean): void {
    this.#flagged = flagged;
    this.#wanted = !scrambled;
    this.#pes.reset(!scrambled);
    if (!scrambled) this.#detector?.begin(flagged);
    else if (this.#isStart()) this.#join();
  }

  /**
   * Whether decoding can start at the current PES packet of a stream that is not parsed: at any of audio,
   * at flagged ones of video, and at any where the multiplexer does not flag them.
   */
  #isStart(): boolean {
    this.#unflagged = this.#flagged ? 0 : this.#unflagged + 1;
    return this.#flagged || this.#kind.media === "audio" ||
      this.#unflagged > OPEN_AFTER_PICTURES;
  }

  #look(bytes: Uint8Array, from: number, at: number): void {
    const to = at + PACKET_BYTES;
    const wasReady = this.#pes.ready;
    const payload = this.#pes.push(bytes, from, to);
    if (!this.#pes.open) {
      this.#drop();
      this.#sink.corruption("a PES packet without its header");
    } else if (this.#pes.ready) {
      if (!wasReady) this.#headerRead();
      this.#detector?.push(bytes, payload, to);
      this.#wanted = this.#detector?.undecided ?? false;
    }
  }

  #headerRead(): void {
    const ticks = this.#pes.ticks;
    if (ticks !== undefined) {
      this.#time = this.#clock.next(ticks) / TICKS_PER_SECOND;
    }
    if (!this.#detector && this.#isStart()) this.#join();
  }

  /** Reports the current PES packet. */
  #join({ kind, before, cut = NOTHING }: PacketStart = PLAIN_START): void {
    const prefix = this.#packets(before, this.#firstCounter);
    const count = (prefix?.length ?? 0) / PACKET_BYTES;
    const reset = this.#packets(cut, this.#firstCounter - count);
    this.#sink.join({
      offset: this.#offset,
      ...(prefix && { prefix }),
      ...(reset && { reset }),
      ...(this.#time !== undefined && { time: this.#time }),
    }, kind);
  }

  /** Wraps units in packets; `counter` is the continuity_counter of the packet behind them. */
  #packets(units: Uint8Array, counter: number): Uint8Array | undefined {
    if (units.length === 0) return undefined;
    return pesPackets(this.#pid, units, this.#pes.stamps, counter);
  }
}
