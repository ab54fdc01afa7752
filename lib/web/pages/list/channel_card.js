/** @import { ChannelInfo } from "../ui/poll_channels.js" */

import { DEFAULT_CHANNEL, pathOf } from "../ui/channel_path.js";
import { make, setText } from "../ui/dom.js";
import { bitrateText, liveText, mediaText } from "../ui/format.js";
import { MediaIcon } from "./media_icon.js";

/** One channel in the list; the element stays the same as long as the channel exists, so focus stays too. */
export class ChannelCard {
  #badge = make("span", { class: "badge" });
  #watchers = make("span", { class: "small" });
  #bitrate = make("span");
  #time = make("span");
  #media = make("span");
  #icon = new MediaIcon();
  #resolution = make("span");
  /** The list item. */
  element;

  /** @param {ChannelInfo} info Its name never changes. */
  constructor({ user, channel }) {
    const isDefault = channel === DEFAULT_CHANNEL;
    const link = make("a", { text: isDefault ? user : channel });
    link.href = pathOf({ user, channel });
    const owner = isDefault ? "default channel" : `by ${user}`;
    this.element = make("li", { class: "card" }, [
      make("div", { class: "card-head" }, [this.#badge, this.#watchers]),
      make("div", {}, [
        make("h2", { class: "card-name" }, [link]),
        make("p", { class: "dim small", text: owner }),
      ]),
      make("div", {}, [
        make("p", { class: "facts" }, [this.#time, this.#bitrate]),
        make("p", { class: "facts" }, [
          this.#icon.element,
          this.#media,
          this.#resolution,
        ]),
      ]),
    ]);
  }

  /** @param {ChannelInfo} info */
  update(info) {
    const { container, codecs, width, height, bitrate, since, watchers } = info;
    this.#badge.dataset.state = info.protected ? "locked" : info.state ?? "";
    setText(this.#badge, badgeText(info));
    setText(
      this.#watchers,
      watchers === undefined ? "" : `${watchers} watching`,
    );
    setText(this.#bitrate, bitrate === undefined ? "" : bitrateText(bitrate));
    setText(this.#time, since ? liveText(since) : "Needs a password");
    // Without a container nothing is known, and without codecs it may be anything.
    const isMedia = container && codecs && codecs.length > 0;
    this.#icon.show(isMedia ? info.video ? "video" : "audio" : undefined);
    setText(this.#media, container ? mediaText(container, codecs ?? []) : "");
    setText(this.#resolution, width ? `${width} × ${height}` : "");
  }

  /** Shows that nothing is known any more, because the server is unreachable. */
  showUnknown() {
    this.#badge.dataset.state = "unknown";
    setText(this.#badge, "No connection");
    for (const part of [this.#watchers, this.#bitrate, this.#time]) {
      setText(part, "");
    }
  }
}

/** @param {ChannelInfo} info */
function badgeText(info) {
  if (info.protected) return "Protected";
  return info.state === "live" ? "Live" : "Waiting";
}
