/** Whether this is the inner loop (`deno task test:fast`), which leaves out what takes long. */
export const isFast: boolean = Deno.env.get("FSTREAM_TESTS") === "fast";

/**
 * A test's name and whether it is skipped: in the inner loop, if its point is volume or time.
 *
 * @param name The name in the gate.
 */
export function slow(name: string): { name: string; ignore: boolean } {
  return {
    name: isFast ? `${name} (skipped: takes long)` : name,
    ignore: isFast,
  };
}

/** How many times fewer random or enumerated cases the inner loop tries than the gate. */
const FEWER = 5;

/**
 * How many cases of one kind a test tries: all of them in the gate, the first ones in the inner loop.
 *
 * @param count Cases in the gate.
 */
export function casesOf(count: number): number {
  return isFast ? Math.ceil(count / FEWER) : count;
}
