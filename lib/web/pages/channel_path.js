/**
 * Addresses of channels.
 *
 * @module
 */

/** The channel that is meant when none is named. */
export const DEFAULT_CHANNEL = "default";

/**
 * The path of a channel, for its page, its media and its socket alike.
 *
 * @param {string} user Whose channel.
 * @param {string} channel Its name.
 * @returns {string} `/USER/CHANNEL`, percent-encoded; `/USER` for the default channel.
 */
export function pathOf(user, channel) {
  const path = `/${encodeURIComponent(user)}`;
  return channel === DEFAULT_CHANNEL
    ? path
    : `${path}/${encodeURIComponent(channel)}`;
}

/**
 * Reads a channel's path.
 *
 * @param {string} path For example `/fier/studio%201`.
 * @returns {{user: string, channel: string} | undefined} Nothing when it names no channel.
 */
export function readPath(path) {
  try {
    const [user, channel = ""] = path.split("/").slice(1).map(
      decodeURIComponent,
    );
    return user ? { user, channel: channel || DEFAULT_CHANNEL } : undefined;
  } catch {
    return undefined; // A percent sign that encodes nothing.
  }
}

/**
 * The address of a channel's WebSocket.
 *
 * @param {string} path The channel's path.
 * @param {{protocol: string, host: string}} page The page's location.
 * @returns {string} `ws:` or, from a page that came over TLS, `wss:`.
 */
export function socketUrl(path, page) {
  return `${page.protocol === "https:" ? "wss:" : "ws:"}//${page.host}${path}`;
}
