import { Refusal } from "../errors.ts";
import type { RequestHead } from "../http/request_head.ts";
import type { Channel } from "../hub/channel.ts";
import type { HlsClient, HlsPlayer } from "../hub/hls_audience.ts";
import { parseAddress } from "../net/address.ts";
import type { Session } from "./context.ts";

/** Who asks, as far as a request tells. */
export function hlsClient(
  { remote }: Session,
  { headers }: RequestHead,
): HlsClient {
  const { host } = parseAddress(remote, 0);
  return { host, remote, agent: headers.get("user-agent") ?? "" };
}

/**
 * Notes that a player asked for a playlist or a segment.
 *
 * @returns `undefined` when it cannot be told apart.
 * @throws {Refusal} `forbidden` when it was disconnected and has not asked for the first playlist since.
 */
export function notePlayer(
  session: Session,
  head: RequestHead,
  channel: Channel,
): HlsPlayer | undefined {
  const player = channel.hlsAudience.seen(hlsClient(session, head));
  if (player?.kicked === undefined) return player;
  throw new Refusal("forbidden", "you were disconnected", player.kicked);
}

/** Has a channel fed that another server has: a player may be sent there from one request to the next. */
export async function seekElsewhere(
  hub: Session["context"]["hub"],
  user: string,
  channel: string,
): Promise<void> {
  if (hub.find(user, channel) ?? hub.findEnded(user, channel)) return;
  await hub.elsewhere?.find(user, channel);
}
