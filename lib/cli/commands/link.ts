import type { ApiClient } from "../../client/api_client.ts";
import { escapeControls } from "../../logger.ts";
import type { LinkJson, NewLinkJson } from "../../web/links.ts";
import { runApiCommand } from "../api_command.ts";
import type { Command } from "../command.ts";
import { type Flag, flagHelp } from "../flag_table.ts";
import { apiFlags } from "../request_flags.ts";
import type { Flags } from "../flags.ts";
import { answer, canDraw, say } from "../terminal.ts";
import { nameOf } from "../view/channels.ts";
import { type Column, tableLines } from "../view/table.ts";

const OWN: readonly Flag[] = [
  {
    name: "channel",
    short: "c",
    placeholder: "NAME",
    about: 'the channel (default "default")',
  },
  {
    name: "expires",
    placeholder: "TIME",
    about: "how long it is valid (default 1d, at most 31d)",
  },
  { name: "list", about: "list the links and their use instead" },
  { name: "revoke", placeholder: "ID", about: "void a link instead" },
];

const FLAGS = apiFlags(OWN);

const HELP =
  `fstream link prints a token that stands in for the password of one channel, to watch it for some time.

Usage: fstream [host:port] link --user NAME [flags]

Anybody with the token may watch that channel and nothing else: with --channel-password TOKEN, with
?channel_password=TOKEN in an address of media, or in a browser at http://host:port/USER/CHANNEL#link=TOKEN.
A restart of the server, or of all servers of a cluster, voids all links; revoking one leaves those who watch already.

${flagHelp(FLAGS)}
Example, a link for a day, used at once:
  token=$(fstream link -u fier --user-password 123 -c hall)
  fstream watch -u fier -c hall --channel-password "$token" | ffplay -
`;

const COLUMNS: readonly Column<LinkJson>[] = [
  { title: "ID", cell: ({ id }) => id },
  { title: "CHANNEL", cell: nameOf },
  { title: "EXPIRES", cell: ({ expires }) => expires },
  { title: "USES", right: true, cell: ({ uses }) => String(uses) },
  { title: "LAST USED", cell: (link) => link.last_used ?? "never" },
];

/** `fstream link`. */
export const linkCommand: Command = {
  name: "link",
  usage: "fstream [host:port] link",
  about: "print a token to watch one channel",
  help: HELP,
  flags: FLAGS,
  run: (args, context) => {
    const command = { flags: FLAGS, maxWords: 0, needsUser: true, run };
    return runApiCommand(args, context, command);
  },
};

async function run(api: ApiClient, { values, on }: Flags): Promise<void> {
  const revoked = values.get("revoke");
  if (revoked !== undefined) await revoke(api, revoked);
  else if (on.has("list")) await list(api);
  else await create(api, values);
}

async function create(
  api: ApiClient,
  values: ReadonlyMap<string, string>,
): Promise<void> {
  const query = new URLSearchParams();
  for (const key of ["channel", "expires"]) {
    const value = values.get(key);
    if (value !== undefined) query.set(key, value);
  }
  const link = await api.ask(`/api/links?${query}`, "POST") as NewLinkJson;
  answer(`${escapeControls(String(link.token))}\n`);
  if (canDraw()) {
    const text = `link ${link.id}, valid until ${link.expires}`;
    say(`${escapeControls(text)}\n`);
  }
}

async function list(api: ApiClient): Promise<void> {
  const { links } = await api.ask("/api/links") as { links: LinkJson[] };
  answer(`${tableLines(COLUMNS, links).join("\n")}\n`);
}

async function revoke(api: ApiClient, id: string): Promise<void> {
  await api.ask(`/api/links/${encodeURIComponent(id)}/revoke`, "POST");
}
