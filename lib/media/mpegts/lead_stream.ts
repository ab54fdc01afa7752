import { AccessJudge } from "../codec/random_access_detector.ts";
import type { SpsInfo } from "../codec/h26x.ts";
import { PesReader, TICKS_PER_SECOND, Unwrapper } from "./pes.ts";
import { PACKET_BYTES, packetPayload } from "./psi.ts";
import type { JoinPoint } from "../tracker.ts";
import { pesPackets } from "./packets.ts";
import type { StreamKind } from "./stream_kind.ts";

const NOTHING = new Uint8Array();

/** Who is told of the lead stream. */
export interface LeadSink {
  /** Decoding can start here. */
  join(point: JoinPoint): void;
  /** What the video's parameter sets say. */
  info(info: SpsInfo): void;
  /** Something is missing or wrong. */
  damage(what: string): void;
}

/** The elementary stream that tells where to join: the first video, else the first audio. */
export class LeadStream {
  readonly #pid: number;
  readonly #kind: StreamKind;
  readonly #sink: LeadSink;
  readonly #pes = new PesReader();
  readonly #clock = new Unwrapper();
  readonly #judge: AccessJudge | undefined;
  #time: number | undefined;
  /** continuity_counter of the newest packet with payload. */
  #counter: number | undefined;
  /** Whether the PES packet under way still has something to tell. */
  #wanted = false;
  // Of the PES packet under way:
  #offset = 0;
  #firstCounter = 0;
  #flagged = false;

  /**
   * Begins before the first packet.
   *
   * @param pid PID of its packets.
   * @param kind What it carries.
   */
  constructor(pid: number, kind: StreamKind, sink: LeadSink) {
    this.#pid = pid;
    this.#kind = kind;
    this.#sink = sink;
    if (!kind.grammar) return;
    this.#judge = new AccessJudge({
      access: (before, cut) => this.#join(before, cut),
      info: (info) => sink.info(info),
      damage: (what) => sink.damage(what),
    }, kind.grammar);
  }

  /** Seconds of the newest PES packet, unwrapped. */
  get time(): number | undefined {
    return this.#time;
  }

  /** Bytes held. */
  get heldBytes(): number {
    return this.#judge?.heldBytes ?? 0;
  }

  /** Forgets the PES packet under way, as after a gap. */
  gap(): void {
    this.#counter = undefined;
    this.#drop();
  }

  /**
   * Looks at a packet of the stream.
   *
   * @param at Its sync byte in `bytes`.
   * @param offset Where it lies in the broadcast.
   */
  packet(bytes: Uint8Array, at: number, offset: number): void {
    const control = bytes[at + 3]!;
    if ((control & 0x10) === 0) return;
    const flags = (control & 0x20) && bytes[at + 4]! > 0 ? bytes[at + 5]! : 0;
    const starts = (bytes[at + 1]! & 0x40) !== 0;
    const same = (control & 15) === this.#counter;
    // A packet may be sent twice, counter and all (2.4.3.3). One that starts a PES packet is looked
    // at all the same: a decoder can start with either, and it may be another stream's behind a break.
    if (same && !starts && (flags & 0x80) === 0) return;
    if (!same) this.#count(control & 15, (flags & 0x80) !== 0);
    if (starts) {
      if (same) this.#drop();
      this.#judge?.end();
      this.#offset = offset;
      this.#firstCounter = control & 15;
      this.#begin((flags & 0x40) !== 0, (control & 0xc0) !== 0);
    }
    if (this.#wanted) this.#look(bytes, packetPayload(bytes, at), at);
  }

  /** Follows the counter; `announced` is a jump that the multiplexer made known. */
  #count(counter: number, announced: boolean): void {
    const last = this.#counter;
    this.#counter = counter;
    if (last === undefined || counter === ((last + 1) & 15)) return;
    this.#drop();
    if (!announced) this.#sink.damage("packets are missing");
  }

  #drop(): void {
    this.#wanted = false;
    this.#judge?.drop();
    this.#pes.reset(false);
  }

  #begin(flagged: boolean, scrambled: boolean): void {
    this.#flagged = flagged;
    this.#wanted = !scrambled;
    this.#pes.reset(!scrambled);
    if (!scrambled) this.#judge?.begin(flagged);
    else if (flagged || this.#kind.media === "audio") this.#join();
  }

  #look(bytes: Uint8Array, from: number, at: number): void {
    const to = at + PACKET_BYTES;
    const wasReady = this.#pes.ready;
    const payload = this.#pes.push(bytes, from, to);
    if (!this.#pes.open) {
      this.#drop();
      this.#sink.damage("a PES packet without its header");
    } else if (this.#pes.ready) {
      if (!wasReady) this.#headerRead();
      this.#judge?.push(bytes, payload, to);
      this.#wanted = this.#judge?.undecided ?? false;
    }
  }

  #headerRead(): void {
    const ticks = this.#pes.ticks;
    if (ticks !== undefined) {
      this.#time = this.#clock.next(ticks) / TICKS_PER_SECOND;
    }
    // Without a grammar the flag is all there is; every PES packet of audio is a place to start.
    if (this.#judge) return;
    if (this.#flagged || this.#kind.media === "audio") this.#join();
  }

  /**
   * Reports the PES packet under way.
   *
   * @param before Units that a decoder needs before it.
   * @param cut Units that one that has been running needs even before init.
   */
  #join(before: Uint8Array = NOTHING, cut: Uint8Array = NOTHING): void {
    const prefix = this.#packets(before, this.#firstCounter);
    const count = (prefix?.length ?? 0) / PACKET_BYTES;
    const reset = this.#packets(cut, this.#firstCounter - count);
    this.#sink.join({
      offset: this.#offset,
      ...(prefix && { prefix }),
      ...(reset && { reset }),
      ...(this.#time !== undefined && { time: this.#time }),
    });
  }

  /** Wraps units in packets of their own; `counter` is the continuity_counter of what follows them. */
  #packets(units: Uint8Array, counter: number): Uint8Array | undefined {
    if (units.length === 0) return undefined;
    return pesPackets(this.#pid, units, this.#pes.stamps, counter);
  }
}
