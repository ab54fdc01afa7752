import { concat, equals } from "@std/bytes";
import {
  type ElementaryStream,
  parsePat,
  parsePmt,
  PAT_PID,
  sectionIsCurrent,
  sectionIsSound,
  sectionPackets,
  SectionReader,
} from "./psi.ts";

/** The newest program map table of a program. */
interface Program {
  readonly reader: SectionReader;
  section?: Uint8Array;
  streams: readonly ElementaryStream[];
}

/** Where tables are reported to. */
export interface TablesSink {
  /** The current tables have changed. */
  changed(): void;
  /** A table was corrupted. */
  corruption(what: string): void;
}

/** The newest PAT and PMTs of a transport stream. */
export class ProgramTables {
  readonly #sink: TablesSink;
  readonly #patReader: SectionReader;
  #pat: Uint8Array | undefined;
  #programs = new Map<number, Program>();

  /** Reports to `sink`. */
  constructor(sink: TablesSink) {
    this.#sink = sink;
    this.#patReader = new SectionReader((section) => this.#takePat(section));
  }

  /** Bytes held of the tables and of unfinished sections. */
  get heldBytes(): number {
    let bytes = (this.#pat?.length ?? 0) + this.#patReader.heldBytes;
    for (const { reader, section } of this.#programs.values()) {
      // A section's descriptors are held once more with its streams.
      bytes += reader.heldBytes + 2 * (section?.length ?? 0);
    }
    return bytes;
  }

  /** PIDs of the PMTs. */
  get pmtPids(): Iterable<number> {
    return this.#programs.keys();
  }

  /** The elementary streams of each program, in the order of the PAT. */
  get programs(): readonly (readonly ElementaryStream[])[] {
    return [...this.#programs.values()].map((program) => program.streams);
  }

  /** The tables as packets of 188 bytes. */
  packets(): Uint8Array {
    const parts: Uint8Array[] = [];
    if (this.#pat) parts.push(sectionPackets(PAT_PID, this.#pat));
    for (const [pid, { section }] of this.#programs) {
      if (section) parts.push(sectionPackets(pid, section));
    }
    return concat(parts);
  }

  /** Reads the payload of a packet of the PAT or of a PMT. */
  push(pid: number, payload: Uint8Array, starts: boolean): void {
    const reader = pid === PAT_PID
      ? this.#patReader
      : this.#programs.get(pid)?.reader;
    reader?.push(payload, starts);
  }

  /** Abandons unfinished sections, as after a gap. */
  reset(): void {
    this.#patReader.reset();
    for (const { reader } of this.#programs.values()) reader.reset();
  }

  #takePat(section: Uint8Array): void {
    // Tables arrive ten times a second: a known one is not checked again.
    if (isSame(section, this.#pat) || !this.#usable(section)) return;
    const pids = parsePat(section);
    if (!pids) return;
    this.#pat = section.slice();
    // Remaining programs keep their PMT, which may not arrive again soon.
    const before = this.#programs;
    this.#programs = new Map(
      pids.map((pid) => [
        pid,
        before.get(pid) ?? this.#newProgram(pid),
      ]),
    );
    this.#sink.changed();
  }

  #newProgram(pid: number): Program {
    const take = (section: Uint8Array): void => this.#takePmt(pid, section);
    return { reader: new SectionReader(take), streams: [] };
  }

  #takePmt(pid: number, section: Uint8Array): void {
    const program = this.#programs.get(pid);
    if (!program || isSame(section, program.section)) return;
    if (!this.#usable(section)) return;
    const streams = parsePmt(section);
    if (!streams) return;
    program.section = section.slice();
    program.streams = streams;
    this.#sink.changed();
  }

  #usable(section: Uint8Array): boolean {
    const sound = sectionIsSound(section);
    if (!sound) this.#sink.corruption("a program table with a wrong checksum");
    return sound && sectionIsCurrent(section);
  }
}

function isSame(section: Uint8Array, known: Uint8Array | undefined): boolean {
  return known !== undefined && equals(section, known);
}
