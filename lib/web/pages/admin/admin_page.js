/**
 * The page on which a user sees and steers channels.
 *
 * @module
 */

/** @import { ManagedChannel } from "./api.js" */
/** @import { ChannelName } from "../ui/channel_path.js" */
/** @import { Credentials } from "./sign_in.js" */

import { pathOf, readPath } from "../ui/channel_path.js";
import { keyOf, searched, sorted } from "../ui/channel_search.js";
import { byId, setText } from "../ui/dom.js";
import { bitrateText, sentence } from "../ui/format.js";
import { KeyedList } from "../ui/keyed_list.js";
import { Actions } from "./actions.js";
import { Api, ApiError, apiPathOf } from "./api.js";
import { ChannelPanel, MAX_WATCHERS } from "./channel_panel.js";
import { ChannelRow } from "./channel_row.js";
import { History } from "./history.js";
import {
  bindSignIn,
  hideSignIn,
  savedSignIn,
  saveSignIn,
  showSignIn,
} from "./sign_in.js";
import { StatsFeed } from "./stats_feed.js";

/** Channels shown at most: more would make the page slow, and a search finds the others. */
const MAX_ROWS = 500;

/** Connects the feed of figures with the page. */
class AdminPage {
  #api;
  #feed;
  #history = new History();
  #actions;
  #panel = new ChannelPanel(async (watcher) => {
    const channel = this.#channel;
    if (channel) await this.#actions.kick(channel, watcher);
    this.#askWatchers();
  });
  #search = byId("search", HTMLInputElement);
  #sort = byId("sort", HTMLSelectElement);
  #stop = new AbortController();
  #rows = new KeyedList(
    byId("channels"),
    keyOf,
    (/** @type {ManagedChannel} */ channel) =>
      new ChannelRow(channel, () => this.#choose(channel)),
  );
  /** @type {readonly ManagedChannel[]} What the server told last, by name. */
  #known = [];
  /** @type {ChannelName | undefined} */
  #chosen = readPath(location.hash.slice(1));
  #isAsking = false;

  /** @param {Credentials} credentials */
  constructor(credentials) {
    this.#api = new Api(credentials);
    this.#actions = new Actions(this.#api);
    this.#feed = new StatsFeed(this.#api, {
      onOpen: () => this.#opened(credentials),
      onStats: (channels) => this.#update(channels),
      onLost: (reason) => this.#lost(reason),
      onRefused: (error) => this.#refused(error),
    });
  }

  /** Signs in. */
  open() {
    const { signal } = this.#stop;
    /** @type {[string, string, () => unknown][]} */
    const actions = [
      ["sign-out", "click", () => this.#signOut()],
      ["search", "input", () => this.#show()],
      ["sort", "change", () => this.#askWatchers()],
      ["end", "click", () => this.#channel && this.#actions.end(this.#channel)],
      [
        "make-link",
        "click",
        () => this.#channel && this.#actions.makeLink(this.#channel),
      ],
    ];
    for (const [id, event, act] of actions) {
      byId(id).addEventListener(event, act, { signal });
    }
    this.#feed.open();
  }

  /** @param {Error} error */
  #refused(error) {
    const isDenied = error instanceof ApiError && error.status === 401;
    // A server that is busy may accept a saved password when the page is loaded again.
    this.#leave(refusalText(error));
    if (isDenied) saveSignIn();
  }

  #signOut() {
    this.#leave("");
    saveSignIn();
  }

  /** @param {string} problem Why the user must sign in again; empty for none. */
  #leave(problem) {
    this.#feed.close();
    this.#stop.abort();
    this.#rows.show([]);
    this.#panel.clear();
    this.#actions.clear();
    showSignIn(problem);
  }

  /** @param {Credentials} credentials */
  #opened(credentials) {
    saveSignIn(credentials);
    setText(byId("who"), credentials.user);
    byId("lost").hidden = true;
    hideSignIn();
  }

  /** @param {string} reason */
  #lost(reason) {
    byId("lost").hidden = false;
    const why = /fetch|network/i.test(reason)
      ? "the server cannot be reached"
      : reason;
    setText(byId("lost"), `${sentence(why)} Trying again.`);
  }

  /** @param {ManagedChannel[]} channels The figures of this second. */
  #update(channels) {
    this.#known = sorted(channels);
    this.#history.add(channels, seconds());
    this.#chosen ??= this.#known[0];
    if (document.hidden) return;
    this.#show();
    this.#askWatchers();
  }

  #show() {
    const now = seconds();
    const found = searched(this.#known, this.#search);
    setText(byId("summary"), summary(found, this.#known.length));
    byId("no-channels").hidden = this.#known.length > 0;
    byId("none-found").hidden = found.length > 0 || this.#known.length === 0;
    byId("channels-box").hidden = found.length === 0;
    const shown = found.slice(0, MAX_ROWS);
    this.#rows.show(shown);
    this.#rows.rows.forEach((row, index) => {
      const channel = shown[index];
      if (!channel) return;
      row.draw(this.#history.of(channel), now);
      row.isChosen = this.#isChosen(channel);
    });
    this.#showChosen(now);
  }

  /** @param {number} now Seconds. */
  #showChosen(now) {
    if (!this.#chosen) return;
    const samples = this.#history.of(this.#chosen);
    const channel = this.#channel;
    if (!channel) return this.#panel.showEnded(this.#chosen, samples, now);
    this.#panel.show(channel, samples, now);
    this.#actions.show(channel);
  }

  /** The chosen channel, while it is live. */
  get #channel() {
    return this.#known.find((channel) => this.#isChosen(channel));
  }

  /** @param {ChannelName} channel */
  #isChosen(channel) {
    return this.#chosen !== undefined && keyOf(channel) === keyOf(this.#chosen);
  }

  /** @param {ChannelName} channel */
  #choose({ user, channel }) {
    this.#chosen = { user, channel };
    history.replaceState(null, "", `#${pathOf(this.#chosen)}`);
    this.#panel.forgetWatchers();
    this.#show();
    this.#askWatchers();
    const detail = byId("detail");
    const isBelow = detail.getBoundingClientRect().top > innerHeight / 2;
    if (isBelow) detail.scrollIntoView();
  }

  /** Asks for the watchers of the chosen channel, if the last answer has arrived. */
  async #askWatchers() {
    const channel = this.#channel;
    const { signal } = this.#stop;
    if (!channel || this.#isAsking || signal.aborted) return;
    this.#isAsking = true;
    try {
      const query = `?sort=${this.#sort.value}&limit=${MAX_WATCHERS}`;
      const detail = await this.#api.ask(apiPathOf(channel) + query);
      // Nothing is left for the next user who signs in.
      const isWanted = this.#isChosen(detail) && !signal.aborted;
      if (isWanted) this.#panel.showWatchers(detail);
    } catch {
      // The channel has just ended, or the server is gone; the feed tells.
    } finally {
      this.#isAsking = false;
    }
  }
}

/** Seconds on a clock that never goes back. */
function seconds() {
  return performance.now() / 1000;
}

/** @param {Error} error */
function refusalText(error) {
  if (!(error instanceof ApiError)) return "The server cannot be reached.";
  if (error.status === 401) return "Wrong user name or password.";
  return `Not accepted: ${error.message}.`;
}

/**
 * @param {readonly ManagedChannel[]} found
 * @param {number} all How many there are without the search.
 */
function summary(found, all) {
  /** @param {(channel: ManagedChannel) => number} figure */
  const sum = (figure) =>
    found.reduce((total, channel) => total + figure(channel), 0);
  const noun = found.length === 1 ? "channel" : "channels";
  const of = found.length < all ? ` of ${all}` : "";
  const rate = bitrateText(sum(({ bitrate }) => bitrate));
  const watching = sum(({ watchers }) => watchers);
  return `${found.length}${of} ${noun}, ${watching} watching, ${rate} in`;
}

/** @param {Credentials} credentials */
function signIn(credentials) {
  new AdminPage(credentials).open();
}

bindSignIn(signIn);
const saved = savedSignIn();
if (saved) signIn(saved);
else showSignIn("");
