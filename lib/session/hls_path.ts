import { type ChannelPath, readChannelPath } from "./channel_path.ts";

/** The playlist that players open. */
export const INDEX = "index.m3u8";

/** The playlist that they load again and again. */
export const LIVE = "live.m3u8";

/** What an address of HLS leads to. */
export type HlsResource =
  | { readonly kind: "index" | "live" }
  | {
    readonly kind: "segment";
    /** Id of the broadcast. */
    readonly id: string;
    /** Offset in the broadcast of the first byte, and behind the last one. */
    readonly start: number;
    readonly end: number;
  }
  | {
    readonly kind: "map";
    /** Id of the broadcast. */
    readonly id: string;
    /** Number of the init segment in the broadcast. */
    readonly map: number;
  };

/** An address of HLS. */
export interface HlsPath extends ChannelPath {
  /** Path below the channel's. */
  readonly name: string;
  /** What it leads to. */
  readonly resource: HlsResource;
}

const SHAPE =
  /^(\/[^/]+\/[^/]+)\/(index\.m3u8|live\.m3u8|([0-9a-f]{32})\/(?:(\d{1,15})-(\d{1,15})\.[a-z0-9]{2,4}|init-(\d{1,6})\.mp4))$/;

/**
 * Reads the path of a playlist, a segment or an init segment: `/USER/CHANNEL/` and a name.
 *
 * @param path Percent-encoded.
 * @returns `undefined` for anything else.
 */
export function readHlsPath(path: string): HlsPath | undefined {
  const [, channel, name, id, start, end, map] = SHAPE.exec(path) ?? [];
  const found = channel === undefined ? undefined : readChannelPath(channel);
  if (!found || name === undefined) return undefined;
  return { ...found, name, resource: resourceOf(name, id, start, end, map) };
}

function resourceOf(
  name: string,
  id: string | undefined,
  start: string | undefined,
  end: string | undefined,
  map: string | undefined,
): HlsResource {
  if (id === undefined) return { kind: name === INDEX ? "index" : "live" };
  return map === undefined
    ? { kind: "segment", id, start: Number(start), end: Number(end) }
    : { kind: "map", id, map: Number(map) };
}
