import { EXIT, UsageError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { bash } from "../completions/bash.ts";
import { fish } from "../completions/fish.ts";
import { zsh } from "../completions/zsh.ts";
import { parseFlags } from "../flags.ts";
import { answer } from "../terminal.ts";
import { rejectUnexpected } from "../unexpected_arguments.ts";

const HELP =
  `fstream completions prints a script that completes commands and flags of fstream in a shell.

Usage: fstream completions bash|zsh|fish

Example, for this shell and for every later one:
  source <(fstream completions bash)
  mkdir -p ~/.local/share/bash-completion/completions && fstream completions bash > ~/.local/share/bash-completion/completions/fstream
`;

/** The scripts, by shell. */
const SHELLS: Readonly<
  Record<string, (commands: readonly Command[]) => string>
> = { bash, zsh, fish };

/** `fstream completions`; all commands are asked for when it runs. */
export function completionsCommand(
  commands: () => readonly Command[],
): Command {
  return {
    name: "completions",
    usage: "fstream completions SHELL",
    about: "complete commands and flags in bash, zsh or fish",
    help: HELP,
    flags: [],
    words: Object.keys(SHELLS),
    run: (args, context) => {
      const [shell = "", more] =
        parseFlags(args, { value: [], plain: [] }).words;
      rejectUnexpected(more, context);
      const known = Object.keys(SHELLS).join(", ");
      if (shell === "") {
        throw new UsageError("the shell is missing", `known are ${known}`);
      }
      if (!Object.hasOwn(SHELLS, shell)) {
        throw new UsageError(`unknown shell "${shell}"`, `known are ${known}`);
      }
      answer(SHELLS[shell]!(commands()));
      return Promise.resolve(EXIT.done);
    },
  };
}
