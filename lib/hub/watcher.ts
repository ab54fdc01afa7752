import type { Channel } from "./channel.ts";
import type { Cursor } from "./cursor.ts";
import type { WatchClient } from "./join_options.ts";
import { RateMeter } from "./rate_meter.ts";
import type { Viewer } from "./viewer.ts";

/** How far a watcher is behind live: what the channel has received and the watcher was not sent. */
export interface Lag {
  /** Bytes. */
  readonly bytes: number;
  /** Milliseconds since the first of them arrived; at most a tenth of a second too many. */
  readonly ms: number;
}

/** What a watcher consists of. */
export interface WatcherOptions {
  /** Number of the watcher, which no other of the hub has or had. */
  readonly id: number;
  /** The channel. */
  readonly channel: Channel;
  /** The position in its log. */
  readonly cursor: Cursor;
  /** Who it is. */
  readonly client?: WatchClient | undefined;
}

/** A watcher's place in a channel. */
export class Watcher implements Viewer {
  /** Number of the watcher, which no other of the hub has or had. */
  readonly id: number;
  /** The channel. */
  readonly channel: Channel;
  /** The position in its log. */
  readonly cursor: Cursor;
  /** Who it is, where that is known. */
  readonly client: WatchClient | undefined;
  /** When it joined, in milliseconds on the hub's clock. */
  readonly since: number;
  readonly #onLeave: () => void;
  #left = false;
  #onKick: ((why: string) => void) | undefined;
  /** Why it is disconnected by hand. */
  #kicked: string | undefined;
  readonly #rate: RateMeter;

  /** Takes a place; `onLeave` is called once, when it is given back. */
  constructor(
    { id, channel, cursor, client }: WatcherOptions,
    onLeave: () => void,
  ) {
    this.id = id;
    this.channel = channel;
    this.cursor = cursor;
    this.client = client;
    this.since = channel.now();
    this.#rate = new RateMeter(this.since);
    this.#onLeave = onLeave;
    channel.audience.add(this);
  }

  /** How far it is behind live; `undefined` while it waits for a place to start. */
  get lag(): Lag | undefined {
    const { cursor: { logOffset: offset }, channel: { log, now } } = this;
    if (offset === undefined) return undefined;
    const bytes = Math.max(log.last - offset, 0);
    return { bytes, ms: log.ageOf(offset, now()) };
  }

  /** See {@linkcode Viewer.protocol}. */
  get protocol(): string | undefined {
    return this.client?.protocol;
  }

  /** See {@linkcode Viewer.remote}. */
  get remote(): string | undefined {
    return this.client?.remote;
  }

  /** See {@linkcode Viewer.offset}. */
  get offset(): number | undefined {
    return this.cursor.logOffset;
  }

  /** See {@linkcode Viewer.sentBytes}. */
  get sentBytes(): number {
    return this.cursor.sentBytes;
  }

  /** See {@linkcode Viewer.skips}. */
  get skips(): number {
    return this.cursor.skips;
  }

  /** See {@linkcode Viewer.skippedBytes}. */
  get skippedBytes(): number {
    return this.cursor.skippedBytes;
  }

  /** Bits per second that it was sent; see {@linkcode RateMeter.bitrate}. */
  bitrate(now: number): number {
    return this.#rate.bitrate(this.cursor.sentBytes, now);
  }

  /** Disconnects it; `why` is for its log line and, where its protocol can say so, for itself. */
  kick(why: string): void {
    this.#kicked ??= why;
    this.#onKick?.(this.#kicked);
  }

  /** Calls back once it is disconnected, at once if it was; `undefined` removes the callback. */
  set onKick(end: ((why: string) => void) | undefined) {
    this.#onKick = end;
    if (this.#kicked !== undefined) end?.(this.#kicked);
  }

  /** Gives the place back; a second call is ignored. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.channel.audience.delete(this);
    this.#onLeave();
  }
}
