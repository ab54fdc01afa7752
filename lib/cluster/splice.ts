/** Bytes of a broadcast. */
export interface Piece {
  /** Offset in the broadcast of the first of them. */
  readonly offset: number;
  /** The bytes. */
  readonly bytes: Uint8Array;
  /** Milliseconds since the first node received them. */
  readonly age: number;
}

/** Bytes behind a gap that are kept until it is filled; beyond it they are asked for again. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;

/**
 * Puts pieces of a broadcast in order, which come over two ways, are lost with a connection, and overlap when they are
 * asked for again. No byte is given twice, and none before the one in front of it.
 */
export class Splice {
  /** Offset of the next byte that is needed. */
  next: number;
  /** Pieces behind a gap, by offset. */
  #held: Piece[] = [];
  #heldBytes = 0;

  /** Starts at an offset of the broadcast. */
  constructor(next: number) {
    this.next = next;
  }

  /** Whether bytes are missing in front of some that have come. */
  get hasGap(): boolean {
    return this.#held.length > 0;
  }

  /**
   * Takes a piece; a view that must be kept is copied.
   *
   * @returns What can be given now, in order.
   */
  take(piece: Piece): Piece[] {
    if (piece.offset > this.next) {
      this.#hold(piece);
      return [];
    }
    const given: Piece[] = [];
    this.#give(piece, given);
    while (this.#held.length > 0 && this.#held[0]!.offset <= this.next) {
      const first = this.#held.shift()!;
      this.#heldBytes -= first.bytes.length;
      this.#give(first, given);
    }
    return given;
  }

  #give({ offset, bytes, age }: Piece, given: Piece[]): void {
    const rest = bytes.subarray(this.next - offset);
    if (rest.length === 0) return;
    given.push({ offset: this.next, bytes: rest, age });
    this.next += rest.length;
  }

  #hold(piece: Piece): void {
    if (this.#heldBytes + piece.bytes.length > MAX_HELD_BYTES) return;
    const after = this.#held.findLastIndex(({ offset }) =>
      offset <= piece.offset
    );
    if (this.#held[after]?.offset === piece.offset) return;
    this.#held.splice(after + 1, 0, { ...piece, bytes: piece.bytes.slice() });
    this.#heldBytes += piece.bytes.length;
  }
}
