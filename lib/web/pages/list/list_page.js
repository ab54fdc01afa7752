/**
 * The page that lists the channels.
 *
 * @module
 */

/** @import { ChannelInfo, NoList, Snapshot } from "../ui/poll_channels.js" */

import { bindCopy } from "../ui/copy.js";
import { byId, setText } from "../ui/dom.js";
import { pollChannels } from "../ui/poll_channels.js";
import { startLine } from "../ui/shell_lines.js";
import { ChannelCard } from "./channel_card.js";

/** Cards shown at most: more would make the page slow, and a known channel can be opened by its address. */
const MAX_CARDS = 500;

/** @type {Map<string, ChannelCard>} Cards by user and channel. */
const cards = new Map();

/** @param {Snapshot} snapshot */
function show({ server, channels }) {
  byId("no-list").hidden = true;
  setText(byId("version"), `fstream ${server.version}`);
  setText(byId("summary"), summary(channels));
  byId("empty").hidden = channels.length > 0;
  showCards(channels.slice(0, MAX_CARDS));
}

/** What is shown instead of a list. */
const NO_LIST_TEXTS = {
  private: "This server's list of channels is private. " +
    "Open a channel by its address, /USER or /USER/CHANNEL.",
  unreachable: "The server cannot be reached. Trying again.",
};

/**
 * Shows why nothing is known about the channels; cards stay as links.
 *
 * @param {NoList} why
 */
function showNoList(why) {
  setText(byId("no-list"), NO_LIST_TEXTS[why]);
  byId("no-list").hidden = false;
  byId("empty").hidden = true;
  setText(byId("summary"), "");
  for (const card of cards.values()) card.showUnknown();
}

/** @param {ChannelInfo[]} channels */
function summary(channels) {
  if (channels.length === 0) return "";
  const watchers = channels.reduce(
    (sum, channel) => sum + (channel.watchers ?? 0),
    0,
  );
  const shown = channels.length > MAX_CARDS
    ? `, the first ${MAX_CARDS} shown`
    : "";
  const noun = channels.length === 1 ? "channel" : "channels";
  return `${channels.length} ${noun}, ${watchers} watching${shown}`;
}

/** @param {ChannelInfo[]} channels */
function showCards(channels) {
  const listed = new Set();
  for (const channel of channels) {
    // Names contain no control characters, so a line feed separates them without ambiguity.
    const key = `${channel.user}\n${channel.channel}`;
    listed.add(key);
    (cards.get(key) ?? addCard(key, channel)).update(channel);
  }
  for (const [key, card] of cards) {
    if (listed.has(key)) continue;
    card.element.remove();
    cards.delete(key);
  }
}

/**
 * @param {string} key
 * @param {ChannelInfo} channel
 */
function addCard(key, channel) {
  const card = new ChannelCard(channel);
  cards.set(key, card);
  byId("channels").append(card.element);
  return card;
}

setText(byId("start-line"), startLine(location));
bindCopy(byId("start-copy"), () => startLine(location));
pollChannels(show, showNoList);
