import { PACKET_BYTES, SYNC_BYTE } from "./psi.ts";

/** How packets follow each other: every `stride` bytes, with the sync byte at `lead`. */
interface Framing {
  readonly stride: number;
  readonly lead: number;
}

/** Bare packets, packets behind a time stamp of 4 bytes (M2TS), packets with 16 of error correction. */
const FRAMINGS: readonly Framing[] = [
  { stride: PACKET_BYTES, lead: 0 },
  { stride: PACKET_BYTES + 4, lead: 4 },
  { stride: PACKET_BYTES + 16, lead: 0 },
];

/** Sync bytes in a row that make a border certain: by chance in one of 16 million places. */
const SYNCS = 3;

/** Bytes that must be there to try a place: up to the last sync byte of the widest framing. */
const WINDOW_BYTES: number = (SYNCS - 1) * (PACKET_BYTES + 16) + 1;

/** Bytes held while borders are sought; more than the window so that it moves in large steps. */
const HELD_BYTES = 4096;

/** Bytes searched for borders before the stream is taken for something else: thousands of packets. */
export const MAX_HUNT_BYTES: number = 1024 * 1024;

/** Who is told of the packets. */
export interface PacketSink {
  /**
   * A packet.
   *
   * @param bytes Where it lies, for the time of the call.
   * @param at Its sync byte.
   * @param offset Where its unit begins in the stream, with what its framing puts before it.
   */
  packet(bytes: Uint8Array, at: number, offset: number): void;
  /** The next packet does not begin where it should. */
  lost(): void;
  /** There are no packets in {@linkcode MAX_HUNT_BYTES}. */
  hopeless(): void;
}

/** Finds the borders of transport packets, and finds them again after damage. */
export class PacketSync {
  readonly #sink: PacketSink;
  readonly #held = new Uint8Array(HELD_BYTES);
  #filled = 0;
  #framing: Framing | undefined;
  #offset = 0;
  #hunted = 0;

  /** Hands packets to `sink`. */
  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  /** Bytes held. */
  get heldBytes(): number {
    return this.#filled;
  }

  /** Bytes that the packet under way lacks; 0 while borders are unknown. */
  get missingBytes(): number {
    return this.#framing && this.#filled > 0
      ? this.#framing.stride - this.#filled
      : 0;
  }

  /** The framing in force: bytes before each packet and behind it. */
  get padding(): { before: number; behind: number } {
    const { stride, lead } = this.#framing ?? FRAMINGS[0]!;
    return { before: lead, behind: stride - lead - PACKET_BYTES };
  }

  /** Looks at the next bytes. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#hunted < MAX_HUNT_BYTES) {
      if (this.#filled === 0) at += this.#packets(chunk, at, chunk.length);
      at += this.#hold(chunk, at);
      this.#work();
    }
  }

  /** Holds what does not make a packet yet, or is searched; gives the number of bytes. */
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

  /** Makes the most of the bytes held. */
  #work(): void {
    do {
      this.#drop(this.#packets(this.#held, 0, this.#filled));
    } while (!this.#framing && this.#hunt());
  }

  /** Hands over whole packets while their borders hold; gives the number of bytes done with. */
  #packets(bytes: Uint8Array, from: number, to: number): number {
    if (!this.#framing) return 0;
    const { stride, lead } = this.#framing;
    let at = from;
    for (; at + stride <= to; at += stride) {
      if (bytes[at + lead] !== SYNC_BYTE) {
        this.#framing = undefined;
        this.#hunted = 0;
        this.#sink.lost();
        break;
      }
      this.#sink.packet(bytes, at + lead, this.#offset);
      this.#offset += stride;
    }
    return at - from;
  }

  /** Searches the bytes held for borders, and drops those before. */
  #hunt(): boolean {
    const last = this.#filled - WINDOW_BYTES;
    let at = 0;
    while (at <= last && !this.#framing && this.#hunted < MAX_HUNT_BYTES) {
      this.#framing = this.#framingAt(at);
      if (this.#framing) break;
      at++;
      this.#hunted++;
    }
    this.#offset += at;
    this.#drop(at);
    if (this.#hunted >= MAX_HUNT_BYTES) this.#sink.hopeless();
    return this.#framing !== undefined;
  }

  #framingAt(at: number): Framing | undefined {
    const held = this.#held;
    // Few places pass the first look, which spares the rest.
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
