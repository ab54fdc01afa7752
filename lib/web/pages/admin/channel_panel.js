/** @import { ChannelDetail, ManagedChannel, WatcherInfo } from "./api.js" */
/** @import { ChannelName } from "../ui/channel_path.js" */
/** @import { Sample } from "./history.js" */

import { pathOf } from "../ui/channel_path.js";
import { byId, make, setText } from "../ui/dom.js";
import { bitrateText, lagText, liveText, mediaText } from "../ui/format.js";
import { KeyedList } from "../ui/keyed_list.js";
import { nameOf } from "./channel_row.js";
import { SPAN_S } from "./history.js";
import { Plot } from "./plot.js";
import { WatcherRow } from "./watcher_row.js";

/** Watchers that are shown: the first of the chosen order. */
export const MAX_WATCHERS = 100;

/** Seconds for which a figure is the current one: they come each second. */
const CURRENT_S = 5;

const SPAN = `${SPAN_S / 60} min`;

/** The plots of the chosen channel. */
const PLOTS = {
  rate: new Plot({
    ...{ title: "Rate", names: ["rate"], span: SPAN, format: bitrateText },
  }),
  lag: new Plot({
    title: "Lag",
    names: ["max", "p99", "median"],
    span: SPAN,
    format: lagText,
  }),
  watchers: new Plot({
    title: "Watchers",
    names: ["watchers"],
    span: SPAN,
    format: String,
  }),
};

/** The chosen channel: figures, plots, advice and watchers. */
export class ChannelPanel {
  #facts = [0, 1, 2, 3, 4].map(() => make("span"));
  #rows;
  #adviceFor = "";

  /** @param {(watcher: WatcherInfo) => void} onKick */
  constructor(onKick) {
    byId("plots").replaceChildren(
      ...Object.values(PLOTS).map(({ element }) => element),
    );
    byId("facts").replaceChildren(...this.#facts);
    this.#rows = new KeyedList(
      byId("watchers"),
      (/** @type {WatcherInfo} */ { id }) => id,
      (watcher) => new WatcherRow(watcher, onKick),
    );
  }

  /**
   * @param {ManagedChannel} channel
   * @param {readonly Sample[]} samples
   * @param {number} now Seconds.
   */
  show(channel, samples, now) {
    const { state, watchers, advice } = channel;
    this.#name(channel, state, state === "live" ? "Live" : "Waiting");
    factsOf(channel).forEach((text, index) => {
      const cell = this.#facts[index];
      if (cell) setText(cell, text);
    });
    this.#advise(advice.map(({ text }) => text));
    draw(samples, now);
    this.#showAudience(watchers);
  }

  /**
   * Shows that the channel is not live; its plots stay for as long as they tell something.
   *
   * @param {ChannelName} name
   * @param {readonly Sample[]} samples
   * @param {number} now Seconds.
   */
  showEnded(name, samples, now) {
    this.#name(name, "off", "Not live");
    for (const cell of this.#facts) setText(cell, "");
    this.#advise([]);
    draw(samples, now);
    this.#showAudience(0);
  }

  /**
   * Shows the watchers in their order; while somebody is about to press a button of the table, rows keep their places.
   *
   * @param {ChannelDetail} detail
   */
  showWatchers({ audience, watchers }) {
    const table = byId("watchers-table");
    const hovers = matchMedia("(hover: hover)").matches;
    const isUsed = (hovers && table.matches(":hover")) ||
      table.querySelector(":focus-visible") !== null;
    this.#rows.show(audience, isUsed);
    const more = watchers > audience.length
      ? `the first ${audience.length} of ${watchers}`
      : "";
    setText(byId("watchers-shown"), more);
  }

  /** Shows nothing, and forgets whom it was shown to. */
  clear() {
    byId("detail").hidden = true;
    byId("link-lines").replaceChildren();
    this.#advise([]);
    this.forgetWatchers();
  }

  /** Removes the watchers of a channel that is no longer chosen. */
  forgetWatchers() {
    this.#rows.show([]);
    setText(byId("watchers-shown"), "");
  }

  /**
   * @param {ChannelName} name
   * @param {string} state
   * @param {string} text
   */
  #name(name, state, text) {
    byId("detail").hidden = false;
    setText(byId("detail-name"), nameOf(name));
    byId("open", HTMLAnchorElement).href = pathOf(name);
    byId("badge").dataset.state = state;
    setText(byId("badge"), text);
    for (const id of ["make-link", "end"]) {
      byId(id, HTMLButtonElement).disabled = state === "off";
    }
  }

  /** @param {number} watchers */
  #showAudience(watchers) {
    byId("no-watchers").hidden = watchers > 0;
    byId("watchers-box").hidden = byId("sort-box").hidden = watchers === 0;
    if (watchers === 0) this.forgetWatchers();
  }

  /** @param {readonly string[]} texts */
  #advise(texts) {
    const all = texts.join("\n");
    if (all === this.#adviceFor) return;
    this.#adviceFor = all;
    byId("advice").replaceChildren(
      ...texts.map((text) => make("li", { class: "notice", text })),
    );
  }
}

/** @param {ManagedChannel} channel */
function factsOf(channel) {
  const { container, codecs, width, height, since } = channel;
  const interval = channel.keyframe_interval;
  const hidden = channel.listed ? "" : ", unlisted";
  return [
    (channel.protected ? "with a password" : "open") + hidden,
    liveText(since),
    container ? mediaText(container, codecs) : "format not known",
    width ? `${width} × ${height}` : "",
    interval ? `key frames each ${lagText(interval)}` : "",
  ];
}

/**
 * @param {readonly Sample[]} samples
 * @param {number} now Seconds.
 */
function draw(samples, now) {
  const frame = { from: now - SPAN_S, to: now };
  /** @param {(sample: Sample) => number | null} figure */
  const line = (figure) =>
    samples.map((sample) => /** @type {const} */ ([sample.at, figure(sample)]));
  const last = samples.at(-1);
  const newest = last && now - last.at < CURRENT_S ? last : undefined;
  const rate = newest ? bitrateText(newest.bitrate) : "";
  PLOTS.rate.show([line(({ bitrate }) => bitrate)], frame, rate);
  const lag = newest?.lag;
  PLOTS.lag.show(
    [
      line(({ lag }) => lag && lag.max),
      line(({ lag }) => lag && lag.p99),
      line(({ lag }) => lag && lag.median),
    ],
    frame,
    lag
      ? `median ${lagText(lag.median)}, p99 ${lagText(lag.p99)}, max ${
        lagText(lag.max)
      }`
      : newest
      ? "nobody watches"
      : "",
  );
  const count = newest ? String(newest.watchers) : "";
  PLOTS.watchers.show([line(({ watchers }) => watchers)], frame, count);
}
