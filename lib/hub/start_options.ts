import type { Start } from "../wire/messages.ts";

/** Where a watcher wants to begin. */
export interface StartOptions {
  /** The kind of place. */
  readonly start: Start;
  /**
   * With `join`: seconds of media to begin with; 0: the newest join point; `undefined`: as the channel
   * says.
   */
  readonly burst: number | undefined;
  /**
   * Whether the watcher opens a new decoder wherever decoding begins anew, so that it wants the whole
   * init there and can follow from any broadcast to any other.
   *
   * @default {false}
   */
  readonly freshDecoder?: boolean;
}
