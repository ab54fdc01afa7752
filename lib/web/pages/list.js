/**
 * The page that lists what is on the air.
 *
 * @module
 */

import { ChannelCard } from "./channel_card.js";
import { bindCopy } from "./copy.js";
import { byId, setText } from "./dom.js";
import { countText } from "./format.js";
import { pollChannels } from "./poll.js";
import { serverAddress, startLine } from "./shell_lines.js";

/** Cards shown at most: more would only slow the page, and who knows the name needs no card. */
const MAX_CARDS = 500;

/** @type {Map<string, ChannelCard>} The cards by user and channel. */
const cards = new Map();

/**
 * Shows an answer of the server.
 *
 * @param {import("./poll.js").Snapshot} snapshot What is on the air.
 */
function show({ server, channels }) {
  byId("trouble").hidden = true;
  setText(byId("version"), `fstream ${server.version}`);
  setText(byId("summary"), summary(channels));
  setText(
    byId("start-line"),
    startLine(serverAddress(location.hostname, server.tcp_port)),
  );
  byId("empty").hidden = channels.length > 0;
  showCards(channels.slice(0, MAX_CARDS));
}

/**
 * The line beside the title.
 *
 * @param {import("./poll.js").ChannelInfo[]} channels What is on the air.
 * @returns {string} For example `3 on air, 12 watching`.
 */
function summary(channels) {
  if (channels.length === 0) return "";
  const watchers = channels.reduce(
    (sum, channel) => sum + (channel.watchers ?? 0),
    0,
  );
  const more = channels.length > MAX_CARDS
    ? `, the first ${MAX_CARDS} shown`
    : "";
  return `${channels.length} on air, ${
    countText(watchers, "watching", "watching")
  }${more}`;
}

/**
 * Brings the cards up to date: the same channel keeps its card.
 *
 * @param {import("./poll.js").ChannelInfo[]} channels What is on the air.
 */
function showCards(channels) {
  const list = byId("channels");
  const seen = new Set();
  for (const channel of channels) {
    // A control character is no part of a name, so it can stand between the two.
    const key = `${channel.user}\n${channel.channel}`;
    seen.add(key);
    cards.get(key) ?? addCard(list, key, channel);
    cards.get(key).update(channel);
  }
  for (const [key, card] of cards) {
    if (seen.has(key)) continue;
    card.element.remove();
    cards.delete(key);
  }
}

/**
 * Adds a card.
 *
 * @param {HTMLElement} list Where to.
 * @param {string} key Its key.
 * @param {import("./poll.js").ChannelInfo} channel Its channel.
 */
function addCard(list, key, channel) {
  const card = new ChannelCard(channel);
  cards.set(key, card);
  list.append(card.element);
}

/** Says that the server is out of reach; what was shown stays. */
function showTrouble() {
  setText(byId("trouble"), "The server cannot be reached. Trying again.");
  byId("trouble").hidden = false;
}

bindCopy(byId("start-copy"), () => byId("start-line").textContent ?? "");
pollChannels(show, showTrouble);
