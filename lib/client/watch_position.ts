import type { Position } from "../wire/position.ts";

/**
 * Bytes of lead that wait for the media behind them: four times the longest init segment that a server keeps.
 */
export const MAX_LEAD_BYTES: number = 16 * 1024 * 1024;

/** Bytes that are missing between two positions; `undefined` when their number is unknown. */
export type Loss = number | undefined;

/** A jump that was announced. */
export interface Jump {
  /** Where the stream continues. */
  readonly to: Position;
  /** Bytes that are left out. */
  readonly lost: Loss;
  /** Why, in one word. */
  readonly reason: string;
}

/**
 * Where a watcher is in a broadcast. A jump counts only once media behind it has arrived: until then the
 * watcher resumes where it stopped.
 */
export class WatchPosition {
  #at: Position | undefined;
  #next: Position | undefined;
  /** Whether the server has told where the next byte of this connection belongs. */
  #isKnown = false;
  #pendingLoss: Loss = 0;
  #lead: Uint8Array[] = [];
  #leadBytes = 0;
  #lost: Loss = 0;

  /** The next byte that is to be delivered; `undefined` before the first one. */
  get at(): Position | undefined {
    return this.#at;
  }

  /** Bytes lost so far. */
  get lost(): Loss {
    return this.#lost;
  }

  /**
   * Starts a connection: what the one before announced and did not deliver is void.
   *
   * @param answered The position in the server's answer. If it names none, or another than it was asked for, a
   * jump must follow.
   */
  connect(answered: Position | undefined): void {
    this.#pendingLoss = 0;
    this.#dropLead();
    this.#next = this.#at === undefined ? answered : undefined;
    this.#isKnown = answered !== undefined &&
      (this.#at === undefined || isSame(this.#at, answered));
  }

  /**
   * Takes the announcement of a jump.
   *
   * @returns Bytes that it loses.
   * @throws {SyntaxError} When bytes would come twice.
   */
  jump({ to, lost }: Jump): Loss {
    const from = this.#next ?? this.#at;
    if (from?.id === to.id && to.offset < from.offset) {
      throw new SyntaxError("Cannot follow: the server jumps back");
    }
    const known = lost ?? lossBetween(from, to);
    this.#pendingLoss = sum(this.#pendingLoss, known);
    this.#next = to;
    this.#isKnown = true;
    this.#dropLead();
    return known;
  }

  /**
   * Keeps lead until the media behind it comes.
   *
   * @throws {RangeError} For more than {@linkcode MAX_LEAD_BYTES}.
   */
  addLead(bytes: Uint8Array): void {
    this.#leadBytes += bytes.length;
    if (this.#leadBytes > MAX_LEAD_BYTES) {
      throw new RangeError(
        `Cannot keep lead: ${this.#leadBytes} bytes exceed maximum allowed ${MAX_LEAD_BYTES}`,
      );
    }
    this.#lead.push(bytes.slice());
  }

  /**
   * Settles the position for media that has arrived.
   *
   * @returns Lead that is to be delivered before it.
   * @throws {SyntaxError} When the server has not told the position.
   */
  arrive(): readonly Uint8Array[] {
    if (!this.#isKnown) {
      throw new SyntaxError("Cannot follow: the server told no position");
    }
    this.settle();
    const lead = this.#lead;
    this.#dropLead();
    return lead;
  }

  /** Makes an announced jump count, also where the stream ends behind it. */
  settle(): void {
    if (this.#next === undefined) return;
    this.#at = this.#next;
    this.#next = undefined;
    this.#lost = sum(this.#lost, this.#pendingLoss);
    this.#pendingLoss = 0;
  }

  /** Moves on by bytes of media that were delivered. */
  advance(bytes: number): void {
    const { id, offset } = this.#at!;
    this.#at = { id, offset: offset + bytes };
  }

  #dropLead(): void {
    if (this.#leadBytes === 0) return;
    this.#lead = [];
    this.#leadBytes = 0;
  }
}

/** A first join loses nothing; between two broadcasts only the server can know. */
function lossBetween(from: Position | undefined, to: Position): Loss {
  if (from === undefined) return 0;
  return from.id === to.id ? to.offset - from.offset : undefined;
}

function sum(one: Loss, other: Loss): Loss {
  return one === undefined || other === undefined ? undefined : one + other;
}

function isSame(one: Position, other: Position): boolean {
  return one.id === other.id && one.offset === other.offset;
}
