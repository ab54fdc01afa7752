import { concat, equals } from "@std/bytes";
import { PPS_RANK, SPS_RANK } from "./unit_grammar.ts";

/** Bytes of parameter sets: a stream has one to three of 10 to 200 bytes each. */
export const MAX_PARAMETER_BYTES: number = 64 * 1024;

/** A start code with its leading zero byte, as parameter sets must have it (H.264 B.1.2). */
const START_CODE = new Uint8Array([0, 0, 0, 1]);

/** The newest parameter sets of a stream, in the order a decoder needs them. */
export class ParameterSets {
  readonly #sets = new Map<number, Uint8Array>();
  #bytes = 0;
  #joined: Uint8Array | undefined;

  /** Bytes held; at most {@linkcode MAX_PARAMETER_BYTES} twice, for the sets and for them joined. */
  get heldBytes(): number {
    return this.#bytes + (this.#joined?.length ?? 0);
  }

  /**
   * Stores a parameter set and replaces the one with the same rank and id.
   *
   * @param nal The NAL unit without a start code.
   * @returns Whether it differs from the stored one; "full" when the cap is reached.
   */
  put(rank: number, id: number, nal: Uint8Array): "new" | "known" | "full" {
    const key = rank * 256 + id;
    const old = this.#sets.get(key);
    if (old && equals(old, nal)) return "known";
    if (old) this.#delete(key, old);
    // A PPS of the old SPS may contradict the new one, and is sent again with it.
    if (old && rank === SPS_RANK) this.#dropRank(PPS_RANK);
    const bytes = this.#bytes + nal.length + START_CODE.length;
    if (bytes > MAX_PARAMETER_BYTES) return "full";
    this.#sets.set(key, nal.slice());
    this.#bytes = bytes;
    this.#joined = undefined;
    return "new";
  }

  /** Whether there is a set of each rank. */
  hasAll(ranks: readonly number[]): boolean {
    const held = new Set([...this.#sets.keys()].map(rankOf));
    return ranks.every((rank) => held.has(rank));
  }

  /** All sets with start codes, by rank and id; the same array until one changes. */
  joined(): Uint8Array {
    if (!this.#joined) {
      const keys = [...this.#sets.keys()].sort((a, b) => a - b);
      this.#joined = concat(
        keys.flatMap((key) => [START_CODE, this.#sets.get(key)!]),
      );
    }
    return this.#joined;
  }

  #dropRank(rank: number): void {
    for (const [key, nal] of this.#sets) {
      if (rankOf(key) === rank) this.#delete(key, nal);
    }
  }

  #delete(key: number, nal: Uint8Array): void {
    this.#sets.delete(key);
    this.#bytes -= nal.length + START_CODE.length;
    this.#joined = undefined;
  }
}

function rankOf(key: number): number {
  return key >> 8;
}
