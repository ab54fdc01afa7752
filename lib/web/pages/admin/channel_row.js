/** @import { ManagedChannel } from "./api.js" */
/** @import { Sample } from "./history.js" */

import { make, setText } from "../ui/dom.js";
import { bitrateText, lagText, mediaText, sinceText } from "../ui/format.js";
import { Lines } from "./plot.js";

/** Seconds of rate that a row draws. */
const DRAWN_S = 60;

/**
 * A channel's name with its user's.
 *
 * @param {{user: string, channel: string}} name
 */
export function nameOf({ user, channel }) {
  return `${user}/${channel}`;
}

/** One channel in the table. */
export class ChannelRow {
  #button = make("button", { class: "name" });
  #badge = make("span", { class: "badge" });
  #format = make("td", { class: "wide" });
  #rate = make("td", { class: "number" });
  #watchers = make("td", { class: "number" });
  #lag = make("td", { class: "number" });
  #time = make("td", { class: "number wide" });
  #lines = new Lines("spark", ["rate"]);
  /** The table's row. */
  element;

  /**
   * @param {ManagedChannel} channel Its name never changes.
   * @param {() => void} onChoose
   */
  constructor(channel, onChoose) {
    this.#button.type = "button";
    this.#button.textContent = nameOf(channel);
    this.#lines.element.setAttribute("aria-hidden", "true");
    const name = make("th", {}, [this.#button]);
    name.scope = "row";
    const spark = make("td", { class: "wide" });
    spark.append(this.#lines.element);
    this.element = make("tr", {}, [
      ...[name, make("td", { class: "wide" }, [this.#badge]), this.#format],
      ...[this.#rate, this.#watchers, this.#lag, this.#time, spark],
    ]);
    // The whole row is the button's target.
    this.element.addEventListener("click", onChoose);
  }

  /** @param {ManagedChannel} channel */
  update({ state, container, codecs, bitrate, watchers, lag, since }) {
    this.#badge.dataset.state = state;
    setText(this.#badge, state === "live" ? "Live" : "Waiting");
    setText(this.#format, container ? mediaText(container, codecs) : "–");
    setText(this.#rate, bitrateText(bitrate));
    setText(this.#watchers, String(watchers));
    setText(this.#lag, lag ? lagText(lag.max) : "–");
    setText(this.#time, sinceText(since));
  }

  /**
   * Draws the rate of the last minute.
   *
   * @param {readonly Sample[]} samples
   * @param {number} now Seconds.
   */
  draw(samples, now) {
    const points = samples.map((
      { at, bitrate },
    ) => /** @type {const} */ ([at, bitrate]));
    this.#lines.show([points], { from: now - DRAWN_S, to: now });
  }

  /** @param {boolean} isChosen */
  set isChosen(isChosen) {
    this.#button.setAttribute("aria-current", String(isChosen));
  }
}
