import { AccessPolicy } from "./random_access_policy.ts";
import { type FoundUnit, StartCodeScanner } from "./start_code_scanner.ts";
import type { SpsInfo } from "./h26x.ts";
import type { NalGrammar, Unit } from "./nal_grammar.ts";
import { ParameterSets } from "./parameter_sets.ts";

const NOTHING = new Uint8Array();

/** Who is told what a judge finds. */
export interface AccessSink {
  /**
   * A decoder can start with the PES packet under way.
   *
   * @param before Units with start codes that a decoder needs before the packet; often none.
   * @param cut Units that a decoder that has been running needs even before init.
   */
  access(before: Uint8Array, cut: Uint8Array | undefined): void;
  /** What a new parameter set says of the video. */
  info(info: SpsInfo): void;
  /** The video holds a unit that its codec does not have. */
  damage(what: string): void;
}

/**
 * Looks into PES packets of video up to the first slice, and judges whether a decoder can start
 * there. What a multiplexer flags as random access is believed of intra-coded pictures only.
 */
export class AccessJudge {
  readonly #sink: AccessSink;
  readonly #grammar: NalGrammar;
  readonly #scanner: StartCodeScanner;
  readonly #policy = new AccessPolicy();
  readonly #sets = new ParameterSets();
  /** Ranks of the parameter sets that the packet under way has brought. */
  readonly #brought = new Set<number>();
  #undecided = false;
  #flagged = false;
  #recovery = false;

  /** Reports to `sink`. */
  constructor(sink: AccessSink, grammar: NalGrammar) {
    this.#sink = sink;
    this.#grammar = grammar;
    this.#scanner = new StartCodeScanner({
      wanted: (header) => grammar.wanted(header),
      unit: (found) => this.#take(found),
    });
  }

  /** Bytes held of parameter sets and of the unit under way. */
  get heldBytes(): number {
    return this.#sets.heldBytes + this.#scanner.heldBytes;
  }

  /** Whether more of the packet under way is wanted. */
  get undecided(): boolean {
    return this.#undecided;
  }

  /** The packet under way ends, and is judged by what it held. */
  end(): void {
    if (this.#undecided) this.#scanner.end();
    this.#undecided = false;
  }

  /** The packet under way cannot be judged, because bytes of it are missing. */
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
    this.#brought.clear();
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
        this.#sink.damage("a video unit that the codec does not have");
      }
    }
  }

  #parameters(unit: Unit & { kind: "parameters" }, nal: Uint8Array): void {
    const change = this.#sets.put(unit.rank, unit.id, nal);
    if (change === "full") {
      this.#sink.damage("more parameter sets than allowed");
    }
    this.#brought.add(unit.rank);
    if (unit.info && change !== "known") this.#sink.info(unit.info);
  }

  #picture(unit: Unit & { kind: "picture" }): void {
    const open = this.#recovery || (this.#flagged && unit.intra);
    const access = unit.access === "none" && open ? "open" : unit.access;
    if (!this.#policy.takes(access)) return;
    const needs = this.#grammar.needs;
    if (!this.#sets.hasAll(needs)) return;
    const whole = needs.every((rank) => this.#brought.has(rank));
    const missing = whole ? NOTHING : this.#sets.joined();
    this.#sink.access(missing, unit.cut);
  }
}
