import type { Channel } from "../hub/channel.ts";

/** Waits until a channel receives something or ends, for so many milliseconds at most. */
export async function nextBytes(channel: Channel, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  channel.park(resolve);
  await promise;
  channel.unpark(resolve);
  clearTimeout(timer);
}
