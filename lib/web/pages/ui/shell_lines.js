/**
 * Lines to paste into a shell. Names are quoted for a POSIX shell, so that a hostile name stays a name.
 *
 * @module
 */

import { DEFAULT_CHANNEL, hlsPathOf, pathOf } from "./channel_path.js";

/**
 * @typedef {Pick<Location, "protocol" | "hostname" | "port" | "origin">} PageLocation Where the visitor
 *   reached the server: every protocol is spoken there.
 */

/** File suffixes that differ from the container's name. */
const SUFFIXES = new Map([
  ["mpegts", "ts"],
  ["matroska", "mkv"],
  ["adts", "aac"],
  ["raw", "bin"],
]);

/**
 * Quotes a word for a POSIX shell; a word without special characters stays as it is.
 *
 * @param {string} word
 */
export function quote(word) {
  if (/^[\w.,:/@%+=-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * A flag with its value; in one word when the value begins with a dash and would look like a flag.
 *
 * @param {string} name The flag's name without its dashes.
 * @param {string} value
 */
function flag(name, value) {
  return value.startsWith("-")
    ? quote(`--${name}=${value}`)
    : `--${name} ${quote(value)}`;
}

/**
 * The beginning of a command that uses this server.
 *
 * @param {string} command `watch` or `broadcast`.
 * @param {PageLocation} page
 */
function fstream(command, { protocol, hostname, port }) {
  const isTls = protocol === "https:";
  const address = `${hostname}:${port || (isTls ? 443 : 80)}`;
  return `fstream ${address} ${command}${isTls ? " --tls" : ""}`;
}

/**
 * The line that starts a channel.
 *
 * @param {PageLocation} page
 */
export function startLine(page) {
  return `ffmpeg -re -i film.mp4 -c copy -f mpegts - | ` +
    `${fstream("broadcast", page)} --user NAME --user-password PASSWORD`;
}

/**
 * The lines that play a channel without this page: commands, and the address of its HLS playlist.
 *
 * @param {object} channel
 * @param {string} channel.user
 * @param {string} channel.channel
 * @param {string} [channel.container] Empty while unknown.
 * @param {boolean} channel.locked Whether watchers need a password.
 * @param {PageLocation} page
 * @returns {{label: string, line: string}[]}
 */
export function watchLines({ user, channel, container = "", locked }, page) {
  const origin = locked
    ? page.origin.replace("//", "//:PASSWORD@")
    : page.origin;
  const url = quote(origin + pathOf({ user, channel }));
  const hls = hlsPathOf({ user, channel }, container);
  const words = [
    fstream("watch", page),
    flag("user", user),
    ...(channel === DEFAULT_CHANNEL ? [] : [flag("channel", channel)]),
    ...(locked ? ["--channel-password PASSWORD"] : []),
  ];
  const suffix = container && `.${SUFFIXES.get(container) ?? container}`;
  return [
    { label: "fstream, lowest delay", line: `${words.join(" ")} | ffplay -` },
    { label: "ffplay", line: `ffplay ${url}` },
    { label: "VLC", line: `vlc ${url}` },
    ...(hls
      ? [{
        label: "HLS, for Safari and televisions",
        line: quote(origin + hls),
      }]
      : []),
    { label: "Record with curl", line: `curl -o out${suffix} ${url}` },
  ];
}
