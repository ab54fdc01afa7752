import { assertEquals, assertThrows } from "@std/assert";
import { formatAddress } from "../../lib/net/address.ts";
import { makeProgram, type Program, type Ran } from "../helpers/program.ts";
import { fromRoot } from "../helpers/root.ts";
import { PASSWORD, startTestServer } from "../helpers/start_server.ts";
import {
  matchesLines,
  parseTranscript,
  type Step,
} from "../helpers/transcript.ts";

const FOLDER = fromRoot("tests/transcripts");

/** Transcripts that run at the same time; each has a few processes, which mostly wait for their start. */
const AT_ONCE = 4;

/** How the program differed from a transcript; empty if it did not. */
async function play(program: Program, name: string): Promise<string> {
  const text = await Deno.readTextFile(`${FOLDER}/${name}`);
  const folder = await Deno.makeTempDir({ prefix: "fstream-transcript-" });
  try {
    await addUser(folder);
    if (!text.includes("{SERVER}")) {
      return await playSteps(program, parseTranscript(name, text), folder);
    }
    await using running = await startTestServer({ folder: true });
    const server = formatAddress(running.address);
    const steps = parseTranscript(name, text.replaceAll("{SERVER}", server));
    return await playSteps(program, steps, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** For transcripts that start a server themselves. */
async function addUser(folder: string): Promise<void> {
  const ini = `[DEFAULT]\npassword=${PASSWORD}\n`;
  await Deno.mkdir(`${folder}/users`);
  await Deno.writeTextFile(`${folder}/users/fier.ini`, ini, { mode: 0o600 });
}

async function playSteps(
  program: Program,
  steps: readonly Step[],
  folder: string,
): Promise<string> {
  let differences = "";
  for (const step of steps) {
    differences += compare(step, await program.run(step.command, folder));
  }
  return differences;
}

function compare(step: Step, ran: Ran): string {
  const same = ran.status === step.status &&
    matchesLines(ran.stdout, step.stdout) &&
    matchesLines(ran.stderr, step.stderr);
  if (same) return "";
  return `line ${step.line}: ${step.command}\n` +
    `expected status ${step.status}, it was ${ran.status}\n` +
    `expected stdout:\n${step.stdout.join("\n")}\nit was:\n${ran.stdout}\n` +
    `expected stderr:\n${step.stderr.join("\n")}\nit was:\n${ran.stderr}\n\n`;
}

async function transcripts(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) names.push(name);
  return names.filter((name) => name.endsWith(".txt")).sort();
}

/** Plays all of them, some at a time; returns how the program differed from each. */
async function playAll(names: readonly string[]): Promise<Map<string, string>> {
  await using program = await makeProgram();
  const results = new Map<string, string>();
  const queue = [...names];
  const playNext = async (): Promise<void> => {
    for (let name = queue.shift(); name; name = queue.shift()) {
      results.set(name, await play(program, name));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, playNext));
  return results;
}

Deno.test({
  name: "the program behaves as the transcripts say",
  ignore: Deno.build.os === "windows", // Transcripts are written for sh.
  fn: async () => {
    const names = await transcripts();
    const results = await playAll(names);
    const differences = [...results].filter(([, text]) => text !== "");
    assertEquals(differences.map(([name, text]) => `${name} ${text}`), []);
    assertEquals(results.size, names.length);
    assertEquals(names.length >= 15, true, "transcripts are missing");
  },
});

Deno.test("parseTranscript() reads commands and their results", () => {
  const text = "# why\n$ a\n> b\n1> out\n1>\n2> err\n? 3\n\n$ c\n? 0\n";
  assertEquals(parseTranscript("t", text), [
    {
      line: 2,
      command: "a\nb",
      stdout: ["out", ""],
      stderr: ["err"],
      status: 3,
    },
    { line: 9, command: "c", stdout: [], stderr: [], status: 0 },
  ]);
});

Deno.test("parseTranscript() rejects what it cannot parse", () => {
  for (
    const text of [
      "",
      "# nothing\n",
      "$ a\n",
      "$ a\n1> x\n",
      "? 0\n",
      "1> x\n",
      "$ a\nx\n? 0\n",
      "$ a\n? 0\n? 0\n",
      "$ a\n$ b\n? 0\n",
      "$ a\n1> x\n> b\n? 0\n",
      "$ a\n? none\n",
    ]
  ) {
    assertThrows(() => parseTranscript("t", text), Error, "Cannot read t");
  }
});

Deno.test("matchesLines() demands every line, and accepts any text for …", () => {
  for (
    const [text, expected, matches] of [
      ["", [], true],
      ["a\n", ["a"], true],
      ["a", ["a"], true],
      ["a\nb\n", ["a"], false],
      ["a\n", ["a", "b"], false],
      ["a+b\n", ["a+b"], true],
      ["aab\n", ["a+b"], false],
      ["port 12 of 7\n", ["port … of …"], true],
      ["port 12\nof 7\n", ["port … of 7"], false],
      ["a\nx\ny\nb\n", ["a", "…", "b"], true],
      ["a\nb\n", ["a", "…", "b"], true],
      ["a\nx\n", ["a", "…", "b"], false],
      ["\n", [], false],
      ["x\n", [], false],
    ] as const
  ) {
    assertEquals(matchesLines(text, expected), matches, `${text} ${expected}`);
  }
});
