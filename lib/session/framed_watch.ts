import { concat } from "@std/bytes";
import type { Channel } from "../hub/channel.ts";
import type { ChannelEnd } from "../hub/channel_options.ts";
import type { Watcher } from "../hub/watcher.ts";
import { writeAll } from "../net/connection.ts";
import { FRAME_TYPE, framedHeader } from "../wire/framed.ts";
import { encodeMessage } from "../wire/framed_message.ts";
import { formatPosition, type Position } from "../wire/position.ts";
import type { WatchRequest } from "../wire/request.ts";
import type { Session } from "./context.ts";
import { LiveFraming, type LiveProtocol } from "./live_framing.ts";
import type { Playback } from "./play.ts";
import type { Sender } from "./sender.ts";
import { serverList } from "./server_list.ts";
import { SharedFraming } from "./slice_framing.ts";

/** Where live is, on the server's clock. */
const FRAMED: LiveProtocol = {
  header: (length) => framedHeader(FRAME_TYPE.media, length),
  report: ({ log, broadcast: { id, base }, now }, ageMs) =>
    encodeMessage("live", {
      at: formatPosition({ id, offset: log.last - base }),
      time: Math.round(now()),
      age: Math.round(ageMs),
    }),
};

const MEDIA = new SharedFraming((channel: Channel) =>
  new LiveFraming(channel, FRAMED)
);

const LEAD = new SharedFraming(() => ({
  header: (length) => framedHeader(FRAME_TYPE.lead, length),
  trailer: new Uint8Array(),
}));

/** What a watcher is told of an end that is not its broadcaster's own. */
const END_MESSAGES: Readonly<Record<ChannelEnd | "lost", string>> = {
  ended: "the channel ended",
  lost: "the end of the stream is missing",
  broken: "the broadcaster's connection broke, and it did not come back",
  revoked: "the server ended the channel",
};

/** Sends a channel as a framed stream: a watcher always knows its position, what it lost, and how it ended. */
export class FramedPlayback implements Playback {
  readonly framing: SharedFraming<Channel> = MEDIA;
  readonly leadFraming: SharedFraming = LEAD;
  readonly #session: Session;
  /** Where the watcher asked to continue. */
  readonly #resume: Position | undefined;
  /** Skips, crossings and the join so far. */
  #starts = 0;
  /** Whether the status has told the first position. */
  #isPositioned = false;
  /** Skips, crossings and the join before that. */
  #begun = 0;
  #skips = 0;

  /**
   * Plays to one watcher.
   *
   * @param session Tells whether the server is shutting down.
   */
  constructor(session: Session, { resume }: Pick<WatchRequest, "resume">) {
    this.#session = session;
    this.#resume = resume;
  }

  /** The status, with the position of the next byte if it is known. */
  accepted({ cursor }: Watcher): Uint8Array {
    const { position, lostBytes, begun } = cursor;
    this.#begun = begun;
    // Bytes that were lost before a resume are announced as a jump.
    const isOther = this.#resume !== undefined &&
      this.#resume.id !== position?.id;
    this.#isPositioned = position !== undefined && lostBytes === 0 && !isOther;
    return encodeMessage("ok", {
      frames: 1,
      ...(this.#isPositioned ? position : {}),
    });
  }

  /** Announces a jump, unless the status has told the position. */
  onRestart({ cursor }: Watcher, sender: Sender): boolean {
    const isFirst = this.#starts++ === 0;
    const isTold = isFirst && this.#isPositioned;
    // One that was ahead may have crossed over before its first byte.
    if (isTold && cursor.begun === this.#begun) return true;
    const reason = cursor.skips > this.#skips
      ? "lag"
      : isFirst && !isTold
      ? this.#resume && cursor.lostBytes === 0 ? "restart" : "join"
      : "takeover";
    this.#skips = cursor.skips;
    const lost = cursor.lostBytes;
    sender.send(encodeMessage("jump", { ...cursor.position, lost, reason }));
    return true;
  }

  /** The end, and whether the watcher has everything. */
  ended(message: string, { cursor, channel }: Watcher): Uint8Array {
    const reason = cursor.cannotFollow
      ? "cannot-follow"
      : this.#session.context.isClosing()
      ? "restart"
      : cursor.isComplete
      ? channel.howEnded
      : "lost";
    const isChannels = reason === "broken" || reason === "revoked";
    const end = isChannels ? END_MESSAGES[reason] : message;
    const servers = reason === "restart"
      ? serverList(this.#session.context)
      : undefined;
    return encodeMessage("end", { reason, servers, message: end });
  }

  /** The end of one that must not come back by itself. */
  kicked(message: string): Uint8Array {
    return encodeMessage("end", { reason: "kicked", message });
  }
}

/**
 * Tells a watcher that comes back how the broadcast ended that it saw, and closes the connection. The broadcast's id,
 * which cannot be guessed, shows that it did.
 *
 * @returns Whether that is all that is left to say.
 */
export async function tellEnd(
  session: Session,
  { user, channel, resume }: WatchRequest,
): Promise<boolean> {
  const { connection, context: { hub } } = session;
  if (!resume || hub.find(user, channel)) return false;
  const reason = hub.ended.find(user, channel, resume);
  if (reason === undefined) return false;
  session.target = { user, channel };
  session.log("watch-start");
  const message = END_MESSAGES[reason];
  const texts = [
    encodeMessage("ok", { frames: 1 }),
    encodeMessage("end", { reason, message }),
  ];
  session.log("watch-end", { bytes: 0, reason: message });
  await writeAll(connection, concat(texts));
  await connection.finish();
  return true;
}
