import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Channel } from "../../lib/hub/channel.ts";
import { LAG_BUCKETS_S } from "../../lib/web/lag_histogram.ts";
import { MAX_LABELLED_CHANNELS } from "../../lib/web/metrics.ts";
import { HttpScene } from "../session/http_scene.ts";

/** One line of figures: a name, its labels, a number. */
interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** What a scrape understands of the text format 0.0.4; it throws where the text breaks its grammar. */
class Scrape {
  readonly samples: Sample[] = [];
  readonly types: Map<string, string> = new Map();
  readonly #helped: Set<string> = new Set();

  constructor(text: string) {
    assert(text.endsWith("\n"), "the last line must end");
    for (const line of text.slice(0, -1).split("\n")) this.#read(line);
  }

  /** The number of the one sample of a name and, where given, labels. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const found = this.named(name).filter(({ labels: has }) =>
      Object.entries(labels).every(([key, value]) => has.get(key) === value)
    );
    assertEquals(found.length, 1, name);
    return found[0]!.value;
  }

  named(name: string): Sample[] {
    return this.samples.filter((sample) => sample.name === name);
  }

  #read(line: string): void {
    const [, kind, name = "", text = ""] =
      /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") return void this.#helped.add(name);
    if (kind === "TYPE") {
      assertMatch(text, /^(gauge|counter|histogram)$/);
      assert(!this.types.has(name), `${name} has two types`);
      this.types.set(name, text);
      return;
    }
    const match = /^([a-z_]+)(\{.*\})? (\d+(?:\.\d+)?(?:e[+-]\d+)?)$/.exec(
      line,
    );
    assert(match, `not a line of the format: ${line}`);
    const sample = match[1]!;
    const base = sample.replace(/_(?:bucket|sum|count)$/, "");
    const family = this.types.get(base) === "histogram" ? base : sample;
    assert(this.#helped.has(family) && this.types.has(family), sample);
    const labels = labelsOf(match[2] ?? "{}");
    this.samples.push({ name: sample, labels, value: Number(match[3]) });
  }
}

function labelsOf(text: string): Map<string, string> {
  const labels = new Map<string, string>();
  let rest = text.slice(1, -1);
  while (rest !== "") {
    const match = /^([a-z_]+)="((?:[^"\\]|\\[\\n"])*)"(?:,|$)/.exec(rest);
    assert(match, `not labels: ${rest}`);
    labels.set(match[1]!, unescaped(match[2]!));
    rest = rest.slice(match[0].length);
  }
  return labels;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, char) => char === "n" ? "\n" : char);
}

/** Adds watchers that read nothing, until the result is disposed of. */
function join({ hub }: HttpScene, channel: Channel, count: number): Disposable {
  const places = new DisposableStack();
  for (let i = 0; i < count; i++) {
    const watcher = hub.join(channel, { start: "join", burst: undefined });
    places.defer(() => watcher.leave());
  }
  return places;
}

async function scrape(scene: HttpScene): Promise<Scrape> {
  const response = await scene.ask("/metrics");
  const type = "text/plain; version=0.0.4; charset=utf-8";
  assertEquals(response.headers.get("content-type"), type);
  return new Scrape(await response.text());
}

Deno.test("createMetrics() counts channels, watchers and bytes", async () => {
  await using scene = new HttpScene();
  const broadcast = scene.live("a", "", 10);
  broadcast.append(new Uint8Array(25));
  scene.live("b").end("broken");
  const watch = await scene.ask("/fier/a?start=oldest");
  const reader = watch.body!.getReader();
  await reader.read();
  const figures = await scrape(scene);
  assertEquals(figures.value("fstream_build_info", { version: "1.2.3" }), 1);
  assertEquals(figures.value("fstream_channels", { state: "live" }), 1);
  assertEquals(figures.value("fstream_channels", { state: "held" }), 1);
  assertEquals(figures.value("fstream_watchers"), 1);
  assertEquals(figures.value("fstream_received_bytes_total"), 25);
  assertEquals(figures.value("fstream_sent_bytes_total"), 25);
  assertEquals(figures.value("fstream_skips_total"), 0);
  assert(figures.value("fstream_backlog_bytes") >= 25);
  assert(figures.value("process_resident_memory_bytes") > 1_000_000);
  const { memory } = scene.hub;
  for (const [kind, bytes] of Object.entries(memory.held)) {
    assertEquals(figures.value("fstream_memory_bytes", { kind }), bytes);
  }
  assert(figures.value("fstream_memory_bytes", { kind: "session" }) > 0);
  const limit = figures.value("fstream_memory_limit_bytes");
  assertEquals(limit, memory.limitBytes);
  assertEquals(figures.value("fstream_event_loop_delay_seconds"), 0.5);
  const own = { user: "fier", channel: "a" };
  assertEquals(figures.value("fstream_channel_watchers", own), 1);
  await reader.cancel();
});

Deno.test("createMetrics() names counters _total and tells units", async () => {
  await using scene = new HttpScene();
  const { types } = await scrape(scene);
  for (const [name, type] of types) {
    assertEquals(name.endsWith("_total"), type === "counter", name);
    if (/size|memory|backlog|received|sent/.test(name)) {
      assertMatch(name, /_(bytes|bits_per_second)(_total)?$/);
    }
    if (/gap|age|time|delay/.test(name)) assertMatch(name, /_seconds$/);
  }
});

Deno.test("createMetrics() has a histogram of the lag per channel, and none per watcher", async () => {
  await using scene = new HttpScene();
  scene.live("a", "", 10).append(new Uint8Array(25));
  scene.live("secret", "456", 10).append(new Uint8Array(25));
  const watches = await Promise.all(
    ["a", "a", "secret?channel-password=456"].map((path) =>
      scene.ask(`/fier/${path}`)
    ),
  );
  await scrape(scene);
  const figures = await scrape(scene);
  const name = "fstream_watcher_lag_seconds";
  assertEquals(figures.types.get(name), "histogram");
  const count = (channel: string): number =>
    figures.value(`${name}_count`, { channel });
  assertEquals([count("a"), count("")], [4, 2], "two scrapes");
  const all = { channel: "a", le: "+Inf" };
  assertEquals(figures.value(`${name}_bucket`, all), 4);
  const buckets = figures.named(`${name}_bucket`).map(({ value }) => value);
  assertEquals(buckets.length, 2 * (LAG_BUCKETS_S.length + 1));
  assertEquals(
    figures.value("fstream_channel_skips_total", { channel: "a" }),
    0,
  );
  for (const watch of watches) await watch.body?.cancel();
});

Deno.test("createMetrics() escapes names, whatever is in them", async () => {
  await using scene = new HttpScene();
  const names = ['"} 1\nfstream_watchers 9', "back\\slash", "a,b={}", "käse😀"];
  for (const name of names) scene.live(name);
  const samples = (await scrape(scene)).named("fstream_channel_watchers");
  const told = samples.map(({ labels }) => labels.get("channel"));
  assertEquals(told, names);
});

Deno.test("createMetrics() bounds the channels that have lines of their own", async () => {
  await using scene = new HttpScene({ hub: { watchersPerChannel: 7 } });
  const count = MAX_LABELLED_CHANNELS + 5;
  for (let i = 0; i < count; i++) scene.live(`c${i}`);
  using _watchers = join(scene, scene.hub.channels().at(-1)!, 7);
  const figures = await scrape(scene);
  const lines = figures.named("fstream_channel_watchers");
  const labelled = lines.filter(({ labels }) => labels.get("channel") !== "");
  assertEquals(labelled.length, MAX_LABELLED_CHANNELS);
  assertEquals(lines.length, labelled.length + 1, "the others are one");
  assertEquals(lines[0]?.value, 7, "the most watched come first");
  assertEquals(figures.value("fstream_channels", { state: "live" }), count);
  assertEquals(figures.value("fstream_watchers"), 7);
});

Deno.test("createMetrics() aggregates protected and unlisted channels under empty labels", async () => {
  const isListed = (_: string, channel: string): boolean =>
    channel !== "hidden";
  const hub = { watchersPerChannel: 4 };
  await using scene = new HttpScene({ isListed, hub });
  using places = new DisposableStack();
  for (
    const [name, password, watchers] of [
      ["open", "", 1],
      ["secret", "456", 2],
      ["hidden", "", 4],
    ] as const
  ) {
    places.use(join(scene, scene.live(name, password).channel, watchers));
  }
  const text = await (await scene.ask("/metrics")).text();
  assert(!/secret|hidden/.test(text), "a name that must not be there");
  const samples = new Scrape(text).named("fstream_channel_watchers");
  assertEquals(
    samples.map(({ labels, value }) => [labels.get("channel"), value]),
    [
      ["open", 1],
      ["", 6],
    ],
  );
  const list = await (await scene.ask("/api/channels")).text();
  assert(!list.includes("hidden"), "an unlisted channel is listed");
});

Deno.test("GET of metrics and list asks for the operator's token, where one is set", async () => {
  await using scene = new HttpScene({ bearers: { api: "a1", metrics: "m1" } });
  for (
    const [path, token, other] of [["/api/channels", "a1", "m1"], [
      "/metrics",
      "m1",
      "a1",
    ]] as const
  ) {
    for (
      const [authorization, status] of [
        [undefined, 401],
        [`Bearer ${other}`, 401],
        [`Basic ${btoa(`:${token}`)}`, 401],
        [`Bearer ${token}`, 200],
      ] as const
    ) {
      const headers: HeadersInit = authorization ? { authorization } : {};
      const response = await scene.ask(path, { headers });
      assertEquals(response.status, status, `${path} ${authorization}`);
      const challenge = response.headers.get("www-authenticate");
      assertEquals(challenge, status === 401 ? "Bearer" : null);
      await response.body?.cancel();
    }
  }
  assertEquals((await scene.ask("/healthz")).status, 200);
});
