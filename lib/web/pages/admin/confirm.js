import { byId, setText } from "../ui/dom.js";

/**
 * Asks before something that cannot be undone.
 *
 * @param {{title: string, text: string, verb: string}} question The verb is on the button that does it.
 * @returns {Promise<boolean>} Whether to do it; the escape key means no.
 */
export function confirmed({ title, text, verb }) {
  const dialog = byId("confirm", HTMLDialogElement);
  setText(byId("confirm-title"), title);
  setText(byId("confirm-text"), text);
  setText(byId("confirm-do"), verb);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener(
      "close",
      () => resolve(dialog.returnValue === "do"),
      { once: true },
    )
  );
}
