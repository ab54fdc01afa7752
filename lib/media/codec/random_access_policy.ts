import type { RandomAccess } from "./unit_grammar.ts";

/**
 * Pictures without a clean start after which open ones count too, although a decoder may report a
 * missing reference there. By default, encoders put at most 250 pictures between clean ones.
 */
export const OPEN_AFTER_PICTURES = 300;

/**
 * Decides which pictures become join points: clean ones always, open ones only in streams without clean
 * ones, or after a long time without one.
 */
export class RandomAccessPolicy {
  #sinceClean = OPEN_AFTER_PICTURES;

  /** Whether this picture is a join point; to be called once for every picture. */
  accepts(access: RandomAccess): boolean {
    this.#sinceClean = access === "clean" ? 0 : this.#sinceClean + 1;
    return access === "clean" ||
      (access === "open" && this.#sinceClean > OPEN_AFTER_PICTURES);
  }
}
