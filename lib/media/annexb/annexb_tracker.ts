import { ParameterSets } from "../codec/parameter_sets.ts";
import { RandomAccessPolicy } from "../codec/random_access_policy.ts";
import {
  type FoundUnit,
  StartCodeScanner,
} from "../codec/start_code_scanner.ts";
import type { Unit, UnitGrammar } from "../codec/unit_grammar.ts";
import { IncidentReporter } from "../incident_reporter.ts";
import { MAX_JOINLESS_BYTES } from "../limits.ts";
import type {
  JoinPoint,
  MediaInfo,
  Tracker,
  TrackerFactory,
  TrackerSink,
} from "../tracker.ts";

/** What distinguishes the tracker of one codec from that of another. */
export interface AnnexBOptions {
  /** How units are read. */
  readonly grammar: UnitGrammar;
  /** What is known before the first SPS. */
  readonly info: MediaInfo;
}

/**
 * Tracks raw video with start codes: joins at the first unit of an access unit that a decoder can start
 * from. Such streams have no clock, and their units no length. Init is the newest parameter sets.
 */
export class AnnexBTracker implements Tracker {
  /** An elementary stream has no clock. */
  readonly time: undefined = undefined;
  /** Units have no length. */
  readonly missingBytes = 0;
  readonly #sink: TrackerSink;
  readonly #options: AnnexBOptions;
  readonly #scanner: StartCodeScanner;
  readonly #policy = new RandomAccessPolicy();
  readonly #sets = new ParameterSets();
  #init: Uint8Array | undefined;
  #codec = "";
  #offset = 0;
  #joinedAt = 0;
  /** Where the access unit began whose first picture has not arrived yet. */
  #unitOffset: number | undefined;
  #recovery = false;
  readonly #incident: IncidentReporter;
  #gaveUp = false;

  /** Reports to `sink`. */
  constructor(sink: TrackerSink, options: AnnexBOptions) {
    this.#sink = sink;
    this.#incident = new IncidentReporter(sink);
    this.#options = options;
    this.#scanner = new StartCodeScanner({
      wanted: (header) => options.grammar.wanted(header),
      unit: (found) => this.#take(found),
    });
  }

  /** Bytes held of parameter sets and of the current unit. */
  get heldBytes(): number {
    return this.#sets.heldBytes + this.#scanner.heldBytes;
  }

  /** Looks at the next bytes. */
  push(chunk: Uint8Array): void {
    if (this.#gaveUp) return;
    let from = 0;
    // Cut where the tracker gives up, so that this is the same byte however the stream is cut.
    while (from < chunk.length && !this.#gaveUp) {
      const left = this.#joinedAt + MAX_JOINLESS_BYTES - this.#offset;
      const to = Math.min(chunk.length, from + left);
      this.#scanner.push(chunk, from, to, this.#offset);
      this.#offset += to - from;
      from = to;
      if (this.#offset - this.#joinedAt >= MAX_JOINLESS_BYTES) this.#giveUp();
    }
  }

  #giveUp(): void {
    this.#gaveUp = true;
    this.#sink.giveUp(
      `no picture to start from in ${MAX_JOINLESS_BYTES} bytes`,
    );
  }

  #take(found: FoundUnit): void {
    const unit = this.#options.grammar.read(found.head, found.whole);
    if (unit.kind === "broken") {
      this.#corrupt("a unit that the codec does not define");
    } else if (unit.kind === "picture") this.#picture(found.offset, unit);
    else if (unit.kind === "prefix" || unit.kind === "parameters") {
      this.#unitOffset ??= found.offset;
      if (unit.kind === "parameters") this.#parameters(unit, found.head);
      else if (unit.recovery) this.#recovery = true;
    }
  }

  #parameters(unit: Unit & { kind: "parameters" }, nal: Uint8Array): void {
    const change = this.#sets.put(unit.rank, unit.id, nal);
    if (change === "full") this.#corrupt("more parameter sets than allowed");
    if (!unit.info || change === "known") return;
    const { codec, width, height } = unit.info;
    // Encoders change details of an SPS, such as its timing, that are not reported.
    const known = `${codec} ${width}x${height}`;
    if (known === this.#codec) return;
    this.#codec = known;
    const codecs = codec === "" ? this.#options.info.codecs : [codec];
    this.#sink.info({ ...this.#options.info, codecs, width, height });
  }

  #picture(offset: number, unit: Unit & { kind: "picture" }): void {
    const start = this.#unitOffset ?? offset;
    const access = unit.access === "none" && this.#recovery
      ? "open"
      : unit.access;
    this.#unitOffset = undefined;
    this.#recovery = false;
    const kind = this.#policy.decide(access);
    if (kind === "none") return;
    // A stream that is received from the middle may bring a picture before its parameter sets.
    if (!this.#sets.hasAll(this.#options.grammar.needs)) return;
    this.#join(kind, { offset: start, ...(unit.cut && { reset: unit.cut }) });
  }

  #join(kind: "join" | "fallback", point: JoinPoint): void {
    const init = this.#sets.joined();
    // The same array as long as no parameter set has changed.
    if (init !== this.#init) this.#sink.init(init);
    this.#init = init;
    this.#joinedAt = point.offset;
    this.#incident.recover();
    if (kind === "join") this.#sink.join(point);
    else this.#sink.fallbackJoin?.(point);
  }

  #corrupt(what: string): void {
    this.#incident.report(what);
    this.#unitOffset = undefined;
    this.#recovery = false;
  }
}

/** Makes trackers of raw video in one codec. */
export function annexBTracker(options: AnnexBOptions): TrackerFactory {
  return (sink) => new AnnexBTracker(sink, options);
}
