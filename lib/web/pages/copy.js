/**
 * Copying to the clipboard, over plain http too.
 *
 * @module
 */

import { make } from "./dom.js";

/** Milliseconds for which a button says that it has copied. */
const THANKS_MS = 1600;

/**
 * Copies a text.
 *
 * @param {string} text The text.
 * @returns {Promise<boolean>} Whether it worked.
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // Over plain http there is no clipboard object.
  }
}

/**
 * Copies by selecting a text field that nobody sees.
 *
 * @param {string} text The text.
 * @returns {boolean} Whether the browser did it.
 */
function copyBySelection(text) {
  const field = make("textarea", { class: "sr-only" });
  field.value = text;
  const before = document.activeElement;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus?.();
  return done;
}

/**
 * Makes a button copy.
 *
 * @param {HTMLElement} button The button; it says for a moment how it went.
 * @param {() => string} text What to copy, asked for when it is pressed.
 */
export function bindCopy(button, text) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    button.textContent = await copyText(text()) ? "Copied" : "Select it";
    setTimeout(() => button.textContent = label, THANKS_MS);
  });
}

/**
 * A row with a line to copy.
 *
 * @param {string} label What the line is for.
 * @param {string} line The line.
 * @returns {HTMLElement} A list item.
 */
export function copyRow(label, line) {
  const code = make("pre", { text: line });
  code.tabIndex = 0; // A long line scrolls, by keyboard too.
  code.setAttribute("aria-label", label);
  const button = make("button", { text: "Copy" });
  button.type = "button";
  button.setAttribute("aria-label", `Copy: ${label}`);
  bindCopy(button, () => line);
  return make("li", { class: "line" }, [
    make("span", { class: "line-label", text: label }),
    code,
    button,
  ]);
}
