/**
 * The page that lists the channels.
 *
 * @module
 */

/** @import { ChannelInfo, NoList, Snapshot } from "../ui/poll_channels.js" */

import { keyOf, searched, sorted } from "../ui/channel_search.js";
import { bindCopy } from "../ui/copy.js";
import { byId, setText } from "../ui/dom.js";
import { KeyedList } from "../ui/keyed_list.js";
import { pollChannels } from "../ui/poll_channels.js";
import { startLine } from "../ui/shell_lines.js";
import { ChannelCard } from "./channel_card.js";
import { savesData, Thumbnails } from "./thumbnails.js";

/** Cards shown at most: more would make the page slow, and a known channel can be opened by its address. */
const MAX_CARDS = 500;

/** @type {KeyedList<ChannelInfo, ChannelCard>} */
const cards = new KeyedList(
  byId("channels"),
  keyOf,
  (/** @type {ChannelInfo} */ channel) => new ChannelCard(channel),
);

const thumbnails = savesData() ? undefined : new Thumbnails();

/** @type {readonly ChannelInfo[]} What the server told last, by name. */
let known = [];

const search = byId("search", HTMLInputElement);

/** @param {Snapshot} snapshot */
function show({ server, channels }) {
  byId("no-list").hidden = true;
  setText(byId("version"), `fstream ${server.version}`);
  byId("empty").hidden = channels.length > 0;
  known = sorted(channels);
  showFound();
}

/** Shows the channels that match what is searched for. */
function showFound() {
  const found = searched(known, search);
  setText(byId("summary"), summary(found));
  byId("none-found").hidden = found.length > 0 || known.length === 0;
  cards.show(found.slice(0, MAX_CARDS));
  thumbnails?.update(cards.rows);
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
  for (const card of cards.rows) card.showUnknown();
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

setText(byId("start-line"), startLine(location));
bindCopy(byId("start-copy"), () => startLine(location));
search.addEventListener("input", showFound);
pollChannels(show, showNoList);
