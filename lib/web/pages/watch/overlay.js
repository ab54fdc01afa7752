/**
 * What covers the player while it does not play: the reason, and what happens next.
 *
 * @module
 */

/** @import { SessionState } from "./watch_session.js" */

import { byId, setText } from "../ui/dom.js";
import { sentence } from "../ui/format.js";

/** @typedef {SessionState | "playing" | "paused" | "unplayable"} PlayerState */

/**
 * @typedef {object} StateText
 * @property {string} badge
 * @property {string} [headline]
 * @property {string} [next] What happens next.
 * @property {boolean} [isLive] Whether the channel is certainly live.
 */

/** @type {Readonly<Record<PlayerState, StateText>>} */
const TEXTS = {
  playing: { badge: "Live", isLive: true },
  connecting: { badge: "Connecting", headline: "Connecting…" },
  loading: { badge: "Live", headline: "Loading…", isLive: true },
  paused: {
    badge: "Paused",
    headline: "Paused",
    next: "Press play to continue live.",
  },
  waiting: {
    badge: "Waiting",
    headline: "Waiting for the broadcaster",
    next: "The broadcast was interrupted. It continues here by itself.",
  },
  offline: {
    badge: "Offline",
    headline: "Offline",
    next: "The channel is not live. It starts here by itself once it is.",
  },
  denied: { badge: "Protected", headline: "This channel needs a password" },
  busy: {
    badge: "Busy",
    headline: "The server is busy",
    next: "Trying again.",
  },
  slow: {
    badge: "Interrupted",
    headline: "Your connection is too slow for this channel",
    next: "Trying again.",
  },
  lost: {
    badge: "No connection",
    headline: "No connection to the server",
    next: "Trying again.",
  },
  rejected: { badge: "Rejected", headline: "The server rejected the request" },
  error: {
    badge: "Error",
    headline: "The server failed to deliver the channel",
    next: "Trying again.",
  },
  failed: {
    badge: "Error",
    headline: "Playback failed",
    next: "Trying again.",
  },
  unplayable: {
    badge: "Live",
    headline: "This browser cannot play the channel",
    next: "Use one of the commands below.",
    isLive: true,
  },
};

/** @type {ReadonlySet<PlayerState>} States whose reason tells more than the headline. */
const EXPLAINED = new Set(["rejected", "failed", "busy", "unplayable"]);

/**
 * Shows a state.
 *
 * @param {PlayerState} state
 * @param {string} [reason] For the viewer; may be empty.
 */
export function showState(state, reason = "") {
  const { badge, headline = "", next = "", isLive = false } = TEXTS[state];
  byId("player").dataset.state = state;
  byId("badge").dataset.state = isLive ? "live" : "off";
  setText(byId("badge"), badge);
  byId("overlay").hidden = state === "playing";
  byId("sign-in").hidden = state !== "denied";
  const why = EXPLAINED.has(state) ? sentence(reason) : "";
  setText(byId("headline"), headline);
  setText(byId("why"), [why, next].filter((text) => text !== "").join(" "));
}

/** Shows that the viewer paused, while the picture stays visible. */
export function showPaused() {
  byId("badge").dataset.state = "off";
  setText(byId("badge"), TEXTS.paused.badge);
}

/**
 * Shows an error at the password field, or removes it.
 *
 * @param {string} text
 */
export function showPasswordError(text) {
  byId("password").setAttribute("aria-invalid", String(text !== ""));
  setText(byId("password-error"), text);
  byId("password-error").hidden = text === "";
}
