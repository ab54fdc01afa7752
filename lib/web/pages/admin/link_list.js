/** @import { Api } from "./api.js" */
/** @import { ChannelName } from "../ui/channel_path.js" */

import { keyOf } from "../ui/channel_search.js";
import { byId, make, setText } from "../ui/dom.js";
import { durationText, sinceText } from "../ui/format.js";
import { KeyedList } from "../ui/keyed_list.js";

/**
 * @typedef {object} LinkInfo A watch link as the server lists it.
 * @property {string} id
 * @property {string} user
 * @property {string} channel
 * @property {string} expires ISO 8601.
 * @property {number} uses
 * @property {string | null} last_used ISO 8601.
 */

/** One link, and the button that voids it. */
class LinkRow {
  #text = make("span", { class: "small" });
  /** The list item. */
  element;

  /**
   * @param {LinkInfo} link
   * @param {(link: LinkInfo) => void} onRevoke
   */
  constructor(link, onRevoke) {
    const button = make("button", { class: "small", text: "Revoke" });
    button.type = "button";
    button.addEventListener("click", () => onRevoke(link));
    this.element = make("li", { class: "line" }, [this.#text, button]);
  }

  /** @param {LinkInfo} link */
  update({ expires, uses, last_used: last }) {
    const left = (Date.parse(expires) - Date.now()) / 1000;
    const times = uses === 1 ? "once" : `${uses} times`;
    const use = last === null
      ? "never used"
      : `used ${times}, ${sinceText(last)} ago`;
    setText(this.#text, `Valid for ${durationText(left)}, ${use}`);
  }
}

/** The watch links of the chosen channel. */
export class LinkList {
  #api;
  #rows;
  #for = "";

  /**
   * @param {Api} api
   * @param {(link: LinkInfo) => void} onRevoke
   */
  constructor(api, onRevoke) {
    this.#api = api;
    this.#rows = new KeyedList(
      byId("links-list"),
      (/** @type {LinkInfo} */ { id }) => id,
      (link) => new LinkRow(link, onRevoke),
    );
  }

  /**
   * Shows the links of a channel; asks for them when it is another one than before.
   *
   * @param {ChannelName} channel
   */
  show(channel) {
    if (keyOf(channel) === this.#for) return;
    this.#for = keyOf(channel);
    this.#fill([]);
    this.refresh();
  }

  /** Asks for the links again. */
  async refresh() {
    try {
      const { links } = await this.#api.ask("/api/links");
      this.#fill(links);
    } catch {
      // Without a server there is nothing to show; the feed tells.
    }
  }

  /** Shows nothing. */
  clear() {
    this.#fill([]);
  }

  /** @param {LinkInfo[]} links */
  #fill(links) {
    const own = links.filter((link) => keyOf(link) === this.#for);
    this.#rows.show(own);
    byId("links").hidden = own.length === 0;
    setText(byId("links-title"), `Watch links: ${own.length}`);
  }
}
