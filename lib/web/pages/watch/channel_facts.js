/** @import { LiveEdge } from "../players/live_edge.js" */
/** @import { Player, StreamInfo } from "../players/choose_player.js" */
/** @import { ChannelName } from "../ui/channel_path.js" */
/** @import { ChannelInfo } from "../ui/poll_channels.js" */

import { DEFAULT_CHANNEL } from "../ui/channel_path.js";
import { copyRow } from "../ui/copy.js";
import { byId, make, setTerms, setText } from "../ui/dom.js";
import { bitrateText, liveText, mediaText } from "../ui/format.js";
import { watchLines } from "../ui/shell_lines.js";

/** @typedef {readonly (readonly [string, string])[]} Rows */

/** The facts about a channel: heading, line of facts, details and commands to copy. */
export class ChannelFacts {
  #name;
  /** @type {ChannelInfo | undefined} */
  #info;
  #linesFor = "";
  #watchers = make("span");
  #time = make("span");
  #media = make("span");

  /** @param {ChannelName} name */
  constructor(name) {
    this.#name = name;
    const { user, channel } = name;
    const isDefault = channel === DEFAULT_CHANNEL;
    setText(byId("channel"), isDefault ? user : channel);
    setText(byId("user"), isDefault ? "default channel" : `by ${user}`);
    document.title = `${isDefault ? user : `${channel} by ${user}`} – fstream`;
    byId("facts").append(this.#watchers, this.#time, this.#media);
    this.#showLines();
  }

  /** Start of the newest known broadcast (ISO 8601). */
  get since() {
    return this.#info?.since;
  }

  /**
   * Shows what the server reports.
   *
   * @param {ChannelInfo} info
   */
  show(info) {
    this.#info = info;
    setText(this.#time, info.since ? liveText(info.since) : "");
    if (info.watchers !== undefined) this.showWatchers(info.watchers);
    this.#showLines();
  }

  /** Removes the facts that hold only while the channel is live and the server answers. */
  showNothingLive() {
    setText(this.#time, "");
    setText(this.#watchers, "");
  }

  /** @param {number} watchers */
  showWatchers(watchers) {
    setText(this.#watchers, `${watchers} watching`);
  }

  /**
   * Shows how the stream is played.
   *
   * @param {HTMLVideoElement} video
   * @param {StreamInfo} [stream] `undefined` while nothing is played.
   * @param {Player} [player]
   * @param {LiveEdge} [edge] `undefined` for a player without one.
   */
  showPlayer(video, stream, player, edge) {
    byId("stream").hidden = !stream;
    setText(this.#media, stream ? this.#mediaText(stream) : "");
    const rows = [
      ...(stream ? this.#streamRows(stream) : []),
      ...(player ? playerRows(video, player, edge) : []),
    ];
    setTerms(byId("details"), rows.filter(([, value]) => value !== ""));
  }

  /**
   * The beginning of a stream may not tell its codecs; a moment later the server knows them.
   *
   * @param {StreamInfo} stream
   */
  #mediaText({ container, codecs }) {
    const known = codecs.length > 0 ? codecs : this.#info?.codecs ?? [];
    return mediaText(container, known);
  }

  /**
   * @param {StreamInfo} stream
   * @returns {Rows}
   */
  #streamRows(stream) {
    const { bitrate, keyframe_interval: interval } = this.#info ?? {};
    const { width, height, video } = stream;
    return [
      ["Format", this.#mediaText(stream)],
      ["Resolution", width ? `${width} × ${height}` : ""],
      ["Bit rate", bitrate ? bitrateText(bitrate) : ""],
      ["Keyframes", video && interval ? `every ${interval.toFixed(1)} s` : ""],
    ];
  }

  #showLines() {
    const container = this.#info?.container ?? "";
    const locked = this.#info?.protected ?? false;
    const key = `${container} ${locked}`;
    if (key === this.#linesFor) return;
    this.#linesFor = key;
    const lines = watchLines({ ...this.#name, container, locked }, location);
    byId("elsewhere").replaceChildren(
      ...lines.map(({ label, line }) => copyRow(label, line)),
    );
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {Player} player
 * @param {LiveEdge} [edge]
 * @returns {Rows}
 */
function playerRows(video, { name, isNative }, edge) {
  const { droppedVideoFrames: dropped, totalVideoFrames: total } = video
    .getVideoPlaybackQuality();
  const hasClock = edge && !video.hidden;
  const seconds = (/** @type {number} */ value) =>
    `${Math.max(0, value).toFixed(1)} s`;
  return [
    ["Behind live", hasClock ? seconds(edge.behind) : ""],
    ["Buffer", hasClock ? seconds(edge.buffered) : ""],
    ["Dropped frames", total > 0 ? `${dropped} of ${total}` : ""],
    ["Player", name],
    ["Transport", isNative ? "HTTP" : "WebSocket"],
  ];
}
