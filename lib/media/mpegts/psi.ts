/**
 * Program specific information of MPEG-TS (ISO/IEC 13818-1 2.4.4): which packets carry what.
 *
 * @module
 */
import { crc32 } from "../reader/crc32.ts";

/** Bytes of a transport packet. */
export const PACKET_BYTES = 188;

/** First byte of a transport packet. */
export const SYNC_BYTE = 0x47;

/** PID of the program association table. */
export const PAT_PID = 0;

/** Bytes of a PAT or PMT section: section_length is at most 1021 (2.4.4.4, 2.4.4.9). */
export const MAX_SECTION_BYTES = 1024;

/** Programs of a stream: a broadcast has one, a whole satellite transponder about 20. */
export const MAX_PROGRAMS = 32;

const TABLE_PAT = 0;
const TABLE_PMT = 2;

/**
 * Where a packet's payload begins (2.4.3.2).
 *
 * @param at Index of its sync byte in `bytes`.
 * @returns An index; the packet's end when it has no payload, or too long an adaptation field.
 */
export function packetPayload(bytes: Uint8Array, at: number): number {
  const control = bytes[at + 3]!;
  const end = at + PACKET_BYTES;
  if ((control & 0x10) === 0) return end;
  return (control & 0x20) === 0
    ? at + 4
    : Math.min(end, at + 5 + bytes[at + 4]!);
}

/** An elementary stream as the PMT lists it. */
export interface ElementaryStream {
  /** PID of its packets. */
  readonly pid: number;
  /** stream_type (table 2-34). */
  readonly type: number;
  /** Its descriptors, tag and length and content of each. */
  readonly descriptors: Uint8Array;
}

/** Gathers the sections of one PID from packets. */
export class SectionReader {
  readonly #take: (section: Uint8Array) => void;
  readonly #bytes = new Uint8Array(MAX_SECTION_BYTES);
  #filled = 0;
  #open = false;

  /** Passes each whole section to `take`, where it is only valid during the call. */
  constructor(take: (section: Uint8Array) => void) {
    this.#take = take;
  }

  /** Bytes held of the current section. */
  get heldBytes(): number {
    return this.#filled;
  }

  /** Abandons the current section. */
  reset(): void {
    this.#filled = 0;
    this.#open = false;
  }

  /**
   * Reads a packet's payload.
   *
   * @param starts payload_unit_start_indicator: a pointer_field comes first.
   */
  push(payload: Uint8Array, starts: boolean): void {
    if (!starts) return this.#fill(payload);
    const first = 1 + (payload[0] ?? 0);
    this.#fill(payload.subarray(1, first));
    this.reset();
    this.#open = true;
    this.#fill(payload.subarray(first));
  }

  /** Adds bytes, which may hold the ends and beginnings of several sections. */
  #fill(bytes: Uint8Array): void {
    let at = 0;
    while (this.#open && at < bytes.length) {
      if (this.#filled === 0 && bytes[at] === 0xff) return this.reset();
      const target = this.#filled < 3 ? 3 : this.#length();
      if (target > MAX_SECTION_BYTES) return this.reset();
      const taken = Math.min(target - this.#filled, bytes.length - at);
      this.#bytes.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled >= 3 && this.#filled === this.#length()) {
        this.#filled = 0;
        this.#take(this.#bytes.subarray(0, this.#length()));
      }
    }
  }

  #length(): number {
    return 3 + (((this.#bytes[1]! & 0x0f) << 8) | this.#bytes[2]!);
  }
}

/** Whether a section's checksum is right (annex A). */
export function sectionIsSound(section: Uint8Array): boolean {
  return section.length >= 12 && sectionCrc(section) === 0;
}

/** Whether a section applies now: the only part, with current_next_indicator set. */
export function sectionIsCurrent(section: Uint8Array): boolean {
  return (section[5]! & 1) === 1 && section[6] === 0 && section[7] === 0;
}

/**
 * Reads a PAT of one section.
 *
 * @returns PIDs of the PMTs in order, or nothing when it is another table.
 */
export function parsePat(section: Uint8Array): number[] | undefined {
  if (section[0] !== TABLE_PAT) return;
  const pids: number[] = [];
  for (let at = 8; at + 4 <= section.length - 4; at += 4) {
    const program = (section[at]! << 8) | section[at + 1]!;
    const pid = pidAt(section, at + 2);
    // Program 0 is the network information, which a decoder does not need.
    if (program !== 0 && !pids.includes(pid)) pids.push(pid);
  }
  return pids.slice(0, MAX_PROGRAMS);
}

/**
 * Reads a PMT of one section.
 *
 * @returns The elementary streams in order, or nothing when it is another table or contradicts itself.
 */
export function parsePmt(section: Uint8Array): ElementaryStream[] | undefined {
  if (section[0] !== TABLE_PMT || section.length < 16) return;
  const end = section.length - 4;
  const streams: ElementaryStream[] = [];
  let at = 12 + lengthAt(section, 10);
  while (at + 5 <= end) {
    const next = at + 5 + lengthAt(section, at + 3);
    if (next > end) return;
    streams.push({
      pid: pidAt(section, at + 1),
      type: section[at]!,
      descriptors: section.slice(at + 5, next),
    });
    at = next;
  }
  return at === end ? streams : undefined;
}

/**
 * Cuts a section into packets, the last of which is stuffed. Their counters begin at 0, so that the same
 * tables always result in the same bytes; decoders accept any first counter of a table.
 */
export function sectionPackets(pid: number, section: Uint8Array): Uint8Array {
  // The pointer_field takes a byte of the first packet.
  const count = Math.ceil((section.length + 1) / (PACKET_BYTES - 4));
  const packets = new Uint8Array(count * PACKET_BYTES).fill(0xff);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const start = i === 0 ? 0x40 : 0;
    const header = [SYNC_BYTE, start | (pid >> 8), pid & 0xff, 0x10 | (i & 15)];
    if (i === 0) header.push(0);
    packets.set(header, i * PACKET_BYTES);
    const taken = section.subarray(at, at + PACKET_BYTES - header.length);
    packets.set(taken, i * PACKET_BYTES + header.length);
    at += taken.length;
  }
  return packets;
}

/** CRC-32 of a section without its last field (annex A); 0 over a section with a right one. */
export function sectionCrc(bytes: Uint8Array): number {
  return crc32(bytes, 0xffffffff);
}

function pidAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x1f) << 8) | bytes[at + 1]!;
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x0f) << 8) | bytes[at + 1]!;
}
