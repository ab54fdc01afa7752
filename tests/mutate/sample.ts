import type { Random } from "../fuzz/mutate.ts";
import { KINDS, moduleOf, type Mutant } from "./mutant.ts";

/** Puts a list into an order that depends on the seed alone. */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const result = [...list];
  for (let left = result.length; left > 1; left--) {
    const index = random(left);
    [result[left - 1], result[index]] = [result[index]!, result[left - 1]!];
  }
  return result;
}

/**
 * All mutants in the order in which they are tried: at random, but each module in turn, and in
 * each module each kind in turn, so that a large module or the many constants do not fill a sample.
 */
export function inTurn(mutants: readonly Mutant[], random: Random): Mutant[] {
  const order = shuffled(mutants, random);
  const modules = Map.groupBy(order, ({ path }) => moduleOf(path));
  return merged(
    [...modules.keys()].sort().map((name) => {
      const kinds = Map.groupBy(modules.get(name)!, ({ kind }) => kind);
      return merged(KINDS.map((kind) => kinds.get(kind) ?? []));
    }),
  );
}

/** One of each list, and again, until all are empty. */
function merged<T>(lists: readonly (readonly T[])[]): T[] {
  const length = Math.max(0, ...lists.map((list) => list.length));
  const rounds = Array.from(
    { length },
    (_, round) => lists.flatMap((list) => list.slice(round, round + 1)),
  );
  return rounds.flat();
}
