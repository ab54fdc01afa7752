import { MAX_SCAN_BYTES } from "../limits.ts";
import { type Framing, FRAMINGS } from "./framing.ts";
import { PACKET_BYTES, SYNC_BYTE } from "./psi.ts";

/** Sync bytes in a row that prove a boundary: by chance in one of 16 million places. */
const SYNCS = 3;

/** Bytes needed to try a place: up to the last sync byte of the widest framing. */
const WINDOW_BYTES: number = (SYNCS - 1) * (PACKET_BYTES + 16) + 1;

/** Bytes held during a search; more than the window, so that it moves in large steps. */
const HELD_BYTES = 4096;

/** Where packets are reported to. */
export interface PacketSink {
  /**
   * A packet.
   *
   * @param bytes Contain it; valid during the call.
   * @param at Index of its sync byte.
   * @param offset Bytes from the stream's first byte to the packet, framing included.
   */
  packet(bytes: Uint8Array, at: number, offset: number): void;
  /**
   * Packets have been found, or found again.
   *
   * @param offset Bytes from the stream's first byte to the first of them, framing included.
   * @param stride Bytes from packet to packet.
   */
  found(offset: number, stride: number): void;
  /** The next packet does not begin where it is due. */
  lost(): void;
  /** There are no packets in {@linkcode MAX_SCAN_BYTES}. */
  notFound(): void;
}

/** Finds the boundaries of transport packets, and finds them again after corruption. */
export class PacketSync {
  readonly #sink: PacketSink;
  readonly #held = new Uint8Array(HELD_BYTES);
  #filled = 0;
  #framing: Framing | undefined;
  #offset = 0;
  #searched = 0;

  /** Hands packets to `sink`. */
  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  /** Bytes held. */
  get heldBytes(): number {
    return this.#filled;
  }

  /** Bytes missing from the current packet; 0 while boundaries are unknown. */
  get missingBytes(): number {
    return this.#framing && this.#filled > 0
      ? this.#framing.stride - this.#filled
      : 0;
  }

  /** Bytes before each packet and behind it. */
  get padding(): { before: number; behind: number } {
    const { stride, lead } = this.#framing ?? FRAMINGS[0]!;
    return { before: lead, behind: stride - lead - PACKET_BYTES };
  }

  /** Looks at the next bytes. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#searched < MAX_SCAN_BYTES) {
      if (this.#filled === 0) at += this.#packets(chunk, at, chunk.length);
      at += this.#hold(chunk, at);
      this.#work();
    }
  }

  /** Holds part of a packet, or what is searched; returns the number of bytes. */
  #hold(chunk: Uint8Array, at: number): number {
    const target = this.#framing?.stride ?? HELD_BYTES;
    const taken = Math.max(
      0,
      Math.min(target - this.#filled, chunk.length - at),
    );
    this.#held.set(chunk.subarray(at, at + taken), this.#filled);
    this.#filled += taken;
    return taken;
  }

  /** Processes the bytes held as far as possible. */
  #work(): void {
    do {
      this.#drop(this.#packets(this.#held, 0, this.#filled));
    } while (!this.#framing && this.#search());
  }

  /** Reports whole packets while they begin where due; returns the number of bytes processed. */
  #packets(bytes: Uint8Array, from: number, to: number): number {
    if (!this.#framing) return 0;
    const { stride, lead } = this.#framing;
    let at = from;
    for (; at + stride <= to; at += stride) {
      if (bytes[at + lead] !== SYNC_BYTE) {
        this.#framing = undefined;
        this.#searched = 0;
        this.#sink.lost();
        break;
      }
      this.#sink.packet(bytes, at + lead, this.#offset);
      this.#offset += stride;
    }
    return at - from;
  }

  /** Searches the bytes held for a boundary, and drops those before it. */
  #search(): boolean {
    const last = this.#filled - WINDOW_BYTES;
    let at = 0;
    while (at <= last && !this.#framing && this.#searched < MAX_SCAN_BYTES) {
      this.#framing = this.#framingAt(at);
      if (this.#framing) break;
      at++;
      this.#searched++;
    }
    this.#offset += at;
    this.#drop(at);
    if (this.#framing) this.#sink.found(this.#offset, this.#framing.stride);
    if (this.#searched >= MAX_SCAN_BYTES) this.#sink.notFound();
    return this.#framing !== undefined;
  }

  #framingAt(at: number): Framing | undefined {
    const held = this.#held;
    // Few places pass this quick check.
    if (held[at] !== SYNC_BYTE && held[at + 4] !== SYNC_BYTE) return;
    return FRAMINGS.find(({ stride, lead }) => {
      for (let i = 0; i < SYNCS; i++) {
        if (held[at + lead + i * stride] !== SYNC_BYTE) return false;
      }
      return true;
    });
  }

  #drop(count: number): void {
    if (count === 0) return;
    this.#held.copyWithin(0, count, this.#filled);
    this.#filled -= count;
  }
}
