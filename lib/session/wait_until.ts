import type { Channel } from "../hub/channel.ts";

/** Waits until a condition of a channel holds or the channel ends, for at most `ms` milliseconds. */
export async function waitUntil(
  channel: Channel,
  holds: () => boolean,
  ms: number,
): Promise<void> {
  const deadline = performance.now() + ms;
  for (;;) {
    const left = deadline - performance.now();
    if (holds() || channel.ended || left <= 0) return;
    await nextBytes(channel, left);
  }
}

/** Waits until a channel receives bytes or ends, for at most `ms` milliseconds. */
async function nextBytes(channel: Channel, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  channel.park(resolve);
  await promise;
  channel.unpark(resolve);
  clearTimeout(timer);
}
