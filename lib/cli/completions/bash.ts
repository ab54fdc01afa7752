import type { Command } from "../command.ts";
import { type Flag, pathOf, spellingsOf, valuesOf } from "../flag_table.ts";
import { namesOf, wordsOf } from "./words.ts";

/** What compgen completes a path with. */
const PATHS = { file: "-f", folder: "-d" } as const;

/** Writes the completion function for bash. */
export function bash(commands: readonly Command[]): string {
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
  const kind = values.length > 0 ? `-W ${bashWords(values)}` : pathKind(flag);
  return kind ? `COMPREPLY=($(compgen ${kind} -- "$cur")); ` : "COMPREPLY=(); ";
}

function pathKind(flag: Flag): string | undefined {
  const path = pathOf(flag);
  return path && PATHS[path];
}
