/** Milliseconds after which a condition that does not hold fails its test. */
const DEADLINE_MS = 10_000;

/** Milliseconds between two looks. */
const LOOK_MS = 10;

/**
 * Waits for a condition that is not announced by an event.
 *
 * @param what The condition in words, for the error.
 * @param isSo Whether it holds now.
 * @param lookMs Milliseconds between two looks.
 * @throws {Error} When it does not hold within ten seconds.
 */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  lookMs: number = LOOK_MS,
): Promise<void> {
  const began = Date.now();
  while (!await isSo()) {
    if (Date.now() - began > DEADLINE_MS) {
      throw new Error(`Cannot see that ${what} in ${DEADLINE_MS} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}
