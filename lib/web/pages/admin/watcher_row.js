/** @import { WatcherInfo } from "./api.js" */

import { make, setText } from "../ui/dom.js";
import { bitrateText, bytesText, lagText, sinceText } from "../ui/format.js";

/** Seconds behind live from which a watcher stands out. */
const LATE_S = 5;

/** Cells by what they show; those that are `wide` have no place on a tablet, `middle` ones none on a phone. */
const CELLS = /** @type {const} */ ({
  protocol: "wide",
  lag: "number",
  behind: "number wide",
  rate: "number middle",
  lost: "number wide",
  skips: "number wide",
  sent: "number wide",
  time: "number wide",
});

/**
 * Names a watcher in a sentence.
 *
 * @param {WatcherInfo} watcher
 */
export function watcherText({ id, address }) {
  return address ? `watcher ${id} at ${address}` : `watcher ${id}`;
}

/** One watcher in the table. */
export class WatcherRow {
  #more = make("span", { class: "more" });
  #cells;
  #watcher;
  /** The table's row. */
  element;

  /**
   * @param {WatcherInfo} watcher
   * @param {(watcher: WatcherInfo) => void} onKick
   */
  constructor(watcher, onKick) {
    this.#watcher = watcher;
    const names = /** @type {(keyof typeof CELLS)[]} */ (Object.keys(CELLS));
    this.#cells = new Map(
      names.map((name) => [name, make("td", { class: CELLS[name] })]),
    );
    const { id, address } = watcher;
    const head = make("th", {}, [
      make("span", { class: "address", text: address ?? `number ${id}` }),
      this.#more,
    ]);
    head.scope = "row";
    const kick = make("button", { class: "small", text: "Disconnect" });
    kick.type = "button";
    kick.setAttribute("aria-label", `Disconnect ${watcherText(watcher)}`);
    kick.addEventListener("click", () => onKick(this.#watcher));
    const cells = [head, ...this.#cells.values(), make("td", {}, [kick])];
    this.element = make("tr", {}, cells);
  }

  /** @param {WatcherInfo} watcher */
  update(watcher) {
    this.#watcher = watcher;
    const { protocol, lag, lag_bytes: behind, lost, skips } = watcher;
    const time = sinceText(watcher.since);
    const rate = bitrateText(watcher.bitrate);
    this.#set("protocol", protocol ?? "–");
    this.#set("lag", lag === null ? "–" : lagText(lag));
    this.#set("behind", behind === null ? "–" : bytesText(behind));
    this.#cells.get("lag")?.classList.toggle("late", (lag ?? 0) >= LATE_S);
    this.#set("rate", rate);
    this.#set("lost", bytesText(lost));
    this.#set("skips", String(skips));
    this.#set("sent", bytesText(watcher.sent));
    this.#set("time", time);
    const losses = skips > 0 ? `, lost ${bytesText(lost)}` : "";
    setText(this.#more, `${protocol ?? ""} for ${time}, ${rate}${losses}`);
  }

  /**
   * @param {keyof typeof CELLS} name
   * @param {string} text
   */
  #set(name, text) {
    const cell = this.#cells.get(name);
    if (cell) setText(cell, text);
  }
}
