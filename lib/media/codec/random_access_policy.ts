import type { Access } from "./nal_grammar.ts";

/**
 * Pictures without a clean start after which open ones are taken too, at which a decoder may complain
 * of a missing reference. Encoders put 250 pictures between clean ones at most by default.
 */
export const OPEN_AFTER_PICTURES = 300;

/**
 * Chooses among the places to start: clean ones always, open ones only in streams that have no clean
 * ones, or have had none for long.
 */
export class AccessPolicy {
  #sinceClean = OPEN_AFTER_PICTURES;

  /** Whether a decoder is to start with this picture; to be asked once for every picture. */
  takes(access: Access): boolean {
    this.#sinceClean = access === "clean" ? 0 : this.#sinceClean + 1;
    return access === "clean" ||
      (access === "open" && this.#sinceClean > OPEN_AFTER_PICTURES);
  }
}
