import { concat } from "@std/bytes";
import type { Channel } from "../hub/channel.ts";
import { FRAME_TYPE, framedHeader } from "../wire/framed.ts";
import { encodeMessage } from "../wire/framed_message.ts";
import { formatPosition } from "../wire/position.ts";
import { REPORT_MS } from "./outbox.ts";
import type { Framing } from "./slice_framing.ts";

/** What is told of a channel. */
type Live = Pick<Channel, "now" | "log" | "broadcast">;

/** Milliseconds from which a piece is late: more than the longest linger. */
const LATE_MS = 500;

/**
 * Frames media for the watchers of one channel. About once a second, and with each piece that is late, a text before
 * the media tells where live is: it is part of the header, so it costs neither a write nor a timer, and watchers that
 * share a piece share it too.
 */
export class LiveFraming implements Framing {
  /** Nothing follows a piece. */
  readonly trailer: Uint8Array = new Uint8Array();
  readonly #channel: Live;
  /** When watchers were told last, on the hub's clock. */
  #toldAt = -Infinity;
  /** Offset in the channel's log behind the last byte that they were told of. */
  #told = -1;

  /** Makes the framing of a channel. */
  constructor(channel: Live) {
    this.#channel = channel;
  }

  /** The header of a piece, with what comes before it. */
  header(length: number, offset: number): Uint8Array {
    const { log } = this.#channel;
    const header = framedHeader(FRAME_TYPE.media, length);
    const now = this.#channel.now();
    const ageMs = log.ageOf(offset, now);
    // Those that read up to the same byte from different places are told together.
    const isDue = now - this.#toldAt >= REPORT_MS || log.last === this.#told;
    if (!isDue && ageMs < LATE_MS) return header;
    return concat([this.#report(now, ageMs), header]);
  }

  #report(now: number, ageMs: number): Uint8Array {
    const { log, broadcast: { id, base } } = this.#channel;
    this.#told = log.last;
    this.#toldAt = now;
    return encodeMessage("live", {
      at: formatPosition({ id, offset: log.last - base }),
      time: Math.round(now),
      age: Math.round(ageMs),
    });
  }
}
