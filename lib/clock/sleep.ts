/** Waits for some milliseconds. */
export type Sleep = (ms: number) => Promise<void>;

/** Resolves after `ms` milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
