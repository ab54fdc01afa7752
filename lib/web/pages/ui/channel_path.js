/**
 * Addresses of channels.
 *
 * @module
 */

/** @typedef {{user: string, channel: string}} ChannelName */

/** The channel that a path without a channel name stands for. */
export const DEFAULT_CHANNEL = "default";

/**
 * The path of a channel's page, media and WebSocket.
 *
 * @param {ChannelName} name
 * @returns {string} `/USER/CHANNEL`, percent-encoded; `/USER` for the default channel.
 */
export function pathOf({ user, channel }) {
  const path = `/${encodeURIComponent(user)}`;
  return channel === DEFAULT_CHANNEL
    ? path
    : `${path}/${encodeURIComponent(channel)}`;
}

/** Containers that the server hands out as HLS. */
const HLS_CONTAINERS = new Set(["mpegts", "mp4", "mp3", "adts", "ac3"]);

/**
 * The path of a channel's HLS playlist.
 *
 * @param {ChannelName} name
 * @param {string} container What the channel carries; empty while unknown.
 * @returns {string | undefined} `undefined` where HLS cannot carry it.
 */
export function hlsPathOf({ user, channel }, container) {
  if (container !== "" && !HLS_CONTAINERS.has(container)) return undefined;
  const names = [user, channel].map(encodeURIComponent);
  return `/${names.join("/")}/index.m3u8`;
}

/**
 * Reads a channel's path, for example `/fier/studio%201`.
 *
 * @param {string} path
 * @returns {ChannelName | undefined} `undefined` when it names no channel.
 */
export function readPath(path) {
  try {
    const [user, channel] = path.split("/").slice(1).map(decodeURIComponent);
    return user ? { user, channel: channel || DEFAULT_CHANNEL } : undefined;
  } catch {
    return undefined; // A percent sign that encodes nothing.
  }
}

/**
 * The address of a channel's WebSocket: `wss:` from a page that came over TLS, otherwise `ws:`.
 *
 * @param {string} path The channel's path.
 * @param {{protocol: string, host: string}} page The page's location.
 */
export function socketUrl(path, page) {
  return `${page.protocol === "https:" ? "wss:" : "ws:"}//${page.host}${path}`;
}
