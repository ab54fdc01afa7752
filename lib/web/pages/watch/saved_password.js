/**
 * Channel passwords that a viewer entered, kept per channel until the tab is closed, so that a reload
 * does not ask again.
 *
 * @module
 */

import { keep, kept } from "../ui/tab_storage.js";

/** @param {string} path The channel's path. */
function keyOf(path) {
  return `fstream:channel-password:${path}`;
}

/** What a link's token follows in the address; browsers do not send this part. */
const LINK = /^#link=(link-[0-9a-f-]+)$/;

/**
 * The token of the link that was followed, which stands in for the password. It is taken out of the address, so that
 * neither a picture of the screen nor the history shows it.
 *
 * @returns {string | undefined}
 */
function takeLink() {
  const token = LINK.exec(location.hash)?.[1];
  if (token) history.replaceState(null, "", location.pathname);
  return token;
}

/**
 * What the viewer has given for a channel: the link that was followed, or the password that is saved.
 *
 * @param {string} path The channel's path.
 */
export function givenPassword(path) {
  return takeLink() ?? savedPassword(path);
}

/**
 * The password that is saved for a channel.
 *
 * @param {string} path The channel's path.
 */
export function savedPassword(path) {
  return kept(keyOf(path));
}

/**
 * Saves a channel's password, or forgets it when there is none.
 *
 * @param {string} path The channel's path.
 * @param {string} [password]
 */
export function savePassword(path, password) {
  keep(keyOf(path), password);
}
