import { assertRejects } from "@std/assert";
import type { Broadcast } from "../../lib/hub/broadcast.ts";
import {
  type BroadcastClaim,
  Hub,
  type HubOptions,
  type WatchWish,
} from "../../lib/hub/hub.ts";
import { Refusal, type RefusalCode } from "../../lib/errors.ts";
import { chunkTracker } from "../../lib/media/raw.ts";

/** A hub, and the events that it logged. */
export interface Scene {
  readonly hub: Hub;
  readonly events: string[];
  /** Closes the hub, so that no timer stays. */
  [Symbol.dispose](): void;
}

/**
 * Makes a hub.
 *
 * @param options Bounds that are to be different.
 */
export function scene(options: Partial<HubOptions> = {}): Scene {
  const events: string[] = [];
  const hub = new Hub({
    backlogBytes: 1,
    graceSeconds: 60,
    channelsPerUser: 2,
    watchersPerChannel: 2,
    burstSeconds: 0,
    sameSecret: (a, b) => a === b,
    now: () => 0,
    ...options,
  }, { log: (event) => void events.push(event) });
  return { hub, events, [Symbol.dispose]: () => hub.close() };
}

/** The claim of a broadcaster, with what is to be different. */
export function claim(changes: Partial<BroadcastClaim> = {}): BroadcastClaim {
  return {
    user: "fier",
    channel: "default",
    channelPassword: "",
    hold: 0,
    tracker: chunkTracker(0),
    onRevoked: (): void => {},
    ...changes,
  };
}

/** The wish of a watcher, with what is to be different. */
export function wish(changes: Partial<WatchWish> = {}): WatchWish {
  return {
    user: "fier",
    channel: "default",
    channelPassword: "",
    wait: 0,
    start: "join",
    burst: 0,
    signal: new AbortController().signal,
    ...changes,
  };
}

/** Puts bytes on the air. */
export function send(broadcast: Broadcast, ...values: number[]): void {
  broadcast.append(new Uint8Array(values));
}

/** The code of a refusal. */
export function codeOf(error: unknown): RefusalCode | undefined {
  return error instanceof Refusal ? error.code : undefined;
}

/** Code and words of the refusal that is awaited. */
export async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => promise, Refusal);
  return `${codeOf(error)}: ${error.message}`;
}
