import { EXIT } from "../../errors.ts";
import { type Command, STATUS_HELP } from "../command.ts";
import { type Flag, spellingsOf } from "../flag_table.ts";
import { placed } from "../unexpected_arguments.ts";
import { answer } from "../terminal.ts";
import { VERSION } from "../version.ts";

const HELP = `fstream man prints the manual page, for man and its like.

Usage: fstream man

Example, to read it and to put it in place:
  fstream man | man -l -
  fstream man > /usr/local/share/man/man1/fstream.1
`;

/**
 * `fstream man`.
 *
 * @param commands All commands; asked for when the command runs.
 */
export function manCommand(commands: () => readonly Command[]): Command {
  return {
    name: "man",
    usage: "fstream man",
    about: "prints the manual page",
    help: HELP,
    flags: [],
    run: (args, context) => {
      placed(args, context, []);
      answer(manual(commands()));
      return Promise.resolve(EXIT.done);
    },
  };
}

/** The page in the macros of man(7). */
function manual(commands: readonly Command[]): string {
  return `.TH FSTREAM 1 "" "fstream ${VERSION}" "User Commands"
.SH NAME
fstream \\- carries live media from one pipe to many
.SH SYNOPSIS
${commands.map(synopsis).join("")}.SH DESCRIPTION
Whatever is piped into
.B fstream broadcast
on one machine comes out of
.B fstream watch
on many, byte for byte;
.B fstream serve
runs in between.
.SH COMMANDS
${commands.map(section).join("")}.SH ENVIRONMENT
.TP
.B FSTREAM_SERVER
The server's address where none is written:
.IR host : port .
.TP
.BI fserv_arg_ key
A flag of broadcast, watch or token, with _ for \\-:
.B fserv_arg_user_password
does not show in a list of processes.
.TP
.B FSTREAM_CACHE
Folder that a self-extracting program unpacks itself to.
.SH EXIT STATUS
${escaped(STATUS_HELP)}
`;
}

function synopsis({ usage, flags }: Command): string {
  const more = flags.length > 0 ? " [flags]" : "";
  return `${line(`${usage}${more}`)}.br\n`;
}

function section(command: Command): string {
  const [first = ""] = command.help.split("\n", 1);
  return `.SS ${command.name}\n${line(first)}${
    ownFlags(command).map(entry).join("")
  }${example(command.help)}`;
}

/** Commands that take the flags of serve say so in their usage, and do not list them again. */
function ownFlags({ help, flags }: Command): readonly Flag[] {
  return help.includes("[flags of fstream serve]") ? [] : flags;
}

function entry(flag: Flag): string {
  const value = flag.placeholder === undefined
    ? ""
    : ` \\fI${escaped(flag.placeholder)}\\fR`;
  const spelled = spellingsOf(flag).map((name) => `\\fB${escaped(name)}\\fR`);
  return `.TP\n${spelled.join(", ")}${value}\n${
    line(flag.about.replaceAll("\n", " "))
  }`;
}

/** The help's end, which every command has: what works as pasted, left as it is. */
function example(help: string): string {
  const at = help.lastIndexOf("\nExample");
  if (at < 0) return "";
  const [title = "", ...lines] = help.slice(at + 1).trimEnd().split("\n");
  return `.PP\n${line(title)}.PP\n.nf\n${lines.map(line).join("")}.fi\n`;
}

/** A line of text: none may begin as a request does (groff(7), "Control characters"). */
function line(text: string): string {
  return `${/^[.']/.test(text) ? "\\&" : ""}${escaped(text)}\n`;
}

/** Backslashes and what roff would draw as typographic dashes and quotes. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("…", "\\&...");
}
