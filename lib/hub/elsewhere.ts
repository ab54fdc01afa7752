import type { Channel } from "./channel.ts";

/** What a hub asks and tells the other servers that share its channels. Without any, it serves alone. */
export interface Elsewhere {
  /**
   * Looks for a channel that the hub does not have. Once it resolves, the hub has it if another server does;
   * never rejects.
   */
  find(user: string, channel: string): Promise<void>;
  /**
   * Takes a broadcast over from the server that has it, because its broadcaster continues it here. Once it
   * resolves to `true`, the channel is held, with every byte that the other server has received.
   *
   * @param channel Fed from another server.
   * @param secret What the broadcaster shows; the other server checks it.
   * @returns Whether the secret was right; `undefined` when there is no other server that could tell.
   */
  take(channel: Channel, secret: string): Promise<boolean | undefined>;
  /** Told when a broadcaster of this server has made a channel live, or continues it. */
  began(channel: Channel): void;
  /** Told when a channel of this server, its own or a fed one, has ended. */
  ended(channel: Channel): void;
  /** How many channels of a user other servers have, besides one. */
  channelsOf(user: string, besides: string): number;
  /** How many watch a channel at other servers. */
  watchersOf(user: string, channel: string): number;
}
