import { type AudienceQuery, sortedAudience } from "./audience_json.ts";
import {
  type ChannelDetailJson,
  type LagJson,
  type ManagedChannelJson,
} from "./managed_json.ts";
import type { NodeAnswer } from "./context.ts";
import type { PlacedChannel } from "./node_answers.ts";

/**
 * Makes one channel of what each server knows of it: as the server with its broadcaster describes it, with the watchers
 * of all.
 *
 * @param answers What the servers answered; what is none is ignored.
 */
export function mergedChannels(
  answers: readonly NodeAnswer[],
): ManagedChannelJson[] {
  const byName = new Map<string, PlacedChannel<ManagedChannelJson>[]>();
  for (const placed of answers.flatMap(placedIn)) {
    const { user, channel } = placed.channel;
    const key = JSON.stringify([user, channel]);
    byName.set(key, [...byName.get(key) ?? [], placed]);
  }
  return [...byName.values()].map(merged);
}

/** The same of one channel, with its watchers; `undefined` where no server has it. */
export function mergedDetail(
  answers: readonly NodeAnswer[],
  query: AudienceQuery,
): ChannelDetailJson | undefined {
  const placed = answers.flatMap(placedIn) as PlacedChannel<
    ChannelDetailJson
  >[];
  if (placed.length === 0) return undefined;
  const audience = placed.flatMap(({ channel: { audience = [], node } }) =>
    node === undefined ? audience : audience.map((each) => ({ ...each, node }))
  );
  return { ...merged(placed), audience: sortedAudience(audience, query) };
}

function merged<T extends ManagedChannelJson>(
  placed: readonly PlacedChannel<T>[],
): T {
  const { channel } = placed.find(({ isOwner }) => isOwner) ?? placed[0]!;
  if (placed.length === 1) return channel;
  const all = placed.map((each) => each.channel);
  const sum = (of: "watchers" | "skips"): number =>
    all.reduce((total, each) => total + each[of], 0);
  const advice = new Map(
    all.toReversed().flatMap((each) => each.advice)
      .map((each) => [each.code, each]),
  );
  return {
    ...channel,
    ...{ watchers: sum("watchers"), skips: sum("skips") },
    lag: mergedLag(all),
    advice: [...advice.values()],
  };
}

/**
 * The median is that of the server in the middle, by its watchers; the others are those of the server where they are
 * largest. Half, and 99 of 100, of all watchers are not behind by more than that in most cases, and never by much more.
 */
function mergedLag(channels: readonly ManagedChannelJson[]): LagJson | null {
  const known = channels.flatMap(({ lag, watchers }) =>
    lag ? [{ lag, watchers }] : []
  ).sort((a, b) => a.lag.median - b.lag.median);
  if (known.length === 0) return null;
  const half = known.reduce((sum, { watchers }) => sum + watchers, 0) / 2;
  let counted = 0;
  const middle = known.find(({ watchers }) => (counted += watchers) >= half);
  return {
    median: (middle ?? known[0]!).lag.median,
    p99: Math.max(...known.map(({ lag }) => lag.p99)),
    max: Math.max(...known.map(({ lag }) => lag.max)),
  };
}

/** The channels of an answer, with the name of the server. */
function placedIn(
  { node, answer }: NodeAnswer,
): PlacedChannel<ManagedChannelJson>[] {
  const placed = (Array.isArray(answer) ? answer : [answer]).filter(isPlaced);
  if (node === undefined) return placed;
  return placed.map(({ isOwner, channel }) => ({
    isOwner,
    channel: { ...channel, node },
  }));
}

/** Whether an answer has what is worked with here; its other fields are handed on as they are. */
function isPlaced(
  value: unknown,
): value is PlacedChannel<ManagedChannelJson> {
  if (!isObject(value) || !isObject(value.channel)) return false;
  const { user, channel, watchers, skips, lag, advice, audience = [] } =
    value.channel;
  return typeof user === "string" && typeof channel === "string" &&
    areFigures(watchers, skips) &&
    (lag === null ||
      isObject(lag) && areFigures(lag.median, lag.p99, lag.max)) &&
    areObjects(advice) && areObjects(audience);
}

function areFigures(...values: unknown[]): boolean {
  return values.every(Number.isFinite);
}

function areObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every(isObject);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
