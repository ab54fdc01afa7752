import { EXIT, UsageError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { type Flag, pathOf, spellingsOf, valuesOf } from "../flag_table.ts";
import { parseFlags } from "../flags.ts";
import { refuseStray } from "../unexpected_arguments.ts";
import { answer } from "../terminal.ts";

const HELP =
  `fstream completions prints what makes a shell complete commands and flags of fstream.

Usage: fstream completions bash|zsh|fish

Example, for this shell and for every later one:
  source <(fstream completions bash)
  fstream completions bash > /etc/bash_completion.d/fstream
`;

/** How each shell is told. */
const SHELLS: Readonly<
  Record<string, (commands: readonly Command[]) => string>
> = { bash, zsh, fish };

/** What completes a value that is a path, and one that nothing is known of. */
const PATHS = {
  file: { bash: "-f", zsh: "_files", fish: "-r -F " },
  folder: {
    bash: "-d",
    zsh: "_files -/",
    fish: "-x -a '(__fish_complete_directories)' ",
  },
  none: { bash: undefined, zsh: "", fish: "-x " },
} as const;

/**
 * `fstream completions`.
 *
 * @param commands All commands; asked for when the command runs.
 */
export function completionsCommand(
  commands: () => readonly Command[],
): Command {
  return {
    name: "completions",
    usage: "fstream completions SHELL",
    about: "completes commands and flags in bash, zsh or fish",
    help: HELP,
    flags: [],
    words: Object.keys(SHELLS),
    run: (args, context) => {
      const [shell = "", stray] =
        parseFlags(args, { value: [], plain: [] }).words;
      refuseStray(stray, context);
      if (!Object.hasOwn(SHELLS, shell)) {
        const known = Object.keys(SHELLS).join(", ");
        throw new UsageError(`unknown shell "${shell}"`, `known are ${known}`);
      }
      answer(SHELLS[shell]!(commands()));
      return Promise.resolve(EXIT.done);
    },
  };
}

/** What follows a command: its words, its flags and `--help`. */
function wordsOf({ flags, words = [] }: Command): string[] {
  return [...words, ...flags.flatMap(spellingsOf), "--help"];
}

function single(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function firstLine({ about }: Flag): string {
  return about.split("\n", 1)[0]!;
}

function namesOf(commands: readonly Command[]): string[] {
  return commands.map(({ name }) => name);
}

function bash(commands: readonly Command[]): string {
  const names = namesOf(commands);
  return `# bash completion of fstream
_fstream() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} word command=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case \${word%%,*} in
      ${names.join("|")}) command=\${word%%,*}; break ;;
    esac
  done
  local IFS=$'\\n'
  case $command:$prev in
${commands.flatMap(bashValues).join("")}  esac
  case $command in
    '') COMPREPLY=($(compgen -W ${
    bashWords([...names, "--help", "--version"])
  } -- "$cur")) ;;
${commands.map(bashCommand).join("")}  esac
}
complete -F _fstream fstream
`;
}

/** Words in one line each, as the field separator of the function wants them. */
function bashWords(words: readonly string[]): string {
  return `$'${words.join("\\n")}'`;
}

function bashCommand(command: Command): string {
  const words = bashWords(wordsOf(command));
  return `    ${command.name}) COMPREPLY=($(compgen -W ${words} -- "$cur")) ;;\n`;
}

function bashValues({ name, flags }: Command): string[] {
  return flags.filter(({ placeholder }) => placeholder !== undefined).map(
    (flag) => {
      const after = spellingsOf(flag).map((spelling) => `${name}:${spelling}`);
      return `    ${after.join("|")}) ${bashValue(flag)}return ;;\n`;
    },
  );
}

function bashValue(flag: Flag): string {
  const values = valuesOf(flag);
  const kind = values.length > 0
    ? `-W ${bashWords(values)}`
    : PATHS[pathOf(flag) ?? "none"].bash;
  return kind ? `COMPREPLY=($(compgen ${kind} -- "$cur")); ` : "COMPREPLY=(); ";
}

function zsh(commands: readonly Command[]): string {
  const names = namesOf(commands);
  const described = commands.map(({ name, about }) =>
    `    ${single(`${name}:${about}`)}\n`
  );
  return `#compdef fstream
_fstream() {
  local -a commands
  commands=(
${described.join("")}  )
  local -i at
  for ((at = 2; at < CURRENT; at++)); do
    case \${words[at]%%,*} in
      ${names.join("|")}) break ;;
    esac
  done
  if ((at >= CURRENT)); then
    _describe command commands
    return
  fi
  local command=\${words[at]%%,*}
  shift $((at - 1)) words
  ((CURRENT -= at - 1))
  case $command in
${commands.map(zshCommand).join("")}  esac
}
if [ "$funcstack[1]" = _fstream ]; then _fstream "$@"; else compdef _fstream fstream; fi
`;
}

function zshCommand({ name, flags, words = [] }: Command): string {
  const specs = flags.flatMap(zshFlag);
  if (words.length > 0) specs.push(single(`1: :(${words.join(" ")})`));
  specs.push("'--help[tells more]'");
  return `    ${name}) _arguments ${specs.join(" \\\n      ")} ;;\n`;
}

function zshFlag(flag: Flag): string[] {
  const about = firstLine(flag).replaceAll(/[[\]\\]/g, "\\$&");
  const value = flag.placeholder === undefined
    ? ""
    : `:${flag.placeholder.replaceAll(":", "\\:")}:${zshValue(flag)}`;
  return spellingsOf(flag).map((spelling) =>
    single(`${spelling}[${about}]${value}`)
  );
}

function zshValue(flag: Flag): string {
  const values = valuesOf(flag);
  if (values.length > 0) return `(${values.join(" ")})`;
  return PATHS[pathOf(flag) ?? "none"].zsh;
}

function fish(commands: readonly Command[]): string {
  const names = namesOf(commands).join(" ");
  const lines = commands.flatMap((command) => [
    `complete -c fstream -f -n 'not __fish_seen_subcommand_from ${names}' -a ${command.name} -d ${
      fishQuoted(command.about)
    }\n`,
    ...fishWords(command),
    ...command.flags.map((flag) => fishFlag(command, flag)),
  ]);
  return `# fish completion of fstream\n${lines.join("")}`;
}

function fishWords({ name, words = [] }: Command): string[] {
  if (words.length === 0) return [];
  return [
    `complete -c fstream -f ${fishBehind(name)} -a '${words.join(" ")}'\n`,
  ];
}

function fishBehind(name: string): string {
  return `-n '__fish_seen_subcommand_from ${name}'`;
}

function fishFlag({ name }: Command, flag: Flag): string {
  const short = flag.short ? `-s ${flag.short} ` : "";
  const long = flag.negated ? `no-${flag.name}` : flag.name;
  const about = fishQuoted(firstLine(flag));
  return `complete -c fstream ${fishBehind(name)} ${short}-l ${long} ${
    fishValue(flag)
  }-d ${about}\n`;
}

function fishValue(flag: Flag): string {
  if (flag.placeholder === undefined) return "-f ";
  const values = valuesOf(flag);
  if (values.length > 0) return `-x -a '${values.join(" ")}' `;
  return PATHS[pathOf(flag) ?? "none"].fish;
}

/** In fish's single quotes a backslash stands for itself, unless a quote or a backslash follows. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
