/**
 * A seeded generator of pseudo-random numbers (mulberry32), so that a failing case can be run again.
 *
 * @param seed The case's number.
 * @returns A function that gives the next integer in `[0, below)`.
 */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return function next(below: number): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
