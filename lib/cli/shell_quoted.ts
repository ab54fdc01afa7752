/** Quotes a word for a shell where it must be. */
export function shellQuoted(word: string): string {
  return /^[\w./+@%:-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", "'\\''")}'`;
}
