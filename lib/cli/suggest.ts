/** Letters of the shortest word that is looked for within others. */
const MIN_PART_LENGTH = 4;

/**
 * Finds what a misspelled word was meant to be.
 *
 * @returns The most similar of the known words, if one is similar enough.
 */
export function closest(
  word: string,
  known: Iterable<string>,
): string | undefined {
  const words = [...known];
  const most = Math.min(2, Math.floor(word.length / 3));
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of words) {
    const edits = editDistance(word, candidate);
    if (edits < least) [best, least] = [candidate, edits];
  }
  if (best !== undefined) return best;
  const part = word.replace(/^-+/, "");
  if (part.length < MIN_PART_LENGTH) return undefined;
  return words.find((candidate) => candidate.includes(part));
}

/**
 * Writes a hint for a word that is not known.
 *
 * @param word As it was typed.
 * @param known What could have been meant.
 * @param list Where all of them are found.
 */
export function didYouMean(
  word: string,
  known: Iterable<string>,
  list: string,
): string {
  const meant = closest(word, known);
  return meant === undefined ? list : `did you mean ${meant}? ${list}`;
}

/** The fewest insertions, deletions, replacements and swaps of neighbours between two words. */
function editDistance(from: string, to: string): number {
  let [before, row]: number[][] = [[], []];
  let next = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    [before, row, next] = [row!, next, [i]];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      let edits = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + same);
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped && i > 1 && j > 1) {
        edits = Math.min(edits, before[j - 2]! + 1);
      }
      next[j] = edits;
    }
  }
  return next[to.length]!;
}
