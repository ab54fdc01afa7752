import type { Tickable } from "../clock/ticker.ts";
import { STATS_EVENT } from "../config/event_names.ts";
import type { WebContext } from "../web/context.ts";
import { managedChannelJson } from "../web/managed_json.ts";
import type { EventHook } from "./event_hook.ts";

/** Milliseconds between two posts: what a dashboard shows, and little for a web server to take. */
export const STATS_POST_MS = 10_000;

/** Channels of a post, the most watched first: some 700 KB. */
const MAX_CHANNELS = 1000;

/** What the statistics are of. */
export type StatsContext =
  & Pick<WebContext, "hub" | "isListed">
  & { readonly now: () => number };

/** Posts what `GET /api/events` sends as `stats`, of all channels, while there are any, and once after that. */
export class StatsPost implements Tickable {
  readonly #hook: Pick<EventHook, "post">;
  readonly #context: StatsContext;
  #postedAt: number;
  #hadChannels = false;

  /** Makes one, to be added to a ticker. */
  constructor(hook: Pick<EventHook, "post">, context: StatsContext) {
    this.#hook = hook;
    this.#context = context;
    this.#postedAt = context.now();
  }

  /** Posts when it is time. */
  tick(): void {
    const { hub, isListed, now } = this.#context;
    if (now() - this.#postedAt < STATS_POST_MS) return;
    this.#postedAt = now();
    const channels = hub.channels();
    if (channels.length === 0 && !this.#hadChannels) return;
    this.#hadChannels = channels.length > 0;
    this.#hook.post(STATS_EVENT, {
      count: channels.length,
      channels: channels.sort((a, b) => b.watchers - a.watchers)
        .slice(0, MAX_CHANNELS)
        .map((channel) => managedChannelJson(channel, isListed)),
    });
  }
}
