/**
 * One channel in the list.
 *
 * @module
 */

import { DEFAULT_CHANNEL, pathOf } from "./channel_path.js";
import { make, setText } from "./dom.js";
import { bitrateText, countText, durationText, mediaText } from "./format.js";

/** A card that stays the same element while its channel is on the air, so that focus stays too. */
export class ChannelCard {
  /** The list item. */
  element;
  #badge = make("span", { class: "badge" });
  #watchers = make("strong");
  #bitrate = make("span");
  #time = make("span");
  #media = make("span");
  #size = make("span");

  /** @param {import("./poll.js").ChannelInfo} channel What it shows for ever: whose, and its name. */
  constructor({ user, channel }) {
    const link = make("a", {
      text: channel === DEFAULT_CHANNEL ? user : channel,
    });
    link.href = pathOf(user, channel);
    const name = make("h2", { class: "card-name" }, [link]);
    const owner = make("p", {
      class: "dim small",
      text: channel === DEFAULT_CHANNEL ? "default channel" : `by ${user}`,
    });
    this.element = make("li", { class: "card" }, [
      make("div", { class: "card-head" }, [this.#badge, this.#watchers]),
      make("div", {}, [name, owner]),
      make("div", {}, [
        make("p", { class: "facts" }, [this.#time, this.#bitrate]),
        make("p", { class: "facts" }, [this.#media, this.#size]),
      ]),
    ]);
    this.#watchers.className = "small";
  }

  /**
   * Shows how the channel stands.
   *
   * @param {import("./poll.js").ChannelInfo} channel What the server tells.
   */
  update(channel) {
    const open = !channel.protected;
    this.#badge.dataset.state = open ? channel.state : "locked";
    setText(this.#badge, badgeText(channel));
    setText(
      this.#watchers,
      open ? countText(channel.watchers, "watching", "watching") : "",
    );
    setText(this.#bitrate, open ? bitrateText(channel.bitrate) : "");
    setText(
      this.#time,
      open ? `on air for ${airTime(channel.since)}` : "Asks for a password",
    );
    setText(
      this.#media,
      channel.container ? mediaText(channel.container, channel.codecs) : "",
    );
    setText(
      this.#size,
      channel.width ? `${channel.width} × ${channel.height}` : "",
    );
  }
}

/**
 * The badge's word.
 *
 * @param {import("./poll.js").ChannelInfo} channel The channel.
 * @returns {string} One or two words.
 */
function badgeText({ protected: locked, state }) {
  if (locked) return "Protected";
  return state === "live" ? "Live" : "Held";
}

/**
 * How long a channel has been on the air.
 *
 * @param {string} since When it began (ISO 8601).
 * @returns {string} A length of time.
 */
export function airTime(since) {
  return durationText((Date.now() - Date.parse(since)) / 1000);
}
