import { assertEquals } from "@std/assert";
import { History, SPAN_S } from "../../../../lib/web/pages/admin/history.js";

type Channel = Parameters<History["add"]>[0][number];

/** The figures of a channel of fier's. */
function figures(channel: string, bitrate: number): Channel {
  const lag = { median: 0, p99: 1, max: 2 };
  return {
    ...{ user: "fier", channel, bitrate, watchers: 1, lag },
  } as Channel;
}

function rates(history: History, channel: string): number[] {
  return history.of({ user: "fier", channel }).map(({ bitrate }) => bitrate);
}

Deno.test("History has the figures of each channel, oldest first", () => {
  const history = new History();
  history.add([figures("a", 1), figures("b", 10)], 0);
  history.add([figures("b", 11), figures("a", 2)], 1);
  assertEquals(rates(history, "a"), [1, 2]);
  assertEquals(rates(history, "b"), [10, 11]);
  assertEquals(rates(history, "c"), []);
  const [{ at, watchers, lag }] = [
    ...history.of({ user: "fier", channel: "a" }),
  ] as [ReturnType<History["of"]>[number]];
  assertEquals([at, watchers, lag?.max], [0, 1, 2]);
});

Deno.test("History forgets what is older than its span, and channels that are gone", () => {
  const history = new History();
  history.add([figures("a", 1), figures("gone", 9)], 0);
  history.add([figures("a", 2)], SPAN_S / 2);
  history.add([figures("a", 3)], SPAN_S);
  assertEquals(rates(history, "a"), [1, 2, 3]);
  assertEquals(rates(history, "gone"), [9]);
  history.add([figures("a", 4)], SPAN_S + 1);
  assertEquals(rates(history, "a"), [2, 3, 4]);
  assertEquals(rates(history, "gone"), []);
});
