import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "../errors.ts";
import { didYouMean } from "./suggest.ts";

/** What a command takes. */
export interface FlagSpec {
  /** Flags that take a value. */
  readonly value: readonly string[];
  /** Flags that take none. */
  readonly plain: readonly string[];
  /** Flags that have a `--no-` form and are on without it. */
  readonly negatable?: readonly string[];
  /** Short names. */
  readonly alias?: Readonly<Record<string, string>>;
}

/** A parsed command line. */
export interface Flags {
  /** Values by flag. */
  readonly values: ReadonlyMap<string, string>;
  /** Plain flags that are on. */
  readonly on: ReadonlySet<string>;
  /** Everything else. */
  readonly words: readonly string[];
}

/**
 * Parses a command line.
 *
 * @param args After the program's name.
 * @param spec What is allowed; `--help` always is.
 * @throws {UsageError} For a flag that is unknown, given twice, or without its value.
 */
export function parseFlags(args: readonly string[], spec: FlagSpec): Flags {
  const negatable = spec.negatable ?? [];
  const plain = [...spec.plain, ...negatable, "help"];
  const joined = joinEmptyValues(args, spec);
  const parsed = parseArgs(joined, {
    string: [...spec.value, "_"],
    boolean: plain,
    collect: spec.value,
    negatable,
    default: Object.fromEntries(negatable.map((name) => [name, true])),
    alias: { ...spec.alias, help: "h" },
    unknown: (arg, key) => {
      if (key !== undefined) {
        throw unknownFlag(arg.split("=")[0]!, spec);
      }
      return true;
    },
  });
  const values = new Map<string, string>();
  for (const name of spec.value) {
    const given = parsed[name] as string[] | undefined ?? [];
    if (given.length > 1) throw new UsageError(`--${name} is given twice`);
    if (given[0] !== undefined) values.set(name, given[0]);
  }
  rejectMissingValues(joined, spec, values);
  const on = new Set(plain.filter((name) => parsed[name] === true));
  return { values, on, words: parsed._.map(String) };
}

/** `--channel ""` becomes `--channel=`: the parser would take the empty word for a missing value. */
function joinEmptyValues(args: readonly string[], spec: FlagSpec): string[] {
  const names = new Set(spec.value.flatMap((name) => spellings(name, spec)));
  const joined: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    const empty = names.has(arg) && args[at + 1] === "";
    joined.push(empty ? `${arg}=` : arg);
    if (empty) at++;
  }
  return joined;
}

function unknownFlag(flag: string, spec: FlagSpec): UsageError {
  const known = [
    ...[...spec.value, ...spec.plain].map((name) => `--${name}`),
    ...(spec.negatable ?? []).map((name) => `--no-${name}`),
    "--help",
  ];
  const hint = didYouMean(flag, known, "--help lists the flags");
  return new UsageError(`unknown flag ${flag}`, hint);
}

/** An empty value must be intended, as in `--channel=`; a flag at the end of the line has none. */
function rejectMissingValues(
  joined: readonly string[],
  spec: FlagSpec,
  values: ReadonlyMap<string, string>,
): void {
  for (const [name, value] of values) {
    if (value !== "") continue;
    const meant = spellings(name, spec).map((spelling) => `${spelling}=`);
    if (!joined.some((arg) => meant.includes(arg))) {
      throw new UsageError(`--${name} needs a value`);
    }
  }
}

function spellings(name: string, spec: FlagSpec): string[] {
  const short = spec.alias?.[name];
  return short ? [`--${name}`, `-${short}`] : [`--${name}`];
}
