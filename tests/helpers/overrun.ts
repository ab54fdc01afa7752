import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";

/**
 * Asserts that a reason names what was done, for how long, and the limit, and that the first number is not
 * below the second.
 *
 * @param reason As it was logged or said.
 * @param what What was done all the time.
 * @param limit Seconds that are allowed.
 */
export function assertOverrun(
  reason: unknown,
  what: string,
  limit: number,
): void {
  const match = /^(.+) for ([\d.]+) s \(([\d.]+) s allowed\)\n?$/.exec(
    String(reason),
  );
  assert(match, `no reason with a figure and a limit: ${reason}`);
  assertEquals([match[1], Number(match[3])], [what, limit]);
  assertGreaterOrEqual(Number(match[2]), limit, String(reason));
}
