import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { keysOf } from "../../../lib/cli/view/screen.ts";
import { widthOf } from "../../../lib/cli/view/table.ts";
import { TopState } from "../../../lib/cli/view/top_state.ts";
import {
  plainTop,
  sparkline,
  topLines,
} from "../../../lib/cli/view/top_view.ts";
import type { WatcherJson } from "../../../lib/web/audience_json.ts";
import type {
  ChannelDetailJson,
  ManagedChannelJson,
} from "../../../lib/web/managed_json.ts";

function channel(name: string, watchers = 2): ManagedChannelJson {
  return {
    ...{ user: "fier", channel: name, protected: false, state: "live" },
    ...{ since: new Date().toISOString(), container: "webm", mime: null },
    ...{ codecs: ["vp8"], video: true, width: 640, height: 360 },
    ...{ bitrate: 1_000_000, bytes: 5, watchers, keyframe_interval: 2 },
    ...{ gap: 0, linger: 0, id: "a".repeat(32), listed: true, skips: 0 },
    ...{ corruptions: 0, backlog: 5, max_lag: 5, max_lag_time: null },
    ...{ lag: { median: 0, p99: 2, max: 2 }, advice: [] },
  };
}

function watcher(id: number, lag: number): WatcherJson {
  return {
    ...{ id, protocol: "http", address: `192.0.2.1:${id}` },
    ...{ since: new Date().toISOString(), lag, lag_bytes: lag * 1000 },
    ...{ bitrate: 900_000, sent: 5, skips: 1, lost: 0 },
  };
}

/** A state with two channels, and two watchers of the first. */
function filled(): TopState {
  const state = new TopState();
  state.update([channel("a"), channel("b", 0)]);
  const audience = [watcher(7, 2), watcher(8, 0)];
  const detail: ChannelDetailJson = { ...channel("a"), audience };
  state.detail = detail;
  return state;
}

function press(state: TopState, ...keys: string[]): unknown {
  return keys.map((key) => state.press(key)).at(-1);
}

Deno.test("TopState chooses channels and watchers by keys, within the list", () => {
  const state = filled();
  assertEquals(state.channel?.channel, "a");
  assertEquals(press(state, "Down"), { do: "refresh" });
  assertEquals(state.channel?.channel, "b");
  press(state, "Down", "Down", "Up", "Up", "Up");
  assertEquals(state.channel?.channel, "a");
  press(state, "Tab", "Down", "Down");
  assertEquals(state.watcher?.id, 8);
  press(state, "Escape", "Down");
  assertEquals(state.channel?.channel, "b");
});

Deno.test("TopState keeps its choice when the lists change, and does without it when it is gone", () => {
  const state = new TopState("fier/b");
  state.update([channel("a"), channel("b")]);
  assertEquals(state.channel?.channel, "b");
  state.update([channel("0"), channel("b")]);
  assertEquals(state.channel?.channel, "b");
  state.update([channel("0")]);
  assertEquals(state.channel?.channel, "0");
  state.update([]);
  assertEquals([state.channel, press(state, "e", "y")], [undefined, undefined]);
});

Deno.test("TopState ends and kicks after a question only", () => {
  const state = filled();
  assertEquals(press(state, "e"), undefined);
  assertStringIncludes(state.prompt!, "End fier/a, with 2 watchers?");
  assertEquals(press(state, "n"), undefined);
  assertEquals(state.prompt, undefined);
  assertEquals(press(state, "y"), undefined);
  assertEquals(press(state, "e", "y"), { do: "end", channel: state.channel });
  assertEquals(press(state, "k", "y"), {
    do: "kick",
    channel: state.channel,
    watcher: state.watcher,
  });
  assertEquals(press(state, "k", "end"), { do: "quit" });
});

Deno.test("TopState asks about the channel that was chosen when the key was pressed", () => {
  const state = filled();
  press(state, "e");
  const asked = state.channel;
  state.update([channel("0")]);
  assertEquals(press(state, "y"), { do: "end", channel: asked });
});

Deno.test("TopState goes round the orders that the API knows", () => {
  const state = filled();
  const orders = Array.from({ length: 6 }, () => {
    assertEquals(press(state, "s"), { do: "refresh" });
    return state.sort;
  });
  assertEquals(orders, ["rate", "lost", "skips", "sent", "since", "lag"]);
});

Deno.test("topLines() fills exactly the screen, however small it is", () => {
  for (const columns of [1, 20, 80, 200]) {
    for (const rows of [1, 2, 5, 6, 10, 40]) {
      const lines = topLines(filled(), "here", { columns, rows });
      assertEquals(lines.length, rows, `${columns}x${rows}`);
      for (const { text } of lines) assert(widthOf(text) <= columns, text);
    }
  }
});

Deno.test("topLines() shows the totals, the channels, the chosen one's watchers and the keys", () => {
  const lines = topLines(filled(), "here", { columns: 120, rows: 12 });
  const texts = lines.map(({ text }) => text);
  assertMatch(texts[0]!, /here: 2 channels, 2 watchers, 2\.00 Mbit\/s in$/);
  assertMatch(
    texts[2]!,
    /^fier\/a +live +webm vp8 +640x360 .* 2\.0 s +0:00 +█$/,
  );
  assertMatch(texts[4]!, /^fier\/a: 2 watching, by lag, .* most 2\.0 s$/);
  assertMatch(texts[6]!, /^ +7 +192\.0\.2\.1:7 +http +2\.0 s +2\.00 kB/);
  assertMatch(texts[11]!, /q quit$/);
  assertEquals(lines[2]!.style, "reverse");
  assertEquals(lines[6]!.style, "bold");
});

Deno.test("topLines() says what costs the watchers of the chosen channel", () => {
  const state = filled();
  const advice = [{ code: "pauses", text: "media comes\x1b late" }] as const;
  state.update([{ ...channel("a"), advice }]);
  const lines = topLines(state, "", { columns: 80, rows: 12 });
  assertEquals(lines[4]!.text, "! media comes\\u001b late");
  assertEquals(lines.length, 12);
});

Deno.test("topLines() keeps the chosen row in sight of a long list", () => {
  const state = new TopState("fier/c150");
  state.update(
    Array.from({ length: 300 }, (_, i) => channel(`c${i}`)),
  );
  const lines = topLines(state, "", { columns: 80, rows: 24 });
  const row = lines.find(({ style }) => style === "reverse");
  assertStringIncludes(row!.text, "fier/c150 ");
});

Deno.test("plainTop() has both tables without controls", () => {
  const state = filled();
  state.update([channel("\x1b[2J")]);
  const text = plainTop(state);
  assertMatch(text, /^CHANNEL .*\n.*\\u001b\[2J/);
  assertMatch(text, /\nWATCHER +ADDRESS .*\n +7 .*\n +8 /);
  // deno-lint-ignore no-control-regex -- There must be none.
  assert(!/[\x00-\x09\x0b-\x1f]/.test(text));
});

Deno.test("sparkline() draws the highest value as a full block", () => {
  assertEquals(sparkline([0, 1, 2, 4, 8]), "▁▂▃▅█");
  assertEquals(sparkline([0, 0]), "▁▁");
  assertEquals(sparkline([]), "");
});

Deno.test("keysOf() names keys, and ignores those that it does not know", () => {
  assertEquals(keysOf("q\x1b[A\x1b[B\x1bOA\t\rk\x1b[5~\x1b[1;5C\x03"), [
    ...["q", "Up", "Down", "Up", "Tab", "Enter", "k", "q"],
  ]);
  assertEquals(keysOf("\x1b"), ["Escape"]);
  assertEquals(keysOf("é😀"), ["é", "😀"]);
});

Deno.test("topLines() and plainTop() name the servers of a cluster, and those that did not answer", () => {
  const state = filled();
  state.update([{ ...channel("a"), node: "n0" }, channel("b", 0)]);
  state.detail = {
    ...channel("a"),
    audience: [{ ...watcher(7, 2), node: "n1" }],
  };
  state.unanswered = ["n2", "n\x1b3"];
  const size = { columns: 120, rows: 30 };
  const drawn = topLines(state, "", size).map(({ text }) => text).join("\n");
  for (const text of [drawn, plainTop(state)]) {
    assertMatch(text, /^CHANNEL .* NODE/m);
    assertMatch(text, /^fier\/a .* n0/m);
    assertMatch(text, /^ *7 .* n1$/m);
    assertMatch(text, /^! no answer from n2, n\\u001b3, whose watchers/m);
  }
  assertEquals(plainTop(filled()).includes("NODE"), false);
});
