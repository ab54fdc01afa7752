/** Milliseconds after which what does not come about fails its test. */
const DEADLINE_MS = 10_000;

/** Milliseconds between two looks. */
const LOOK_MS = 10;

/**
 * Waits until something is so that nobody tells of.
 *
 * @param what It in words, for the error.
 * @param isSo Looks whether it is so.
 * @param lookMs Milliseconds between two looks.
 * @throws {Error} When it does not come about in ten seconds.
 */
export async function eventually(
  what: string,
  isSo: () => boolean,
  lookMs: number = LOOK_MS,
): Promise<void> {
  const began = performance.now();
  while (!isSo()) {
    if (performance.now() - began > DEADLINE_MS) {
      throw new Error(`Cannot see that ${what} in ${DEADLINE_MS} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}
