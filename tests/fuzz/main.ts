// deno-lint-ignore-file no-console
/**
 * Feeds decoders, readers and trackers with hostile input, and checks the laws that hold all
 * the same. A failure tells its target, seed and case, so that it can be run again alone, and is kept
 * in the corpus, which the tests replay. A case that hangs lies behind the last one reported.
 *
 *   deno task fuzz [--target NAME] [--cases N] [--seed S] [--from K] [--seconds T]
 */
import { parseArgs } from "@std/cli/parse-args";
import { seededRandom } from "../helpers/rng.ts";
import { entriesOf, keepFinding } from "./corpus.ts";
import { mutate } from "./mutate.ts";
import type { FuzzTarget } from "./target.ts";
import { TARGETS } from "./targets.ts";
import { cleanUp } from "./text_targets.ts";

/** Milliseconds between two lines that tell how far it is. */
const REPORT_MS = 10_000;

/** Milliseconds that a case may take: a thousand times what the dearest does. */
const SLOW_MS = 5000;

/** Findings of one target after which it is given up. */
const MOST_FINDINGS = 5;

/** What bounds a run. */
interface Run {
  /** The number that all random numbers come from. */
  readonly seed: number;
  /** The first case. */
  readonly from: number;
  /** Cases of each target; `undefined`: as many as the target thinks fit. */
  readonly cases: number | undefined;
  /** Seconds for each target; `Infinity` where none is given. */
  readonly seconds: number;
}

/** Runs one case; gives what is wrong, if anything. */
async function tryCase(
  target: FuzzTarget,
  bytes: Uint8Array<ArrayBuffer>,
  random: (below: number) => number,
): Promise<string | undefined> {
  const began = performance.now();
  try {
    await target.check(bytes.slice(), random);
  } catch (error) {
    return error instanceof Error ? error.stack ?? error.message : `${error}`;
  }
  const took = performance.now() - began;
  return took > SLOW_MS ? `it took ${took.toFixed(0)} ms` : undefined;
}

/** Runs one target; gives how many cases broke a law. */
async function fuzz(target: FuzzTarget, run: Run): Promise<number> {
  const { name, words } = target;
  const seeds = await entriesOf(name);
  const end = run.from + (run.cases ?? target.cases);
  const began = performance.now();
  let [reported, findings, number] = [began, 0, run.from];
  for (; number < end && findings < MOST_FINDINGS; number++) {
    const random = seededRandom(run.seed * 1_000_003 + number);
    const { bytes } = seeds[random(seeds.length)]!;
    const input = mutate(bytes, words, random);
    const wrong = await tryCase(target, input, random);
    if (wrong !== undefined) {
      findings++;
      const file = await keepFinding(name, `${run.seed}-${number}`, input);
      console.error(`${name}: seed ${run.seed}, case ${number}: ${wrong}`);
      console.error(`kept as ${file}`);
    }
    const now = performance.now();
    if (now - began > run.seconds * 1000) break;
    if (now - reported < REPORT_MS) continue;
    reported = now;
    console.error(`${name}: at case ${number} of ${end}`);
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${name}: ${number - run.from} cases in ${seconds.toFixed(0)} s, ` +
      `${findings} findings`,
  );
  return findings;
}

/** Reads a number of the command line. */
function count(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(String(value))) return Number(value);
  throw new TypeError(`Cannot read --${name} ${value}: it is no whole number`);
}

async function main(): Promise<number> {
  const args = parseArgs(Deno.args, {
    string: ["target", "cases", "seed", "from", "seconds"],
  });
  const run: Run = {
    seed: count("seed", args.seed) ?? 1,
    from: count("from", args.from) ?? 0,
    cases: count("cases", args.cases),
    seconds: count("seconds", args.seconds) ?? Infinity,
  };
  const chosen = TARGETS.filter(({ name }) =>
    args.target === undefined || name.startsWith(String(args.target))
  );
  if (chosen.length === 0) {
    const names = TARGETS.map(({ name }) => name).join(" ");
    console.error(`Cannot fuzz "${args.target}": there are ${names}`);
    return 2;
  }
  let findings = 0;
  for (const target of chosen) findings += await fuzz(target, run);
  await cleanUp();
  return findings === 0 ? 0 : 1;
}

Deno.exit(await main());
