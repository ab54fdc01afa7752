/**
 * Lines to paste into a shell. Names are quoted for a POSIX shell, so that a hostile one stays a name.
 *
 * @module
 */

import { DEFAULT_CHANNEL, pathOf } from "./channel_path.js";

/** Suffixes of files where they are not the container's own name. */
const SUFFIXES = new Map([
  ["mpegts", "ts"],
  ["matroska", "mkv"],
  ["adts", "aac"],
  ["raw", "bin"],
]);

/**
 * Quotes a word for a POSIX shell.
 *
 * @param {string} word Any text.
 * @returns {string} The word itself where no character of it means anything to a shell.
 */
export function quote(word) {
  if (/^[\w.,:/@%+=-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * A flag with its value in one word, so that a value that begins with a dash stays a value.
 *
 * @param {string} name The flag's name without its dashes.
 * @param {string} value Its value.
 * @returns {string} For example `--user fier` or `'--user=-x'`.
 */
function flag(name, value) {
  return value.startsWith("-")
    ? quote(`--${name}=${value}`)
    : `--${name} ${quote(value)}`;
}

/**
 * The host and port of the TCP front, as the command takes it.
 *
 * @param {string} hostname The page's host name, an IPv6 address in brackets.
 * @param {number} port The TCP front's port.
 * @returns {string} `HOST:PORT`.
 */
export function serverAddress(hostname, port) {
  return `${hostname}:${port}`;
}

/**
 * How to start a channel from a shell.
 *
 * @param {string} server `HOST:PORT` of the TCP front.
 * @returns {string} One line.
 */
export function startLine(server) {
  return `ffmpeg -re -i film.mp4 -c copy -f mpegts - | ` +
    `fstream ${server} broadcast --user NAME --user-password PASSWORD`;
}

/**
 * How to play a channel without this page.
 *
 * @param {object} channel What to play.
 * @param {string} channel.user Whose channel.
 * @param {string} channel.channel Its name.
 * @param {string} [channel.container] Its container, where known.
 * @param {boolean} channel.locked Whether watchers have to give a password.
 * @param {{server: string, origin: string}} where `HOST:PORT` of the TCP front, and the page's origin.
 * @returns {{label: string, line: string}[]} Lines and what they are for.
 */
export function watchLines(
  { user, channel, container = "", locked },
  { server, origin },
) {
  const path = pathOf(user, channel);
  const url = quote(
    (locked ? origin.replace("//", "//:PASSWORD@") : origin) + path,
  );
  const name = channel === DEFAULT_CHANNEL
    ? ""
    : ` ${flag("channel", channel)}`;
  const word = locked ? " --channel-password PASSWORD" : "";
  const suffix = container && `.${SUFFIXES.get(container) ?? container}`;
  return [
    {
      label: "fstream, the lowest delay",
      line: `fstream ${server} watch ${
        flag("user", user)
      }${name}${word} | ffplay -`,
    },
    { label: "ffplay", line: `ffplay ${url}` },
    { label: "VLC", line: `vlc ${url}` },
    { label: "Record with curl", line: `curl -o out${suffix} ${url}` },
  ];
}
