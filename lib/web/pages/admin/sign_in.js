/**
 * The form in which a user signs in. Name and password are kept in the tab until it is closed or the user signs out.
 *
 * @module
 */

import { byId, setText } from "../ui/dom.js";
import { keep, kept } from "../ui/tab_storage.js";

/** @typedef {{user: string, password: string}} Credentials */

/** Where the tab keeps them. */
const KEY = "fstream:sign-in";

/** @returns {Credentials | undefined} */
export function savedSignIn() {
  const text = kept(KEY);
  return text === undefined ? undefined : JSON.parse(text);
}

/** @param {Credentials} [credentials] Forgotten when there are none. */
export function saveSignIn(credentials) {
  keep(KEY, credentials && JSON.stringify(credentials));
}

/**
 * Shows the form.
 *
 * @param {string} problem Why the user must sign in again; empty for none.
 */
export function showSignIn(problem) {
  byId("sign-in").hidden = false;
  byId("signed-in").hidden = true;
  byId("insecure").hidden = isSecureContext;
  setText(byId("problem"), problem);
  byId("problem").hidden = problem === "";
  for (const id of ["user", "password"]) {
    byId(id).setAttribute("aria-invalid", String(problem !== ""));
  }
  byId("submit", HTMLButtonElement).disabled = false;
  const user = byId("user", HTMLInputElement);
  if (user.value === "") user.focus();
  else byId("password").focus();
}

/** Shows the page behind the form. */
export function hideSignIn() {
  byId("sign-in").hidden = true;
  byId("signed-in").hidden = false;
}

/** @param {(credentials: Credentials) => void} onSubmit */
export function bindSignIn(onSubmit) {
  byId("sign-in-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = byId("password", HTMLInputElement);
    const user = byId("user", HTMLInputElement).value;
    const password = field.value;
    field.value = "";
    byId("submit", HTMLButtonElement).disabled = true;
    onSubmit({ user, password });
  });
}
