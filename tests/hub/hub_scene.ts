import { assertRejects } from "@std/assert";
import type { Publisher } from "../../lib/hub/publisher.ts";
import {
  Hub,
  type HubOptions,
  type JoinOptions,
  type PublishOptions,
  type WaitOptions,
  type Watcher,
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
 * Creates a hub.
 *
 * @param options Limits that differ from the default.
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

/** What a broadcaster asks for, with what differs from the default. */
export function publishOptions(
  changes: Partial<PublishOptions> = {},
): PublishOptions {
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

/** What a watcher waits for, with what differs from the default. */
export function waitOptions(changes: Partial<WaitOptions> = {}): WaitOptions {
  return {
    user: "fier",
    channel: "default",
    wait: 0,
    signal: new AbortController().signal,
    ...changes,
  };
}

/** Waits for a channel and joins it, as a session does that need not ask for a password. */
export async function watch(
  hub: Hub,
  changes: Partial<WaitOptions & JoinOptions> = {},
): Promise<Watcher> {
  const { channel, since } = await hub.waitFor(waitOptions(changes));
  return hub.join(channel, { start: "join", burst: 0, since, ...changes });
}

/** Publishes bytes. */
export function send(publisher: Publisher, ...values: number[]): void {
  publisher.append(new Uint8Array(values));
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
