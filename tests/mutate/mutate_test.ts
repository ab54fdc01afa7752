import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../helpers/rng.ts";
import { CheckedProgram } from "./checked_program.ts";
import { ImportGraph } from "./import_graph.ts";
import { Judge } from "./judge.ts";
import { applied, changeOf, lineOf, type Mutant } from "./mutant.ts";
import { inTurn } from "./sample.ts";
import { failedIn, Tree } from "./tree.ts";

const PATH = "lib/sample/sample.ts";

const SAMPLE = `
const CAP = 4000;
interface Counts { live: number; held: number; name: string }
export async function sample(counts: Counts, close: () => Promise<void>): Promise<number> {
  if (counts.live < CAP && counts.name === "fier") await close();
  if (counts.held > CAP) throw new Error("too many: " + 1);
  return await least(counts.live, counts.held);
}
async function least(live: number, held: number): Promise<number> {
  return await Promise.resolve(Math.min(live, held));
}
`;

const TEST = `
import { sample } from "../../${PATH}";
Deno.test("live is less", async () => {
  const got = await sample({ live: 3, held: 5, name: "x" }, () => Promise.resolve());
  if (got !== 3) throw new Error("wrong");
});
`;

const sources = new Map([
  [PATH, SAMPLE],
  ["tests/sample/sample_test.ts", TEST],
]);

// What `deno types` adds is not needed here.
const program = new CheckedProgram(new Map([[PATH, SAMPLE]]), "");
const mutants = program.mutantsOf(PATH);

function found(kind: Mutant["kind"]): string[] {
  return mutants.filter((mutant) => mutant.kind === kind).map((mutant) =>
    `${SAMPLE.slice(mutant.start, mutant.end)} → ${mutant.text}`
  );
}

function find(before: string, after: string): Mutant {
  const mutant = mutants.find(({ start, end, text }) =>
    SAMPLE.slice(start, end) === before && text === after
  );
  assert(mutant, `${before} → ${after} is missing`);
  return mutant;
}

Deno.test("mutantsOf() finds each kind of change, and none in what is thrown", () => {
  assertEquals(found("boundary"), ["< → <=", "> → >=", "min → max"]);
  assertEquals(found("await"), ["await close() → close()"]);
  assertEquals(found("statement"), ["await close(); → ;"]);
  assertEquals(found("constant"), [
    "4000 → 8000",
    "4000 → 2000",
    '"fier" → "fier~"',
  ]);
  assertEquals(found("arguments"), [
    "counts.live, counts.held → counts.held, counts.live",
  ]);
  assertEquals(found("field"), [
    "live → held",
    "held → live",
    "live → held",
    "held → live",
  ]);
  assertEquals(found("arithmetic"), []);
  const condition = 'counts.live < CAP && counts.name === "fier"';
  assertEquals(found("condition"), [
    `${condition} → true || (${condition})`,
    `${condition} → false && (${condition})`,
    "&& → ||",
    `${condition} → counts.live < CAP`,
    `${condition} → counts.name === "fier"`,
    "=== → !==",
    "counts.held > CAP → true || (counts.held > CAP)",
    "counts.held > CAP → false && (counts.held > CAP)",
  ]);
});

Deno.test("a mutant tells its line and the change", () => {
  const mutant = find(">", ">=");
  assertEquals(
    applied(mutant, SAMPLE),
    SAMPLE.replace("held > CAP", "held >= CAP"),
  );
  assertEquals(lineOf(mutant, SAMPLE), 6);
  assertEquals(
    changeOf(mutant, SAMPLE),
    'if (counts.held > CAP) throw new Error("too many: " + 1);  →  ' +
      'if (counts.held >= CAP) throw new Error("too many: " + 1);',
  );
});

Deno.test("CheckedProgram.fits() tells whether types fit, and forgets the mutant", () => {
  const fits = find("live", "held");
  const misfit: Mutant = { ...fits, text: "name" };
  assert(program.fits(fits));
  assert(!program.fits(misfit));
  assert(!program.fits({ ...fits, text: "(" }));
  assert(program.fits(fits));
  assertEquals(program.textOf(PATH), SAMPLE);
});

Deno.test("inTurn() depends on the seed alone, and takes modules and kinds in turn", () => {
  const other = mutants.map((mutant) => ({ ...mutant, path: "lib/x/x.ts" }));
  const all = [...mutants, ...other];
  const order = inTurn(all, seededRandom(3));
  assertEquals(inTurn(all, seededRandom(3)), order);
  assert(
    JSON.stringify(inTurn(all, seededRandom(4))) !== JSON.stringify(order),
  );
  assertEquals(new Set(order), new Set(all));
  assertEquals(
    order.slice(0, 6).map(({ path, kind }) => `${path} ${kind}`),
    ["boundary", "condition", "statement"].flatMap((kind) => [
      `${PATH} ${kind}`,
      `lib/x/x.ts ${kind}`,
    ]),
  );
});

Deno.test("ImportGraph.testsOf() gives direct importers first, of those the file's own test", () => {
  const graph = new ImportGraph(
    new Map([
      ["lib/a/a.ts", ""],
      ["lib/b/b.ts", 'import "../a/a.ts";'],
      ["tests/helpers/run.ts", 'run(fromRoot("main.ts"))'],
      ["main.ts", 'import "./lib/b/b.ts";'],
      ["tests/a/a_test.ts", 'import "../../lib/a/a.ts";'],
      ["tests/a/0_test.ts", 'import "../../lib/a/a.ts";'],
      [
        "tests/0/0_test.ts",
        'new Worker(new URL("../../lib/a/a.ts", import.meta.url))',
      ],
      ["tests/b/b_test.ts", 'const b = await import("../../lib/b/b.ts");'],
      ["tests/c_test.ts", 'import "./helpers/run.ts";'],
      ["tests/d_test.ts", 'import "../lib/other.ts";'],
    ]),
  );
  assertEquals(graph.testsOf("lib/a/a.ts"), [
    "tests/a/a_test.ts",
    "tests/a/0_test.ts",
    "tests/0/0_test.ts",
    "tests/b/b_test.ts",
    "tests/c_test.ts",
  ]);
});

Deno.test("Judge tells what the tests notice, and leaves the copy as it was", async () => {
  using tree = await copyOfSample(TEST);
  const judge = new Judge(program, new ImportGraph(sources), false);
  assertEquals(await judge.judge(find("min", "max"), tree), {
    caught: true,
    by: "tests/sample/sample_test.ts",
  });
  assertEquals(await judge.judge(find("4000", "2000"), tree), {
    caught: false,
  });
  assertEquals(await tree.read(PATH), SAMPLE);
  assertEquals(judge.aside, []);
});

Deno.test("Judge puts tests aside that fail without a mutant", async () => {
  using tree = await copyOfSample(TEST.replace("!== 3", "=== 3"));
  const judge = new Judge(program, new ImportGraph(sources), false);
  const verdict = await judge.judge(find("4000", "2000"), tree);
  assertEquals(verdict, { caught: false });
  assertEquals(judge.aside, ["tests/sample/sample_test.ts"]);
});

Deno.test("Tree.run() ends what runs too long, with the processes that it started", async () => {
  using tree = await copyOfSample(`
    const { pid } = new Deno.Command("sleep", { args: ["600"] }).spawn();
    await Deno.writeTextFile("pid", String(pid));
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  `);
  const run = await tree.run(["tests/sample/sample_test.ts"], 2000, {});
  assertEquals(run, { result: "timeout" });
  const stat = `/proc/${await tree.read("pid")}/stat`;
  const state = await Deno.readTextFile(stat).catch(() => "gone");
  assert(/^gone$|\) Z /.test(state), state);
});

Deno.test("failedIn() finds the file of the first failure", () => {
  const failed = "\n\n ERRORS \n\na => b => ./tests/a/b_test.ts:3:6\nerror: x";
  assertEquals(failedIn(failed), "tests/a/b_test.ts");
  const uncaught = "x\n./tests/c_test.ts (uncaught error)\n";
  assertEquals(failedIn(uncaught), "tests/c_test.ts");
  assertEquals(failedIn("error: Module not found"), undefined);
});

async function copyOfSample(test: string): Promise<Tree> {
  const folder = await Deno.makeTempDir({ prefix: "fstream-mutate-" });
  const tree = await Tree.copy(folder, []);
  for (const name of ["lib", "tests"]) {
    await Deno.mkdir(`${folder}/${name}/sample`, { recursive: true });
  }
  await tree.write(PATH, SAMPLE);
  await tree.write("tests/sample/sample_test.ts", test);
  return tree;
}
