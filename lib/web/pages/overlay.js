/**
 * What lies over the picture while there is none: why, and what happens next.
 *
 * @module
 */

import { byId, setText } from "./dom.js";

/** What is said in each state. */
const WORDS = new Map([
  ["connecting", ["Connecting", ""]],
  ["on-air", ["Loading", ""]],
  ["held", [
    "The broadcaster's connection broke",
    "Waiting for it to come back.",
  ]],
  ["off-air", [
    "Off air",
    "Waiting. It starts by itself when the broadcaster is back.",
  ]],
  ["denied", ["This channel asks for a password", ""]],
  ["full", ["The server is full", "Trying again."]],
  ["slow", ["The connection is too slow for this channel", "Trying again."]],
  ["lost", ["No connection to the server", "Trying again."]],
  ["refused", ["The server refused to play this channel", ""]],
  ["failed", ["The stream could not be played", "Trying again."]],
  ["unplayable", ["This does not play here", ""]],
]);

/** The badge's word in the states that are not off air. */
const BADGES = new Map([
  ["playing", ["live", "Live"]],
  ["held", ["held", "Held"]],
  ["on-air", ["live", "Live"]],
  ["failed", ["live", "Live"]],
  ["unplayable", ["live", "Live"]],
  ["connecting", ["off", "Connecting"]],
  ["denied", ["off", "Protected"]],
  ["lost", ["off", "Offline"]],
]);

/**
 * Shows a state.
 *
 * @param {string} state One of a session's, or `playing` or `unplayable`.
 * @param {string} [reason] More about it, for the viewer.
 */
export function showState(state, reason = "") {
  const [badge, word] = BADGES.get(state) ?? ["off", "Off air"];
  byId("badge").dataset.state = badge;
  setText(byId("badge"), word);
  byId("overlay").hidden = state === "playing";
  byId("sign-in").hidden = state !== "denied";
  if (state === "playing") return;
  const [headline, next] = WORDS.get(state) ?? [state, ""];
  setText(byId("headline"), headline);
  setText(byId("why"), [reason, next].filter((text) => text !== "").join(" "));
}
