import { assertEquals } from "@std/assert";
import type { NodeAnswer } from "../../lib/web/context.ts";
import type { ManagedChannelJson } from "../../lib/web/managed_json.ts";
import { mergedChannels, mergedDetail } from "../../lib/web/merged_channels.ts";

/** What a server answers about a channel. */
function answer(
  node: string,
  isOwner: boolean,
  watchers: number,
  more: Readonly<Record<string, unknown>> = {},
): NodeAnswer {
  const channel = {
    ...{ user: "fier", channel: "hall", skips: watchers, advice: [] },
    ...{ watchers, lag: null, bitrate: isOwner ? 8000 : 0 },
    ...more,
  };
  return { node, answer: { isOwner, channel } };
}

function lag(
  median: number,
  p99: number,
  max: number,
): Readonly<Record<string, unknown>> {
  return { lag: { median, p99, max } };
}

Deno.test("mergedChannels() describes a channel as its owner does, with the watchers of all", () => {
  const code = { code: "bit-rate" as const };
  const advice = [{ ...code, text: "there" }];
  const [merged, other, ...more] = mergedChannels([
    answer("a", false, 2, { ...lag(1, 2, 9), advice }),
    answer("b", true, 5, { advice: [{ ...code, text: "here" }] }),
    { node: "c", answer: [answer("", true, 1, { channel: "yard" }).answer] },
    answer("d", false, 10, lag(3, 4, 5)),
  ]);
  const { node, watchers, skips, bitrate } = merged!;
  assertEquals([node, watchers, skips, bitrate], ["b", 17, 17, 8000]);
  assertEquals(merged!.lag, { median: 3, p99: 4, max: 9 });
  assertEquals(merged!.advice.length, 1);
  assertEquals([other!.channel, other!.node, more], ["yard", "c", []]);
});

Deno.test("mergedDetail() sorts the watchers of all servers, and cuts the list", () => {
  const audience = (...lags: number[]): Readonly<Record<string, unknown>> => ({
    audience: lags.map((lag, id) => ({ id, lag })),
  });
  const detail = mergedDetail([
    answer("a", true, 2, audience(5, 1)),
    answer("b", false, 2, audience(7, 3)),
  ], { sort: "lag", limit: 3 })!;
  assertEquals(
    detail.audience.map(({ lag, node }) => [lag, node]),
    [[7, "b"], [5, "a"], [3, "b"]],
  );
  assertEquals(detail.watchers, 4);
  assertEquals(mergedDetail([], { sort: "lag", limit: 3 }), undefined);
});

Deno.test("answers are left out in which something that is merged is missing or malformed", () => {
  const own = { ...answer("", true, 3), node: undefined };
  const query = { sort: "lag", limit: 9 };
  const advice = { code: "pauses", text: "there" };
  for (
    const more of [
      { advice: [null] },
      { advice: "pauses" },
      { audience: 7 },
      { audience: [null] },
      { audience: "none" },
      { lag: true },
      { lag: { median: 1, p99: "x", max: null } },
      { lag: undefined },
      { skips: "3" },
      { skips: undefined },
      { watchers: JSON.parse("1e999") },
    ]
  ) {
    const bad = answer("b", false, 2, { advice: [advice], ...more });
    const name = JSON.stringify(more);
    assertEquals(mergedChannels([own, bad])[0]?.watchers, 3, name);
    assertEquals(mergedDetail([own, bad], query)?.watchers, 3, name);
  }
});

Deno.test("one server alone has no node, and what is malformed is left out", () => {
  const alone = { ...answer("", true, 3), node: undefined };
  const [channel] = mergedChannels([
    alone,
    ...[null, 7, "x", {}, { channel: 1 }, { channel: { user: 1 } }, [[]]]
      .map((answer) => ({ node: "b", answer })),
  ]) as [ManagedChannelJson];
  assertEquals("node" in channel, false);
  assertEquals(channel.watchers, 3);
});
