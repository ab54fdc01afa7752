import type { Command } from "../command.ts";
import { type Flag, pathOf, spellingsOf, valuesOf } from "../flag_table.ts";
import { namesOf, oneLine } from "./words.ts";

/** What completes a path, and a value of which nothing is known. */
const PATHS = { file: "_files", folder: "_files -/", none: "" } as const;

/** Writes the completion function for zsh. */
export function zsh(commands: readonly Command[]): string {
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
  specs.push("'--help[show help]'");
  return `    ${name}) _arguments ${specs.join(" \\\n      ")} ;;\n`;
}

function zshFlag(flag: Flag): string[] {
  const about = oneLine(flag).replaceAll(/[[\]\\]/g, "\\$&");
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
  return PATHS[pathOf(flag) ?? "none"];
}

function single(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
