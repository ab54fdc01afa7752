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

/** Channels from which on there is a search: fewer are seen at a glance. */
const SEARCH_FROM = 10;

/** @type {Map<string, ChannelCard>} Cards by user and channel. */
const cards = new Map();

/** @type {readonly ChannelInfo[]} What the server told last, by name. */
let known = [];

const search = byId("search", HTMLInputElement);

/** @param {Snapshot} snapshot */
function show({ server, channels }) {
  byId("no-list").hidden = true;
  setText(byId("version"), `fstream ${server.version}`);
  byId("empty").hidden = channels.length > 0;
  // By name: the server's order changes whenever a channel comes back.
  known = [...channels].sort(byName);
  search.hidden = known.length < SEARCH_FROM && search.value === "";
  showFound();
}

/** Shows the channels that match what is searched for. */
function showFound() {
  const words = search.value.toLowerCase().split(/\s+/);
  const found = known.filter((channel) => {
    const text = `${channel.user} ${channel.channel}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  setText(byId("summary"), summary(found));
  byId("none-found").hidden = found.length > 0 || known.length === 0;
  showCards(found.slice(0, MAX_CARDS));
}

/**
 * @param {ChannelInfo} a
 * @param {ChannelInfo} b
 */
function byName(a, b) {
  return compared(a.user, b.user) || compared(a.channel, b.channel);
}

/**
 * Compares as people count: `cam 9` comes before `cam 10`.
 *
 * @param {string} a
 * @param {string} b
 */
function compared(a, b) {
  return a.localeCompare(b, undefined, { numeric: true });
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
  byId("none-found").hidden = true;
  setText(byId("summary"), "");
  for (const card of cards.values()) card.showUnknown();
}

/** @param {readonly ChannelInfo[]} channels */
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
  const found = channels.length < known.length ? ` of ${known.length}` : "";
  return `${channels.length}${found} ${noun}, ${watchers} watching${shown}`;
}

/** @param {readonly ChannelInfo[]} channels */
function showCards(channels) {
  const list = byId("channels");
  const listed = new Set();
  let place = list.firstElementChild;
  for (const channel of channels) {
    // Names contain no control characters, so a line feed separates them without ambiguity.
    const key = `${channel.user}\n${channel.channel}`;
    listed.add(key);
    const card = cards.get(key) ?? addCard(key, channel);
    card.update(channel);
    // An element that stays in its place keeps the focus.
    if (card.element === place) place = place.nextElementSibling;
    else list.insertBefore(card.element, place);
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
  return card;
}

setText(byId("start-line"), startLine(location));
bindCopy(byId("start-copy"), () => startLine(location));
search.addEventListener("input", showFound);
pollChannels(show, showNoList);
