/** Whether this is the inner loop (`deno task test:fast`), which leaves out what takes long. */
export const isFast: boolean = Deno.env.get("FSTREAM_TESTS") === "fast";

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
