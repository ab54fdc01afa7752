/**
 * What a tab keeps until it is closed, so that a reload does not ask again.
 *
 * @module
 */

/** @param {string} key */
export function kept(key) {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined; // Some privacy settings block storage; then people are asked each time.
  }
}

/**
 * Keeps a text, or forgets it when there is none.
 *
 * @param {string} key
 * @param {string} [text]
 */
export function keep(key, text) {
  try {
    if (text) sessionStorage.setItem(key, text);
    else sessionStorage.removeItem(key);
  } catch {
    // Blocked or full: it is not kept.
  }
}
