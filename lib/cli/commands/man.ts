import { EXIT } from "../../errors.ts";
import { type Command, STATUSES } from "../command.ts";
import { type Flag, spellingsOf } from "../flag_table.ts";
import { readValues } from "../unexpected_arguments.ts";
import { answer } from "../terminal.ts";
import { VERSION } from "../version.ts";

const HELP = `fstream man prints the manual page.

Usage: fstream man

Example, to read it, and to install it:
  fstream man | man -l -
  mkdir -p /usr/local/share/man/man1 && fstream man > /usr/local/share/man/man1/fstream.1
`;

/** `fstream man`; all commands are asked for when it runs. */
export function manCommand(commands: () => readonly Command[]): Command {
  return {
    name: "man",
    usage: "fstream man",
    about: "print the manual page",
    help: HELP,
    flags: [],
    run: (args, context) => {
      readValues(args, context, []);
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
What is piped into
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
The server's address, where the command line names none:
.IR host : port .
.TP
.BI fserv_arg_ key
A flag of a request, with _ for \\-:
.B fserv_arg_user_password
is not shown in process lists.
.TP
.B FSTREAM_CACHE
Folder that a self-extracting executable unpacks itself to.
.SH EXIT STATUS
${STATUSES.map(status).join("")}`;
}

function status([value, about]: (typeof STATUSES)[number]): string {
  return `.TP\n.B ${value}\n${line(about)}`;
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

/** Commands that take the flags of serve do not list them again. */
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

/** The example at the end of each help, verbatim. */
function example(help: string): string {
  const at = help.lastIndexOf("\nExample");
  if (at < 0) return "";
  const [title = "", ...lines] = help.slice(at + 1).trimEnd().split("\n");
  return `.PP\n${line(title)}.PP\n.nf\n${lines.map(line).join("")}.fi\n`;
}

/** A line of text, which must not begin like a request (groff(7), "Control characters"). */
function line(text: string): string {
  return `${/^[.']/.test(text) ? "\\&" : ""}${escaped(text)}\n`;
}

/** Escapes backslashes, and what roff would turn into typographic dashes and quotes. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("…", "\\&...");
}
