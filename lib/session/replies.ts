import type { Refusal } from "../errors.ts";
import { CONTINUE } from "../http/reply_head.ts";
import { encodeFrame } from "../wire/frame.ts";
import { formatStatus } from "../wire/status.ts";
import { plainReply } from "./http_reply.ts";
import type { PublishEnd } from "./publish.ts";

/** What a protocol answers to a request, in bytes; empty where it says nothing. */
export interface Replies {
  /** Before media, to an accepted request. */
  accepted(values: Readonly<Record<string, string | number>>): Uint8Array;
  /** To a refused request, after which the connection is closed. */
  refused(refusal: Refusal): Uint8Array;
  /** To a broadcaster, after its broadcast. */
  ended(end: PublishEnd): Uint8Array;
}

const NOTHING = new Uint8Array();

/** Historic clients pipe whatever arrives into a player, so they are sent media and nothing else. */
export const SILENT: Replies = {
  accepted: () => NOTHING,
  refused: () => NOTHING,
  ended: () => NOTHING,
};

/** Status frames, for clients that ask for them. */
export const STATUS_FRAMES: Replies = {
  accepted: (values) => encodeFrame(formatStatus(undefined, values)),
  refused: (refusal) => encodeFrame(formatStatus(refusal)),
  ended: () => NOTHING,
};

/**
 * Replies to an HTTP request that broadcasts, and to an Icecast source.
 *
 * @param source Whether the client sent `SOURCE`, which is answered before its media if at all.
 * @param expectsContinue Whether the client waits for `100 Continue`.
 */
export function publishReplies(
  { source, expectsContinue, allowOrigin }: {
    readonly source: boolean;
    readonly expectsContinue: boolean;
    readonly allowOrigin: string;
  },
): Pick<Replies, "accepted" | "ended"> {
  const accepted = expectsContinue && !source ? CONTINUE : NOTHING;
  return {
    accepted: () => accepted,
    ended: ({ clean, reason }) =>
      source
        ? NOTHING
        : clean
        ? plainReply(200, "ok", { allowOrigin })
        : plainReply(409, reason, { allowOrigin }),
  };
}
