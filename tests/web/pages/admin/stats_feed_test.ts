import { assertEquals, assertInstanceOf } from "@std/assert";
import { Api, ApiError } from "../../../../lib/web/pages/admin/api.js";
import { StatsFeed } from "../../../../lib/web/pages/admin/stats_feed.js";

/** Milliseconds without an event that the feed bears; shorter waits come before a retry. */
const SILENCE_MS = 10_000;

/** Makes the waits before retries end at once, and records them in milliseconds, until it is disposed of. */
class Retries implements Disposable {
  readonly waits: number[] = [];
  readonly #real = setTimeout;

  constructor() {
    globalThis.setTimeout = ((callback: () => void, ms = 0) => {
      if (ms >= SILENCE_MS) return this.#real(callback, ms);
      this.waits.push(ms);
      return this.#real(callback);
    }) as unknown as typeof setTimeout;
  }

  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#real;
  }
}

/** What a server answers: a body of events, a refusal, or that it cannot be reached. */
type Answer = string | ApiError | TypeError;

/** Follows a server with these answers, one for each connection, until a number of things were told. */
async function followed(
  answers: readonly Answer[],
  count: number,
): Promise<string[]> {
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const tell = (what: string): void => {
    told.push(what);
    if (told.length === count) resolve();
  };
  const left = [...answers];
  const api = {
    open(): Promise<Response> {
      const answer = left.shift() ?? new TypeError("Failed to fetch");
      return typeof answer === "string"
        ? Promise.resolve(new Response(answer))
        : Promise.reject(answer);
    },
  } as unknown as Api;
  const feed = new StatsFeed(api, {
    onOpen: () => tell("open"),
    onStats: (channels) => tell(`stats ${channels.length}`),
    onLost: (reason) => tell(`lost: ${reason}`),
    onRefused: ({ message }) => tell(`refused: ${message}`),
  });
  feed.open();
  await promise;
  feed.close();
  return told;
}

const STATS = 'event: stats\ndata: {"channels":[{}]}\n\n';

Deno.test("StatsFeed hands on figures, and connects again when the server ends the stream", async () => {
  using retries = new Retries();
  const told = await followed([STATS + STATS, STATS], 5);
  assertEquals(told, ["open", "stats 1", "stats 1", "open", "stats 1"]);
  assertEquals(retries.waits, [1000]);
});

Deno.test("StatsFeed tells what is lost, and skips what is no figure", async () => {
  using retries = new Retries();
  const lost = 'event: lost\ndata: {"event":"lost","count":3}\n\n';
  assertEquals(
    await followed([lost + STATS, new TypeError("Failed to fetch"), STATS], 5),
    ["open", "stats 1", "lost: Failed to fetch", "open", "stats 1"],
  );
  assertEquals(retries.waits, [1000, 2000]);
});

Deno.test("StatsFeed does not repeat a password that was never accepted", async () => {
  for (const status of [401, 503]) {
    const refusal = new ApiError(status, "access denied");
    assertEquals(await followed([refusal], 1), ["refused: access denied"]);
  }
});

Deno.test("StatsFeed ends when a password is no longer accepted, but outlasts a busy server", async () => {
  using retries = new Retries();
  const busy = new ApiError(503, "busy");
  const denied = new ApiError(401, "access denied");
  assertEquals(await followed([STATS, busy, STATS, denied], 6), [
    ...["open", "stats 1", "lost: busy", "open", "stats 1"],
    "refused: access denied",
  ]);
  assertEquals(retries.waits, [1000, 2000, 1000]);
});

Deno.test("Api signs in with any characters, and lets no browser ask for a password", async () => {
  const { fetch } = globalThis;
  const asked: [string, RequestInit][] = [];
  globalThis.fetch = (path, init) => {
    asked.push([String(path), init!]);
    const response = asked.length === 1
      ? Response.json({ ok: true })
      : new Response("this is another user's channel\n", { status: 403 });
    return Promise.resolve(response);
  };
  try {
    const api = new Api({ user: "fiér", password: "pä:ss 日" });
    assertEquals(await api.ask("/api/x", "POST"), { ok: true });
    const [[path, init]] = asked as [[string, RequestInit]];
    const { authorization } = init.headers as Record<string, string>;
    const pair = Uint8Array.fromBase64(authorization!.slice("Basic ".length));
    assertEquals(new TextDecoder().decode(pair), "fiér:pä:ss 日");
    assertEquals([path, init.method, init.credentials], [
      ...["/api/x", "POST", "omit"],
    ]);
    const error = await api.ask("/api/y").catch((error) => error);
    assertInstanceOf(error, ApiError);
    assertEquals(
      [error.status, error.message],
      [403, "this is another user's channel"],
    );
  } finally {
    globalThis.fetch = fetch;
  }
});
