/** @import { Api, ManagedChannel, WatcherInfo } from "./api.js" */
/** @import { LinkInfo } from "./link_list.js" */

import { byId, setText } from "../ui/dom.js";
import { sentence } from "../ui/format.js";
import { apiPathOf } from "./api.js";
import { nameOf } from "./channel_row.js";
import { confirmed } from "./confirm.js";
import { LinkList } from "./link_list.js";
import { WatchLink } from "./watch_link.js";
import { watcherText } from "./watcher_row.js";

/** Milliseconds for which the page says what was done. */
const MESSAGE_MS = 10_000;

/** What a user does to a channel; the page says what came of it. */
export class Actions {
  #api;
  #link = new WatchLink();
  #links;
  #timer = 0;

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
    this.#links = new LinkList(api, (link) => this.#revoke(link));
    byId("links").ontoggle = () => this.#links.refresh();
  }

  /** Forgets what was offered. */
  clear() {
    this.#links.clear();
  }

  /**
   * Offers what can be done with a channel.
   *
   * @param {ManagedChannel} channel
   */
  show(channel) {
    this.#link.show(channel);
    this.#links.show(channel);
  }

  /**
   * @param {ManagedChannel} channel
   * @param {WatcherInfo} watcher
   */
  async kick(channel, watcher) {
    const who = watcherText(watcher);
    const isSure = await confirmed({
      title: `Disconnect ${who}?`,
      text: "It is told not to come back by itself. To keep it out, " +
        "change the channel password.",
      verb: "Disconnect",
    });
    if (!isSure) return;
    await this.#act(async () => {
      const path = `${apiPathOf(channel)}/kick?watcher=${watcher.id}`;
      const { kicked } = await this.#api.ask(path, "POST");
      return kicked ? `${who} is disconnected` : `${who} had already left`;
    });
  }

  /** @param {ManagedChannel} channel */
  async end(channel) {
    const name = nameOf(channel);
    const { watchers } = channel;
    const audience = watchers === 1
      ? "1 watcher is"
      : `${watchers} watchers are`;
    const effect = watchers === 0
      ? "Nobody watches."
      : `${audience} sent what is left.`;
    const isSure = await confirmed({
      title: `End ${name}?`,
      text: `${effect} The broadcaster is disconnected, and may start again.`,
      verb: "End broadcast",
    });
    if (!isSure) return;
    await this.#act(async () => {
      await this.#api.ask(`${apiPathOf(channel)}/end`, "POST");
      return `ended ${name}`;
    });
  }

  /** @param {ManagedChannel} channel */
  async makeLink(channel) {
    await this.#act(() => this.#link.make(this.#api, channel));
    this.#links.refresh();
  }

  /** @param {LinkInfo} link */
  async #revoke({ id }) {
    const isSure = await confirmed({
      title: "Revoke this link?",
      text: "It lets nobody else in. Those who watch already stay until they " +
        "are disconnected.",
      verb: "Revoke",
    });
    if (!isSure) return;
    await this.#act(async () => {
      await this.#api.ask(`/api/links/${id}/revoke`, "POST");
      return "the link is revoked";
    });
    this.#links.refresh();
  }

  /** @param {() => Promise<string>} act Returns what was done. */
  async #act(act) {
    try {
      this.#say(await act(), "");
    } catch (error) {
      this.#say(/** @type {Error} */ (error).message, "error");
    }
  }

  /**
   * @param {string} text
   * @param {"" | "error"} kind
   */
  #say(text, kind) {
    clearTimeout(this.#timer);
    byId("message").dataset.kind = kind;
    setText(byId("message"), sentence(text));
    this.#timer = setTimeout(() => setText(byId("message"), ""), MESSAGE_MS);
  }
}
