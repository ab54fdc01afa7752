import { fromRoot } from "../helpers/root.ts";
import type { Program, Ran } from "../helpers/program.ts";
import type { Block } from "./markdown.ts";

/** The host of the documents; in a test it is the machine itself. */
const HOST = "vps.example";

/** Broadcasts two channels of `fier`, one with a password, for as long as the block runs. */
const LIVE_CHANNELS = ["", " --channel hall --channel-password 456"].map(
  (flags) =>
    `broadcast 'ffmpeg -v error -nostdin -re -stream_loop -1 -i film.mkv -c copy -f mpegts - |
       fstream broadcast -q -u fier --user-password 123${flags}'`,
);

const SERVE = "fstream serve --users users";
const TLS_FLAGS = "--tls-cert fullchain.pem --tls-key privkey.pem";

/** A player that is content with some media: of stdin for `-`, else of an address or a playlist. */
const PLAYER = `#!/bin/bash
for last; do :; done
read() {
  case "$last" in
    -) cat ;;
    *.m3u8*) ffmpeg -nostdin -v error -i "$last" -t 2 -c copy -f mpegts - ;;
    *) curl -sS -m 20 "$last" ;;
  esac
}
size=$(read | head -c 20000 | wc -c)
[ "$size" -eq 20000 ] || { echo "$0 got only $size bytes" >&2; exit 1; }
`;

/** Recording a live channel never ends: some seconds of it are enough, if there is something in them. */
const CURL = `#!/bin/bash
/usr/bin/curl -m 5 "$@"; status=$?
while [ $# -gt 1 ]; do [ "$1" = -o ] && file=$2; shift; done
if [ $status -eq 28 ] && [ -s "$file" ]; then exit 0; fi
exit $status
`;

/** Makes the folder in which the blocks of a document run: a user, media, a certificate, players. */
export async function prepareFolder(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/users`);
  await Deno.writeTextFile(
    `${folder}/users/fier.ini`,
    "[DEFAULT]\npassword=123\n",
  );
  await Deno.mkdir(`${folder}/bin`);
  for (const name of ["ffplay", "mpv", "vlc"]) {
    await addTool(folder, name, PLAYER);
  }
  await addTool(folder, "curl", CURL);
  for (
    const [from, to] of [
      ["tests/vectors/tls/server_one.pem", "fullchain.pem"],
      ["tests/vectors/tls/server_one.key", "privkey.pem"],
      ["tests/vectors/tls/authority_one.pem", "ca.pem"],
      ["tests/docs/block_start.sh", "start.sh"],
      ["tests/vectors/auth/my_auth.ts", "my_auth.ts"],
    ] as const
  ) await Deno.copyFile(fromRoot(from), `${folder}/${to}`);
}

async function addTool(
  folder: string,
  name: string,
  script: string,
): Promise<void> {
  await Deno.writeTextFile(`${folder}/bin/${name}`, script, { mode: 0o755 });
}

/** Media that the documents call their film: ten seconds, in Matroska and in MPEG-TS. */
export const MAKE_FILM = `
ffmpeg -v error -nostdin -y -f lavfi -i testsrc2=size=640x360 -t 10 -c:v libx264 -preset ultrafast \
  -pix_fmt yuv420p -g 50 film.mkv && ffmpeg -v error -nostdin -y -i film.mkv -c copy film.ts`;

/**
 * Runs the commands of a block in a network of their own. A server and broadcasts that the block starts in
 * the foreground continue in the background until it ends, as they would in a terminal of their own.
 */
export async function runBlock(
  program: Program,
  folder: string,
  block: Block,
): Promise<Ran> {
  await Deno.writeTextFile(`${folder}/block.sh`, scriptOf(block));
  // In a process namespace the end of the script is the end of everything it started.
  const command =
    'PATH="$PWD/bin:$PATH" exec unshare -rn --pid --fork --kill-child bash block.sh';
  return await program.run(command, folder);
}

/** The shell script that runs a block. */
export function scriptOf({ text, note }: Block): string {
  const commands = commandsOf(text.replaceAll(HOST, "localhost"));
  const serves = commands.some((line) => line.startsWith("fstream serve "));
  return [
    "rm -f failed.*; . ./start.sh",
    ...(serves ? [] : [`serve '${SERVE} ${tlsFlags(note)}'`]),
    ...(note === "live" ? LIVE_CHANNELS : []),
    "set -e",
    ...commands.map(adapted),
    "if ls failed.* >/dev/null 2>&1; then cat failed.* >&2; exit 1; fi",
    "",
  ].join("\n");
}

function tlsFlags(note: string): string {
  return note === "with TLS" ? TLS_FLAGS : "";
}

/** Commands, one for each line; a line that ends in a pipe or a backslash continues. */
function commandsOf(text: string): string[] {
  return text.replaceAll(/(\\|\|)\n\s*/g, (_, end) => end === "|" ? "| " : "")
    .split("\n").filter((line) => line !== "")
    .map((line) => /^fstream serve$/.test(line) ? `${line} ` : line);
}

function adapted(line: string): string {
  const staysInFront = / --print-config\b/.test(line) || /&/.test(line);
  if (staysInFront) return line;
  if (line.startsWith("fstream serve ")) return `serve ${quoted(line)}`;
  if (/^ffmpeg .*(\| fstream .*\bbroadcast\b|-method PUT| 'rtmp:)/.test(line)) {
    return `broadcast ${quoted(line)}`;
  }
  return line.startsWith("fstream user ") ? `echo 123 | ${line}` : line;
}

/** Quotes a word for a shell; variables in it are those of the block. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
