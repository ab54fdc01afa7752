/** @import { ChannelInfo } from "../ui/poll_channels.js" */

import { DEFAULT_CHANNEL, pathOf } from "../ui/channel_path.js";
import { make, setText } from "../ui/dom.js";
import { bitrateText, liveText, mediaText } from "../ui/format.js";
import { isLater } from "../ui/poll_channels.js";
import { hasPicture } from "./first_picture.js";
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
  #picture = make("img");
  #placeholder = new MediaIcon("placeholder");
  #frame = make("div", { class: "card-picture" });
  #hasPicture = false;
  /** @type {string | undefined} */
  #since;
  /** The list item. */
  element;
  /** The channel's path. */
  path;

  /** @param {ChannelInfo} info Its name never changes. */
  constructor({ user, channel }) {
    const isDefault = channel === DEFAULT_CHANNEL;
    const link = make("a", { text: isDefault ? user : channel });
    this.path = link.href = pathOf({ user, channel });
    const owner = isDefault ? "default channel" : `by ${user}`;
    this.#picture.alt = ""; // It tells nothing that could be said in advance.
    this.#picture.hidden = true;
    this.#frame.append(this.#placeholder.element, this.#picture);
    this.element = make("li", { class: "card" }, [
      this.#frame,
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
    const kind = info.video ? "video" : "audio";
    this.#icon.show(isMedia ? kind : undefined);
    this.#placeholder.show(
      info.protected ? "locked" : isMedia ? kind : undefined,
    );
    this.#frame.dataset.kind = isMedia ? kind : "";
    this.#frame.dataset.state = info.state ?? "";
    setText(this.#media, container ? mediaText(container, codecs ?? []) : "");
    setText(this.#resolution, width ? `${width} × ${height}` : "");
    this.#hasPicture = info.state === "live" && hasPicture(info);
    if (!this.#since || isLater(since, this.#since)) this.#since = since;
  }

  /** The start of the broadcast of which a picture can be taken; `undefined` for none. */
  get pictured() {
    return this.#hasPicture ? this.#since : undefined;
  }

  /** @param {string} url A `data:` address. */
  showPicture(url) {
    this.#picture.src = url;
    this.#picture.hidden = false;
  }

  /** Shows that nothing is known any more, because the server is unreachable. */
  showUnknown() {
    this.#badge.dataset.state = this.#frame.dataset.state = "unknown";
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
