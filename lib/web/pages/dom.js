/**
 * The few helpers with which pages are filled. Text goes in as text and nothing else: names of users
 * and channels are whatever a stranger typed.
 *
 * @module
 */

/**
 * The page's element of that id.
 *
 * @param {string} id Its id.
 * @returns {HTMLElement} The element.
 * @throws {Error} When the page has none.
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) {
    throw new Error(`Cannot fill the page: it has no element "${id}"`);
  }
  return element;
}

/**
 * Makes an element.
 *
 * @param {string} tag Its tag.
 * @param {{class?: string, text?: string}} [options] Its class and its text.
 * @param {Node[]} [children] What it holds.
 * @returns {HTMLElement} The element.
 */
export function make(tag, options = {}, children = []) {
  const element = document.createElement(tag);
  if (options.class) element.className = options.class;
  if (options.text !== undefined) element.textContent = options.text;
  element.append(...children);
  return element;
}

/**
 * Sets an element's text, and leaves it alone when nothing changed: screen readers and selections
 * would notice.
 *
 * @param {Element} element The element.
 * @param {string} text Its text.
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Fills a list of terms; the rows stay the same elements from time to time.
 *
 * @param {HTMLElement} list A `dl`.
 * @param {readonly (readonly [string, string])[]} rows Terms and their values, in order.
 */
export function setTerms(list, rows) {
  while (list.children.length > rows.length * 2) {
    list.lastElementChild?.remove();
  }
  while (list.children.length < rows.length * 2) {
    list.append(make("dt"), make("dd"));
  }
  rows.flat().forEach((text, index) => setText(list.children[index], text));
}
