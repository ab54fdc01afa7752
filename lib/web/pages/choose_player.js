/**
 * Which way a stream is played.
 *
 * @module
 */

import { codecName, containerName } from "./format.js";
import { canRemux } from "./matroska_remux.js";
import {
  MediaSourcePlayer,
  sourceType,
  takesType,
} from "./media_source_player.js";
import { MpegtsPlayer } from "./mpegts_player.js";
import { NativePlayer } from "./native_player.js";
import { RemuxPlayer } from "./remux_player.js";
import { hasWebCodecs, WebCodecsPlayer } from "./webcodecs_player.js";

/**
 * @typedef {object} Stage What a player plays on, and whom it tells.
 * @property {HTMLVideoElement} video
 * @property {HTMLCanvasElement} canvas
 * @property {string} mediaUrl The channel's plain address.
 * @property {() => void} onPicture A picture was painted on the canvas.
 * @property {(why: string) => void} onFailure The player cannot go on.
 * @property {() => void} onEnd A player that fetches by itself has reached the end.
 */

/**
 * @typedef {object} Player
 * @property {string} name How it plays.
 * @property {(bytes: Uint8Array) => void} push Takes the next bytes.
 * @property {() => void} close Lets go of the stage.
 */

/** A stream that no player here takes; the message says so to the viewer. */
export class Unplayable extends Error {}

/** Makers of players by container. */
const MAKERS = new Map([
  ["webm", makeStraight],
  ["mp4", makeStraight],
  ["mp3", makeStraight],
  ["adts", makeStraight],
  ["mpegts", makeMpegts],
  ["flv", makeMpegts],
  ["matroska", makeMatroska],
  ["ogg", makeNative],
  ["h264", makeRaw],
]);

/**
 * Makes the player for a stream.
 *
 * @param {import("./watch_session.js").StreamInfo} stream The stream.
 * @param {Stage} stage What it plays on.
 * @returns {Player} The player, which waits for bytes.
 * @throws {Unplayable} When there is none.
 */
export function choosePlayer(stream, stage) {
  const maker = MAKERS.get(stream.container);
  if (!maker) throw new Unplayable(unplayableText(stream.container));
  return maker(stream, stage);
}

/** Why no browser plays a container. */
function unplayableText(container) {
  return container === "raw"
    ? "What is broadcast here is no container that the server knows."
    : `The container ${containerName(container)} does not play in browsers.`;
}

function makeStraight(stream, { video, onFailure }) {
  const type = sourceType(stream);
  requireType(type, stream);
  return new MediaSourcePlayer(video, type, onFailure);
}

function makeMpegts({ container }, { video, onFailure }) {
  if (!takesType('video/mp4; codecs="avc1.42E01E"')) {
    throw new Unplayable("This browser has no MediaSource for H.264.");
  }
  return new MpegtsPlayer(video, container, onFailure);
}

function makeMatroska(stream, stage) {
  if (!canRemux(stream.codecs)) return makeStraight(stream, stage);
  const type = sourceType({ ...stream, container: "mp4" });
  requireType(type, stream);
  return new RemuxPlayer(stage.video, type, stage.onFailure);
}

function makeNative(stream, { video, mediaUrl, onEnd }) {
  const type = stream.mime ?? "application/ogg";
  if (video.canPlayType(type) === "") {
    throw new Unplayable("This browser does not play Ogg.");
  }
  return new NativePlayer(video, mediaUrl, onEnd);
}

function makeRaw({ codecs: [codec] }, { canvas, onPicture, onFailure }) {
  if (!hasWebCodecs()) {
    throw new Unplayable(
      "Raw H.264 plays in browsers only over https (WebCodecs).",
    );
  }
  if (!codec) {
    throw new Unplayable("The stream does not tell which H.264 it is.");
  }
  return new WebCodecsPlayer(canvas, codec, { onPicture, onFailure });
}

function requireType(type, { codecs }) {
  if (takesType(type)) return;
  const names = codecs.map(codecName).join(" and ") || "this stream";
  throw new Unplayable(`This browser does not play ${names}.`);
}
