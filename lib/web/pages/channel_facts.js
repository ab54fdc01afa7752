/**
 * What the page tells of its channel in words and numbers.
 *
 * @module
 */

import { airTime } from "./channel_card.js";
import { DEFAULT_CHANNEL } from "./channel_path.js";
import { copyRow } from "./copy.js";
import { byId, make, setTerms, setText } from "./dom.js";
import { bitrateText, countText, mediaText } from "./format.js";
import { serverAddress, watchLines } from "./shell_lines.js";

/** The heading, the line of facts, the details and the lines to copy. */
export class ChannelFacts {
  #name;
  #info;
  #linesFor = "";
  #watchers = make("span");
  #time = make("span");
  #media = make("span");

  /** @param {{user: string, channel: string}} name Whose channel, and its name. */
  constructor(name) {
    this.#name = name;
    const isDefault = name.channel === DEFAULT_CHANNEL;
    setText(byId("channel"), isDefault ? name.user : name.channel);
    setText(byId("user"), isDefault ? "default channel" : `by ${name.user}`);
    document.title = `${
      isDefault ? name.user : `${name.channel}, ${name.user}`
    }: fstream`;
    byId("facts").append(this.#watchers, this.#time, this.#media);
  }

  /** When the newest broadcast began (ISO 8601), where known. */
  get since() {
    return this.#info?.since;
  }

  /**
   * Shows what the server tells.
   *
   * @param {{tcp_port: number}} server The server.
   * @param {import("./poll.js").ChannelInfo} [info] The channel, while it is on the air.
   */
  show(server, info) {
    this.#info = info ?? this.#info;
    setText(this.#time, info?.since ? `on air for ${airTime(info.since)}` : "");
    if (info?.watchers !== undefined) this.showWatchers(info.watchers);
    if (!info) setText(this.#watchers, "");
    this.#showLines(server, {
      container: info?.container ?? undefined,
      locked: info?.protected,
    });
  }

  /**
   * Shows how many watch.
   *
   * @param {number} watchers How many.
   */
  showWatchers(watchers) {
    setText(this.#watchers, countText(watchers, "watching", "watching"));
  }

  /**
   * Shows how the stream is played.
   *
   * @param {HTMLVideoElement} video What plays it.
   * @param {import("./watch_session.js").StreamInfo} [stream] The stream, if one is played.
   * @param {string} [player] How it is played.
   * @param {import("./live_edge.js").LiveEdge} [edge] What keeps it live.
   */
  showPlayer(video, stream, player, edge) {
    setText(
      this.#media,
      stream ? mediaText(stream.container, stream.codecs) : "",
    );
    const rows = [
      ...this.#streamRows(stream),
      ...playerRows(video, player, edge),
    ];
    setTerms(byId("details"), rows.filter(([, value]) => value !== ""));
  }

  /** A stream's beginning may not tell its codecs; a moment later the server knows. */
  #mediaText({ container, codecs }) {
    const known = codecs.length > 0 ? codecs : this.#info?.codecs ?? [];
    return mediaText(container, known);
  }

  #streamRows(stream) {
    if (!stream) return [["State", "nothing to play"]];
    const { bitrate, keyframe_interval: interval } = this.#info ?? {};
    const { width, height } = stream;
    return [
      ["Media", this.#mediaText(stream)],
      ["Picture", width ? `${width} × ${height}` : ""],
      ["Bit rate", bitrate ? bitrateText(bitrate) : ""],
      [
        "Key pictures",
        stream.video && interval ? `every ${interval.toFixed(1)} s` : "",
      ],
    ];
  }

  #showLines(server, { container, locked = false }) {
    const key = JSON.stringify([server.tcp_port, container, locked]);
    if (key === this.#linesFor) return;
    this.#linesFor = key;
    const where = {
      server: serverAddress(location.hostname, server.tcp_port),
      origin: location.origin,
    };
    const lines = watchLines({ ...this.#name, container, locked }, where);
    byId("elsewhere").replaceChildren(
      ...lines.map(({ label, line }) => copyRow(label, line)),
    );
  }
}

/** What the player tells of itself. */
function playerRows(video, player, edge) {
  if (!player) return [];
  const quality = video.getVideoPlaybackQuality?.();
  const isVideo = !video.hidden && quality?.totalVideoFrames > 0;
  const hasClock = edge && !video.hidden;
  return [
    ["Behind live", hasClock ? `${edge.behind.toFixed(1)} s` : ""],
    ["Buffered", hasClock ? `${Math.max(0, edge.buffered).toFixed(1)} s` : ""],
    [
      "Dropped",
      isVideo
        ? `${quality.droppedVideoFrames} of ${quality.totalVideoFrames}`
        : "",
    ],
    ["Played by", player],
    ["Carried by", player === "the browser's own" ? "HTTP" : "WebSocket"],
  ];
}
