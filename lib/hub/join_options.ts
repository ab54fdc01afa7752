import type { Protocol } from "../auth/authenticate.ts";
import type { Position } from "../wire/position.ts";
import type { Start } from "../wire/request.ts";

/** Where a watcher starts. */
export interface StartOptions {
  /** The kind of place. */
  readonly start: Start;
  /**
   * With `join`: seconds of media to send at once; 0 starts at the newest join point, `undefined` uses
   * the channel's own setting.
   */
  readonly burst: number | undefined;
  /**
   * Whether the watcher opens a new decoder at every discontinuity. It is then sent the whole init
   * segment there, and can follow from any broadcast to any other.
   *
   * @default {false}
   */
  readonly freshDecoder?: boolean | undefined;
}

/** Who watches. */
export interface WatchClient {
  /** How it is sent the channel. */
  readonly protocol: Protocol;
  /** Its address as `ip:port`. */
  readonly remote: string;
}

/** How a watcher joins a channel. */
export interface JoinOptions extends StartOptions {
  /**
   * Offset of the log's head when the watcher asked for the channel. A broadcast that begins at or
   * behind it is sent from its first byte.
   *
   * @default {the log's head}
   */
  readonly since?: number | undefined;
  /** Where an earlier connection of the watcher stopped; it continues there if the log has the byte. */
  readonly resume?: Position | undefined;
  /** Who it is, for those who look after the channel. */
  readonly client?: WatchClient | undefined;
}
