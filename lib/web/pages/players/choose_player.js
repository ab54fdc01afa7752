/**
 * Chooses how a stream is played.
 *
 * @module
 */

import { canRemux } from "../mux/matroska_remux.js";
import { codecName, containerName } from "../ui/format.js";
import {
  acceptsType,
  MediaSourcePlayer,
  sourceType,
} from "./media_source_player.js";
import { MpegtsPlayer } from "./mpegts_player.js";
import { NativePlayer } from "./native_player.js";
import { RemuxPlayer } from "./remux_player.js";
import { hasWebCodecs, WebCodecsPlayer } from "./webcodecs_player.js";

/**
 * @typedef {object} StreamInfo What the server reports before a stream's bytes.
 * @property {string} container
 * @property {string} [mime] Without parameters.
 * @property {string[]} codecs RFC 6381 strings; empty while unknown.
 * @property {boolean} [video]
 * @property {number} [width] Pixels.
 * @property {number} [height] Pixels.
 * @property {number} gap Seconds: the longest recent pause between two arrivals.
 */

/**
 * @typedef {object} Stage What a player plays on, and its events.
 * @property {HTMLVideoElement} video
 * @property {HTMLCanvasElement} canvas
 * @property {string} mediaUrl The channel's HTTP address.
 * @property {string} [hlsUrl] The channel's HLS playlist, if it has one.
 * @property {() => void} onFrame A frame was drawn on the canvas.
 * @property {(reason: string) => void} onFailure
 * @property {() => void} onEnd A player that fetches the media itself reached the end.
 */

/**
 * @typedef {object} Player
 * @property {string} name How it plays.
 * @property {boolean} [isNative] Whether the browser fetches the media itself, so that nothing is pushed.
 * @property {(bytes: Uint8Array<ArrayBuffer>) => void} push
 * @property {() => void} close
 */

/** This browser cannot play the stream; the message is shown to the viewer. */
export class UnplayableError extends Error {
  /** @override */
  name = "UnplayableError";
}

/** Codecs of MPEG-TS and FLV that mpegts.js passes to MediaSource under the same name. */
const CHECKED_IN_TS = /^(avc|hvc|hev|av01|ac-3|ec-3)/i;

/** @typedef {(stream: StreamInfo, stage: Stage) => Player} Factory */

/** How each container is played. */
const FACTORIES = new Map(
  /** @type {[string, Factory][]} */ ([
    ["webm", playBySource],
    ["mp4", playBySource],
    ["mp3", playBySource],
    ["adts", playBySource],
    ["mpegts", playByMpegts],
    ["flv", playByMpegts],
    ["matroska", playMatroska],
    ["ogg", playNatively],
    ["h264", playRaw],
  ]),
);

/**
 * Creates the player for a stream.
 *
 * @param {StreamInfo} stream
 * @param {Stage} stage
 * @throws {UnplayableError}
 */
export function choosePlayer(stream, stage) {
  const play = FACTORIES.get(stream.container) ?? refuse;
  try {
    return play(stream, stage);
  } catch (error) {
    const { video, hlsUrl } = stage;
    const isLast = !(error instanceof UnplayableError) || !hlsUrl;
    if (isLast || !decodesHls(stream, video)) throw error;
    return new NativePlayer(video, hlsUrl, stage, "HLS");
  }
}

/**
 * Whether the browser plays HLS by itself and knows the codecs: Safari decodes some there alone, and iPhones
 * have no other way for MPEG-TS.
 *
 * @param {StreamInfo} stream
 * @param {HTMLVideoElement} video
 */
function decodesHls({ codecs }, video) {
  const types = codecs
    .filter((codec) => codec !== "mp3")
    .map((codec) => `video/mp4; codecs="${codec}"`);
  return ["application/vnd.apple.mpegurl", ...types]
    .every((type) => video.canPlayType(type) !== "");
}

/**
 * @param {StreamInfo} stream
 * @returns {never}
 */
function refuse({ container }) {
  throw new UnplayableError(unplayableText(container));
}

/** @param {string} container */
function unplayableText(container) {
  return container === "raw"
    ? "The server does not recognise this stream's format."
    : `Browsers do not play ${containerName(container)}.`;
}

/**
 * @param {StreamInfo} stream
 * @param {Stage} stage
 */
function playBySource(stream, { video, onFailure }) {
  requireDecoders(
    stream.codecs,
    (codecs) => acceptsType(sourceType({ ...stream, codecs })),
  );
  return new MediaSourcePlayer(video, sourceType(stream), onFailure);
}

/**
 * @param {StreamInfo} stream
 * @param {Stage} stage
 */
function playByMpegts({ container, codecs }, { video, onFailure }) {
  const checked = codecs.filter((codec) => CHECKED_IN_TS.test(codec));
  requireDecoders(
    ["avc1.42E01E", ...checked],
    (some) => acceptsType(`video/mp4; codecs="${some.join(",")}"`),
  );
  return new MpegtsPlayer(video, container, onFailure);
}

/**
 * @param {StreamInfo} stream
 * @param {Stage} stage
 */
function playMatroska(stream, stage) {
  if (!canRemux(stream.codecs)) return playBySource(stream, stage);
  const remuxed = { ...stream, container: "mp4" };
  requireDecoders(
    stream.codecs,
    (codecs) => acceptsType(sourceType({ ...remuxed, codecs })),
  );
  return new RemuxPlayer(stage.video, sourceType(remuxed), stage.onFailure);
}

/**
 * @param {StreamInfo} stream
 * @param {Stage} stage
 */
function playNatively({ mime = "application/ogg", codecs }, stage) {
  const { video, mediaUrl, onEnd, onFailure } = stage;
  // Without the codecs Chromium says that it can play Theora, and then shows a black picture.
  requireDecoders(codecs, (some) => {
    const type = some.length > 0 ? `${mime}; codecs="${some.join(",")}"` : mime;
    return video.canPlayType(type) !== "";
  });
  return new NativePlayer(video, mediaUrl, { onEnd, onFailure });
}

/**
 * @param {StreamInfo} stream
 * @param {Stage} stage
 */
function playRaw({ codecs: [codec] }, { canvas, onFrame, onFailure }) {
  if (!hasWebCodecs()) {
    throw new UnplayableError(
      "Browsers play raw H.264 only on pages that came over https.",
    );
  }
  if (!codec) {
    throw new UnplayableError("The stream does not state its H.264 profile.");
  }
  return new WebCodecsPlayer(canvas, codec, { onFrame, onFailure });
}

/**
 * @param {string[]} codecs RFC 6381 strings.
 * @param {(codecs: string[]) => boolean} canDecode Whether the browser decodes some of them together.
 * @throws {UnplayableError} Names the codecs that the browser does not decode alone either.
 */
function requireDecoders(codecs, canDecode) {
  if (canDecode(codecs)) return;
  const missing = codecs.filter((codec) => !canDecode([codec]));
  const named = missing.length > 0 ? missing : codecs;
  const names = [...new Set(named.map(codecName))].join(" and ");
  throw new UnplayableError(
    `This browser cannot decode ${names || "this stream"}.`,
  );
}
