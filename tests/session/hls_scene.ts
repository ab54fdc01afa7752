import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { timestampTag } from "../../lib/hls/timestamp_tag.ts";
import type { Publisher } from "../../lib/hub/publisher.ts";
import { pattern } from "../helpers/pattern.ts";
import {
  type CheckedPlaylist,
  checkPlaylist,
} from "../helpers/playlist_checker.ts";
import { TimedMedia } from "../helpers/timed_media.ts";
import { publishOptions } from "../hub/hub_scene.ts";
import { HttpScene } from "./http_scene.ts";

/** Bytes of a second of the media. */
export const SECOND_BYTES = 1000;

/** A broadcast of which each second is a unit of so many bytes. */
export class HlsBroadcast {
  /** What is broadcast. */
  readonly media: TimedMedia;
  /** The connection that feeds it. */
  readonly publisher: Publisher;
  #sent = 0;

  /** Begins one. */
  constructor(
    { hub }: HttpScene,
    options: Partial<Parameters<typeof publishOptions>[0]> = {},
    media = new TimedMedia(),
  ) {
    this.media = media;
    const { tracker } = media;
    this.publisher = hub.publish(publishOptions({ tracker, ...options }));
  }

  /** Sends so many seconds, and the first unit of the next. */
  send(seconds: number): this {
    for (let i = 0; i < seconds; i++) {
      this.publisher.append(pattern(this.#sent, SECOND_BYTES));
      this.#sent += SECOND_BYTES;
      this.media.time++;
    }
    return this;
  }
}

/** A segment of two seconds, as it is sent. */
export function sentSegment(from: number): Uint8Array<ArrayBuffer> {
  const media = pattern(from * SECOND_BYTES, 2 * SECOND_BYTES);
  return concat([timestampTag(from), media]);
}

/** What a player is told: the address of the playlist that it loads again and again. */
export async function liveUri(
  scene: HttpScene,
  channel = "default",
  query = "",
): Promise<string> {
  const path = `/fier/${channel}/index.m3u8${query}`;
  const response = await scene.ask(path);
  const text = await response.text();
  assertEquals(response.status, 200, text);
  return `/fier/${channel}/${text.trimEnd().split("\n").at(-1)}`;
}

/** Loads a playlist, and checks it. */
export async function load(
  scene: HttpScene,
  uri: string,
): Promise<CheckedPlaylist> {
  const response = await scene.ask(uri);
  const text = await response.text();
  assertEquals(response.status, 200, text);
  assertEquals(
    response.headers.get("content-type"),
    "application/vnd.apple.mpegurl",
  );
  return checkPlaylist(text);
}

/** The paths of the segments that a player loads. */
export async function segmentPaths(
  scene: HttpScene,
  channel = "default",
  query = "",
): Promise<string[]> {
  const uri = await liveUri(scene, channel, query);
  const { segments } = await load(scene, uri);
  return segments.map((segment) => `/fier/${channel}/${segment.uri}`);
}
