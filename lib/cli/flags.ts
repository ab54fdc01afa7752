import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "../errors.ts";

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

/** A command line, taken apart. */
export interface Flags {
  /** Values by flag. */
  readonly values: ReadonlyMap<string, string>;
  /** Plain flags that are on. */
  readonly on: ReadonlySet<string>;
  /** What is no flag. */
  readonly words: readonly string[];
}

/**
 * Takes a command line apart.
 *
 * @param args Behind the program's name.
 * @param spec What is allowed; `--help` always is.
 * @throws {UsageError} for a flag that is not known, given twice, or lacks its value.
 */
export function parseFlags(args: readonly string[], spec: FlagSpec): Flags {
  const plain = [...spec.plain, ...(spec.negatable ?? []), "help"];
  const parsed = parseArgs(args, {
    string: [...spec.value, "_"],
    boolean: plain,
    collect: spec.value,
    negatable: spec.negatable ?? [],
    alias: { ...spec.alias, help: "h" },
    unknown: (arg, key) => {
      if (key !== undefined) {
        throw new UsageError(
          `unknown flag ${arg.split("=")[0]}`,
          "fstream --help lists the flags",
        );
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
  refuseMissingValues(args, spec, values);
  const on = new Set(plain.filter((name) => parsed[name] === true));
  for (const name of spec.negatable ?? []) {
    if (!args.includes(`--no-${name}`)) on.add(name);
  }
  return { values, on, words: parsed._.map(String) };
}

/** An empty value must be meant: `--channel-password ""`, and not a flag that lacks its value. */
function refuseMissingValues(
  args: readonly string[],
  spec: FlagSpec,
  values: ReadonlyMap<string, string>,
): void {
  for (const [name, value] of values) {
    if (value !== "") continue;
    const names = [
      `--${name}`,
      ...(spec.alias?.[name] ? [`-${spec.alias[name]}`] : []),
    ];
    const at = args.findIndex((arg) => names.includes(arg));
    if (at >= 0 && args[at + 1] !== "") {
      throw new UsageError(`--${name} needs a value`);
    }
  }
}
