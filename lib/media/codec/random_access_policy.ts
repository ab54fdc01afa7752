import type { RandomAccess } from "./unit_grammar.ts";

/**
 * Pictures without a clean start after which open ones become join points, although a decoder may report
 * a missing reference there. By default, encoders put at most 250 pictures between clean ones.
 */
export const OPEN_AFTER_PICTURES = 300;

/**
 * Pictures without any start after which decoding starts at any picture: 24 s at 25 pictures a second.
 * Streams with gradual refresh and without recovery points (x265's intra-refresh) have no other start.
 */
export const BLIND_AFTER_PICTURES = 600;

/** Pictures between such starts: one second at 25 pictures a second. */
export const BLIND_EVERY_PICTURES = 25;

/** `join`: a join point; `fallback`: one where no join point is left in the backlog. */
export type StartKind = "join" | "fallback" | "none";

/**
 * Decides which pictures become join points: clean ones always, open ones in streams without clean ones,
 * or after a long time without one. Before that, open ones are fallbacks, and later any picture.
 */
export class RandomAccessPolicy {
  #sinceClean = OPEN_AFTER_PICTURES;
  #sinceAny = 0;

  /** Whether decoding starts with this picture; to be called once for every picture. */
  decide(access: RandomAccess): StartKind {
    this.#sinceClean = access === "clean" ? 0 : this.#sinceClean + 1;
    this.#sinceAny = access === "none" ? this.#sinceAny + 1 : 0;
    if (access === "clean") return "join";
    if (access === "open") {
      return this.#sinceClean > OPEN_AFTER_PICTURES ? "join" : "fallback";
    }
    const blind = this.#sinceAny >= BLIND_AFTER_PICTURES &&
      this.#sinceAny % BLIND_EVERY_PICTURES === 0;
    return blind ? "fallback" : "none";
  }
}
