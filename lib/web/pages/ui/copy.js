/**
 * Copy buttons, which also work on plain http.
 *
 * @module
 */

import { make } from "./dom.js";

/** Milliseconds for which a button shows its result. */
const RESULT_MS = 1600;

/**
 * Copies a text to the clipboard.
 *
 * @param {string} text
 * @returns {Promise<boolean>} Whether it worked.
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // Browsers have no clipboard object on plain http.
  }
}

/**
 * Copies by selecting an invisible text field.
 *
 * @param {string} text
 */
function copyBySelection(text) {
  const field = make("textarea", { class: "sr-only" });
  field.value = text;
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

/**
 * Makes a button copy a text, and show for a moment whether that worked.
 *
 * @param {HTMLElement} button
 * @param {() => string} text Called at each press.
 */
export function bindCopy(button, text) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    button.textContent = await copyText(text()) ? "Copied" : "Select it";
    setTimeout(() => button.textContent = label, RESULT_MS);
  });
}

/**
 * A list item with a shell line and its copy button.
 *
 * @param {string} label What the line is for.
 * @param {string} line
 */
export function copyRow(label, line) {
  const code = make("pre", { text: line });
  code.tabIndex = 0; // A long line scrolls, so the keyboard must reach it.
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
