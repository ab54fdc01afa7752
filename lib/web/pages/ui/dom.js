/**
 * Helpers that fill the pages. They insert text as text, because names of users and channels come from
 * strangers.
 *
 * @module
 */

/**
 * The page's element with an id.
 *
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [type] The element's class; any when omitted.
 * @returns {T}
 * @throws {Error} When the page has no such element.
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof (type ?? HTMLElement))) {
    throw new Error(`Cannot fill the page: it has no element "${id}"`);
  }
  return /** @type {T} */ (element);
}

/**
 * Creates an element.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {{class?: string, text?: string}} [options]
 * @param {Node[]} [children]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, options = {}, children = []) {
  const element = document.createElement(tag);
  if (options.class) element.className = options.class;
  if (options.text !== undefined) element.textContent = options.text;
  element.append(...children);
  return element;
}

/**
 * Creates a choice of a `select`.
 *
 * @param {string} value
 * @param {string} text
 */
export function makeOption(value, text) {
  const option = make("option", { text });
  option.value = value;
  return option;
}

/**
 * Sets an element's text, but only when it differs: screen readers and selections would notice.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Fills a `dl` with terms and values. Rows are reused, so that a selection survives an update.
 *
 * @param {HTMLElement} list
 * @param {readonly (readonly [string, string])[]} rows
 */
export function setTerms(list, rows) {
  while (list.children.length > rows.length * 2) {
    list.lastElementChild?.remove();
  }
  while (list.children.length < rows.length * 2) {
    list.append(make("dt"), make("dd"));
  }
  const texts = rows.flat();
  [...list.children].forEach((cell, index) =>
    setText(cell, texts[index] ?? "")
  );
}
