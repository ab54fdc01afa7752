/** What is told of each who watches, whatever the protocol. */
export interface Viewer {
  /** Number of the watcher, which no other of the hub has or had. */
  readonly id: number;
  /** How it is sent the channel, where that is known. */
  readonly protocol: string | undefined;
  /** `ip:port`, where that is known. */
  readonly remote: string | undefined;
  /** When it joined, in milliseconds on the hub's clock. */
  readonly since: number;
  /** Offset in the log of what it has not been sent; `undefined` before it starts. */
  readonly offset: number | undefined;
  /** Bytes that it was sent. */
  readonly sentBytes: number;
  /** How often it was too slow and continued at a newer join point. */
  readonly skips: number;
  /** Bytes that it lost by that. */
  readonly skippedBytes: number;
  /** Bits per second that it was sent since this was asked last. */
  bitrate(now: number): number;
}
