import { ParameterSets } from "./parameter_sets.ts";
import { RandomAccessPolicy } from "./random_access_policy.ts";
import { type FoundUnit, StartCodeScanner } from "./start_code_scanner.ts";
import type { Unit, UnitGrammar, VideoInfo } from "./unit_grammar.ts";

const NOTHING = new Uint8Array();

/** A PES packet with which decoding can start. */
export interface PacketStart {
  /** Whether it is a join point or a fallback. */
  readonly kind: "join" | "fallback";
  /** Units with start codes that a decoder needs before the packet; often none. */
  readonly before: Uint8Array;
  /** Units that a running decoder needs even before init. */
  readonly cut: Uint8Array | undefined;
}

/** Where a detector reports to. */
export interface RandomAccessSink {
  /** A decoder can start with the current PES packet. */
  access(start: PacketStart): void;
  /** What a new parameter set says of the video. */
  info(info: VideoInfo): void;
  /** The video contains a unit that its codec does not define. */
  corruption(what: string): void;
}

/**
 * Reads PES packets of video up to the first slice, and decides whether a decoder can start there. A
 * multiplexer's random access flag counts for intra-coded pictures only.
 */
export class RandomAccessDetector {
  readonly #sink: RandomAccessSink;
  readonly #grammar: UnitGrammar;
  readonly #scanner: StartCodeScanner;
  readonly #policy = new RandomAccessPolicy();
  readonly #sets = new ParameterSets();
  /** Ranks of the parameter sets in the current packet. */
  readonly #inPacket = new Set<number>();
  #undecided = false;
  #flagged = false;
  #recovery = false;

  /** Reports to `sink`. */
  constructor(sink: RandomAccessSink, grammar: UnitGrammar) {
    this.#sink = sink;
    this.#grammar = grammar;
    this.#scanner = new StartCodeScanner({
      wanted: (header) => grammar.wanted(header),
      unit: (found) => this.#take(found),
    });
  }

  /** Bytes held of parameter sets and of the current unit. */
  get heldBytes(): number {
    return this.#sets.heldBytes + this.#scanner.heldBytes;
  }

  /** Whether more of the current packet is needed. */
  get undecided(): boolean {
    return this.#undecided;
  }

  /** The current packet ends, so what it contained decides. */
  end(): void {
    if (this.#undecided) this.#scanner.end();
    this.#undecided = false;
  }

  /** Abandons the current packet, because bytes of it are missing. */
  drop(): void {
    this.#scanner.reset();
    this.#undecided = false;
  }

  /**
   * A packet begins.
   *
   * @param flagged Whether the multiplexer flagged it as random access.
   */
  begin(flagged: boolean): void {
    this.#scanner.reset();
    this.#inPacket.clear();
    this.#undecided = true;
    this.#flagged = flagged;
    this.#recovery = false;
  }

  /** Looks at the next bytes of the packet's payload, from `from` to before `to`. */
  push(bytes: Uint8Array, from: number, to: number): void {
    this.#scanner.push(bytes, from, to, 0);
  }

  #take(found: FoundUnit): void {
    if (!this.#undecided) return;
    const unit = this.#grammar.read(found.head, found.whole);
    if (unit.kind === "parameters") this.#parameters(unit, found.head);
    else if (unit.kind === "prefix") this.#recovery ||= unit.recovery ?? false;
    else if (unit.kind !== "other") {
      this.#undecided = false;
      if (unit.kind === "picture") this.#picture(unit);
      else if (unit.kind === "broken") {
        this.#sink.corruption("a video unit that the codec does not define");
      }
    }
  }

  #parameters(unit: Unit & { kind: "parameters" }, nal: Uint8Array): void {
    const change = this.#sets.put(unit.rank, unit.id, nal);
    if (change === "full") {
      this.#sink.corruption("more parameter sets than allowed");
    }
    this.#inPacket.add(unit.rank);
    if (unit.info && change !== "known") this.#sink.info(unit.info);
  }

  #picture(unit: Unit & { kind: "picture" }): void {
    const open = this.#recovery || (this.#flagged && unit.intra);
    const access = unit.access === "none" && open ? "open" : unit.access;
    const kind = this.#policy.decide(access);
    if (kind === "none") return;
    const needs = this.#grammar.needs;
    if (!this.#sets.hasAll(needs)) return;
    const whole = needs.every((rank) => this.#inPacket.has(rank));
    const before = whole ? NOTHING : this.#sets.joined();
    this.#sink.access({ kind, before, cut: unit.cut });
  }
}
