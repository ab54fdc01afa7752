import { assertGreater } from "@std/assert";
import { casesOf } from "../helpers/fast.ts";
import { seededRandom } from "../helpers/rng.ts";
import { entriesOf } from "./corpus.ts";
import { mutate } from "./mutate.ts";
import { TARGETS } from "./targets.ts";
import { cleanUp } from "./text_targets.ts";

/** Fresh cases in addition to the corpus: few, as the gate is no place to search. */
const FRESH_CASES = casesOf(50);

for (const { name, words, check } of TARGETS) {
  Deno.test(`fuzz: ${name} obeys its laws on seeds, findings and some more`, async () => {
    const entries = await entriesOf(name);
    assertGreater(entries.length, 0);
    try {
      for (const { bytes } of entries) await check(bytes, seededRandom(1));
      for (let number = 0; number < FRESH_CASES; number++) {
        const random = seededRandom(number);
        const { bytes } = entries[random(entries.length)]!;
        await check(mutate(bytes, words, random), random);
      }
    } finally {
      await cleanUp();
    }
  });
}
