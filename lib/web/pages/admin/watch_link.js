/** @import { Api, ManagedChannel } from "./api.js" */

import { pathOf } from "../ui/channel_path.js";
import { copyRow, copyText } from "../ui/copy.js";
import { byId, setText } from "../ui/dom.js";
import { nameOf } from "./channel_row.js";

/** Makes and shows what lets somebody watch a channel. */
export class WatchLink {
  #for = "";

  /**
   * Shows what there is to copy of a channel: its address, or the button that makes a link.
   *
   * @param {ManagedChannel} channel
   */
  show(channel) {
    const { protected: isProtected } = channel;
    const path = pathOf(channel);
    byId("link-time").hidden = !isProtected;
    setText(
      byId("make-link"),
      isProtected ? "Copy watch link" : "Copy address",
    );
    // A link stays until another channel is chosen.
    if (this.#for !== path) byId("link-lines").replaceChildren();
    this.#for = path;
  }

  /**
   * Makes a link to a channel, shows it and copies it.
   *
   * @param {Api} api
   * @param {ManagedChannel} channel
   * @returns {Promise<string>} What was done.
   */
  async make(api, channel) {
    const url = location.origin + pathOf(channel);
    if (!channel.protected) {
      return await this.#copy(channel, [["Address", url]]);
    }
    const { user, channel: name } = channel;
    const expires = byId("link-expires", HTMLSelectElement).value;
    const query = new URLSearchParams({ user, channel: name, expires });
    const { token } = await api.ask(`/api/links?${query}`, "POST");
    return await this.#copy(channel, [
      [
        "Link for a browser, instead of the channel password",
        `${url}#link=${token}`,
      ],
      ["Token for players and fstream watch", token],
    ]);
  }

  /**
   * @param {ManagedChannel} channel
   * @param {[label: string, line: string][]} lines The first one is copied.
   */
  async #copy(channel, lines) {
    const rows = lines.map(([label, line]) => copyRow(label, line));
    // Another channel may have been chosen while the server was asked.
    const isShown = this.#for === pathOf(channel);
    if (isShown) byId("link-lines").replaceChildren(...rows);
    const [[label, line] = ["", ""]] = lines;
    const [word] = label.split(" ", 1);
    const what = isShown ? word : `${word} to ${nameOf(channel)}`;
    // Some browsers forget the press of a button while the server is asked.
    if (await copyText(line)) return `${what} copied`;
    return isShown ? `${what} made: copy it below` : `${what} made, not copied`;
  }
}
