import { assertEquals, assertThrows } from "@std/assert";
import { type FlagSpec, parseFlags } from "../../lib/cli/flags.ts";
import { UsageError } from "../../lib/errors.ts";

const SPEC: FlagSpec = {
  value: ["user", "channel", "channel-password", "wire"],
  plain: ["quiet"],
  negatable: ["reply"],
  alias: { user: "u", channel: "c", quiet: "q" },
};

interface Expected {
  readonly values?: Readonly<Record<string, string>>;
  readonly on?: readonly string[];
  readonly words?: readonly string[];
}

const GOOD: readonly [args: readonly string[], expected: Expected][] = [
  [[], {}],
  [["--user", "fier"], { values: { user: "fier" } }],
  [["--user=fier"], { values: { user: "fier" } }],
  [["-u", "fier", "-c", "x"], { values: { user: "fier", channel: "x" } }],
  [["-u=fier"], { values: { user: "fier" } }],
  [["-qu", "fier"], { values: { user: "fier" }, on: ["quiet", "reply"] }],
  // What looks like a number, an end of flags or a path is not changed.
  [["-u", "007"], { values: { user: "007" } }],
  [["-u", "1e3"], { values: { user: "1e3" } }],
  [["-u", "-"], { values: { user: "-" } }],
  [["--user=a=b=="], { values: { user: "a=b==" } }],
  [["--user=--quiet"], { values: { user: "--quiet" } }],
  [["--user", "a b\nc"], { values: { user: "a b\nc" } }],
  // An empty value that is intended.
  [["--channel", ""], { values: { channel: "" } }],
  [["-c", ""], { values: { channel: "" } }],
  [["--channel="], { values: { channel: "" } }],
  [["--channel", "", "-u", "f"], { values: { channel: "", user: "f" } }],
  [["--channel-password", "", "w"], {
    values: { "channel-password": "" },
    words: ["w"],
  }],
  // Flags without a value.
  [["-q"], { on: ["quiet", "reply"] }],
  [["--quiet"], { on: ["quiet", "reply"] }],
  [["--quiet=false"], {}],
  [["--no-reply"], { on: [] }],
  [["--reply", "--no-reply"], { on: [] }],
  [["--reply=false"], { on: [] }],
  [["--reply"], {}],
  [["--help"], { on: ["help", "reply"] }],
  [["-h"], { on: ["help", "reply"] }],
  // Words.
  [["a", "--quiet", "7"], { on: ["quiet", "reply"], words: ["a", "7"] }],
  [["--", "--user", "x"], { words: ["--user", "x"] }],
];

Deno.test("parseFlags() parses a command line", () => {
  for (const [args, { values = {}, on = ["reply"], words = [] }] of GOOD) {
    const flags = parseFlags(args, SPEC);
    const line = JSON.stringify(args);
    assertEquals(Object.fromEntries(flags.values), values, line);
    assertEquals([...flags.on].sort(), on, line);
    assertEquals(flags.words, words, line);
  }
});

const BAD: readonly [args: readonly string[], message: string][] = [
  [["--colour"], "unknown flag --colour"],
  [["--colour=red"], "unknown flag --colour"],
  [["--no-colour"], "unknown flag --no-colour"],
  [["--no-user"], "unknown flag --no-user"],
  [["--no-quiet"], "unknown flag --no-quiet"],
  [["-x"], "unknown flag -x"],
  [["-qx"], "unknown flag -qx"],
  [["--__proto__", "x"], "unknown flag --__proto__"],
  [["--constructor=x"], "unknown flag --constructor"],
  [["--user.name", "x"], "unknown flag --user.name"],
  [["--user"], "--user needs a value"],
  [["-u"], "--user needs a value"],
  [["-u", "--quiet"], "--user needs a value"],
  [["--user", "-c", "x"], "--user needs a value"],
  [["-uc", "x"], "--user needs a value"],
  [["--user", "a", "--user", "b"], "--user is given twice"],
  [["-u", "a", "--user=a"], "--user is given twice"],
  [["--wire", "", "--wire", "1"], "--wire is given twice"],
];

Deno.test("parseFlags() rejects a flag that is unknown, given twice or without its value", () => {
  for (const [args, message] of BAD) {
    const error = assertThrows(() => parseFlags(args, SPEC), UsageError);
    assertEquals(error.message, message, JSON.stringify(args));
  }
});

Deno.test("parseFlags() shows no value of an unknown flag", () => {
  const error = assertThrows(
    () => parseFlags(["--pasword=s3cret"], SPEC),
    UsageError,
  );
  assertEquals(error.message.includes("s3cret"), false);
});
