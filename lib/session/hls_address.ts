/**
 * Addresses of HLS that are signed, so that a player needs the channel's password only for the first of them.
 *
 * @module
 */

import type { MediaSegment } from "../hls/media_segment.ts";
import type { UrlSigner } from "../hls/url_signer.ts";
import type { Channel } from "../hub/channel.ts";
import { LIVE } from "./hls_path.ts";

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/**
 * Seconds that the address of a playlist is valid: a player that runs for longer asks for the first playlist again. It
 * ends before that with the channel's password.
 */
const PLAYLIST_S = 7 * DAY_S;

/** Seconds that the address of a segment is valid: ten times as long as a playlist lists it. */
export const SEGMENT_S = 600;

/** What of a channel a signature covers. */
export type Signed = Pick<Channel, "user" | "name" | "password">;

/** The addresses of a segment and of its init segment, relative to the channel's playlists. */
export interface SegmentAddresses {
  /** Of the segment. */
  readonly segment: string;
  /** Of its init segment, if that is a resource of its own. */
  readonly map: string;
}

/** Addresses by segment, so that each is signed once, however many playlists list it. */
const addresses: WeakMap<MediaSegment, SegmentAddresses> = new WeakMap();

/** The name of a segment below its channel. */
export function segmentName(
  { broadcast, base, start, end, packaging }: MediaSegment,
): string {
  return `${broadcast}/${start - base}-${end - base}.${packaging.suffix}`;
}

function mapName({ broadcast, map }: MediaSegment): string {
  return `${broadcast}/init-${map}.mp4`;
}

/** The address of the playlist that a player loads again and again; the same for every player of an hour. */
export async function liveAddress(
  signer: UrlSigner,
  channel: Signed,
): Promise<string> {
  const until = Date.now() / 1000 + PLAYLIST_S;
  const expires = Math.ceil(until / HOUR_S) * HOUR_S;
  return `${LIVE}?${await signer.sign(covered(channel, LIVE), expires)}`;
}

/** The addresses of a segment, signed if the channel has a password. They never change. */
export async function segmentAddresses(
  signer: UrlSigner,
  channel: Signed,
  segment: MediaSegment,
): Promise<SegmentAddresses> {
  const known = addresses.get(segment);
  if (known) return known;
  const names = [segmentName(segment), mapName(segment)] as const;
  const made = channel.password === ""
    ? { segment: names[0], map: names[1] }
    : await signed(signer, channel, segment, names);
  addresses.set(segment, made);
  return made;
}

async function signed(
  signer: UrlSigner,
  channel: Signed,
  { listedAt, seconds }: MediaSegment,
  [segment, map]: readonly [string, string],
): Promise<SegmentAddresses> {
  const listed = Math.ceil(listedAt / 1000 + seconds);
  // Shared by all segments of a day, so that players load the init segment once.
  const day = Math.ceil(listed / DAY_S) * DAY_S + DAY_S;
  const sign = (name: string, expires: number): Promise<string> =>
    signer.sign(covered(channel, name), expires);
  return {
    segment: `${segment}?${await sign(segment, listed + SEGMENT_S)}`,
    map: `${map}?${await sign(map, day)}`,
  };
}

/** Whether an address is signed, and still valid. */
export async function isSigned(
  signer: UrlSigner,
  channel: Signed,
  name: string,
  query: string,
): Promise<boolean> {
  return await signer.verify(covered(channel, name), query);
}

/** With the password, so that a new password voids every address. */
function covered({ user, name, password }: Signed, path: string): string[] {
  return [user, name, path, password];
}
