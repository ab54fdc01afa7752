import { concat } from "@std/bytes";
import type { Channel } from "../hub/channel.ts";
import { REPORT_MS } from "./outbox.ts";
import type { Framing } from "./slice_framing.ts";

/** What is told of a channel. */
export type LiveChannel = Pick<
  Channel,
  "now" | "log" | "broadcast" | "watchers" | "arrivals"
>;

/** How a protocol writes media, and the reports that go with it. */
export interface LiveProtocol {
  /** Bytes before a piece of media. */
  header(length: number): Uint8Array;
  /**
   * Tells how the channel is doing.
   *
   * @param channel What is being watched.
   * @param ageMs Milliseconds since the first byte of the piece arrived.
   */
  report(channel: LiveChannel, ageMs: number): Uint8Array;
}

/** Milliseconds from which a piece is late: more than the longest linger. */
const LATE_MS = 500;

/**
 * Frames media for the watchers of one channel. About once a second, and with each piece that is late, a report comes
 * before the media: it is part of the header, so it costs neither a write nor a timer, and watchers that share a piece
 * share it too.
 */
export class LiveFraming implements Framing {
  /** Nothing follows a piece. */
  readonly trailer: Uint8Array = new Uint8Array();
  readonly #channel: LiveChannel;
  readonly #protocol: LiveProtocol;
  /** When watchers were told last, on the hub's clock. */
  #toldAt = -Infinity;
  /** Offset in the channel's log behind the last byte that they were told of. */
  #told = -1;

  /** Makes the framing of a channel. */
  constructor(channel: LiveChannel, protocol: LiveProtocol) {
    this.#channel = channel;
    this.#protocol = protocol;
  }

  /** The header of a piece, with what comes before it. */
  header(length: number, offset: number): Uint8Array {
    const { log } = this.#channel;
    const header = this.#protocol.header(length);
    const now = this.#channel.now();
    const ageMs = log.ageOf(offset, now);
    // Those that read up to the same byte from different places are told together.
    const isDue = now - this.#toldAt >= REPORT_MS || log.last === this.#told;
    if (!isDue && ageMs < LATE_MS) return header;
    this.#told = log.last;
    this.#toldAt = now;
    return concat([this.#protocol.report(this.#channel, ageMs), header]);
  }
}
