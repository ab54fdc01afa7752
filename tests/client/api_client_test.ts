import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ApiClient, type ApiOptions } from "../../lib/client/api_client.ts";
import { ConnectionError } from "../../lib/client/connection_error.ts";
import { Refusal } from "../../lib/errors.ts";

/** A server of the test's own, and a client of it. */
async function asked<T>(
  answer: (request: Request) => Response | Promise<Response>,
  run: (api: ApiClient) => Promise<T>,
  options: Partial<ApiOptions> = {},
): Promise<T> {
  const silent = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(silent, answer);
  using api = await ApiClient.open({
    addresses: [{ host: "127.0.0.1", port: server.addr.port }],
    signal: new AbortController().signal,
    ...options,
  });
  return await run(api);
}

Deno.test("ApiClient.ask() sends who signs in, and reads JSON", async () => {
  const seen: (string | null)[] = [];
  const answer = (request: Request): Response => {
    seen.push(request.headers.get("authorization"), request.method);
    return Response.json({ path: new URL(request.url).pathname });
  };
  const credentials = { user: "fiér", password: "p:w" };
  const body = await asked(
    answer,
    (api) => api.ask("/api/x%2Fy", "POST"),
    { credentials },
  );
  assertEquals(body, { path: "/api/x%2Fy" });
  const pair = new TextEncoder().encode("fiér:p:w").toBase64();
  assertEquals(seen, [`Basic ${pair}`, "POST"]);
});

Deno.test("ApiClient.ask() turns a status into the refusal that it means", async () => {
  for (
    const [status, code] of [
      [400, "bad-request"],
      [401, "denied"],
      [403, "forbidden"],
      [404, "not-live"],
      [500, "server"],
    ] as const
  ) {
    const error = await assertRejects(
      () =>
        asked(
          () => new Response("so it is\n", { status }),
          (api) => api.ask("/"),
        ),
      Refusal,
    );
    assertEquals([error.code, error.message], [code, "so it is"]);
  }
});

/** Answers that no fstream server gives. */
const FOREIGN: Readonly<Record<string, () => Response>> = {
  "HTML": () => new Response("<html>"),
  "an unknown status": () => new Response("tea", { status: 418 }),
  "an address that is not there": () =>
    new Response("not found\n", { status: 404 }),
  "a redirect": () => Response.redirect("http://example.org/"),
  "an endless answer": () =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(1_000_000)),
      }),
    ),
};

for (const [name, answer] of Object.entries(FOREIGN)) {
  Deno.test(`ApiClient.ask() does not take ${name} for an answer`, async () => {
    const error = await assertRejects(
      () => asked(answer, (api) => api.ask("/")),
      ConnectionError,
    );
    assertEquals(error.problem, "http");
  });
}

Deno.test("ApiClient.ask() says why there is no connection", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  for (
    const [host, named] of [
      ["127.0.0.1", "127.0.0.1"],
      ["", "127.0.0.1"],
      ["localhost", "localhost"],
    ] as const
  ) {
    using api = await ApiClient.open({
      addresses: [{ host, port }],
      signal: new AbortController().signal,
    });
    const error = await assertRejects(() => api.ask("/"), ConnectionError);
    assertEquals(error.problem, "refused");
    assertMatch(error.message, /^Cannot connect to [\w.]+:\d+: Connection/);
    assert(error.message.includes(` ${named}:${port}:`), error.message);
  }
});

Deno.test("ApiClient.ask() tries one server after the other, and stays with the one that answers", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  let requests = 0;
  const silent = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(silent, () => Response.json(++requests));
  using api = await ApiClient.open({
    addresses: [port, server.addr.port].map((port) => ({
      host: "127.0.0.1",
      port,
    })),
    signal: new AbortController().signal,
  });
  assertEquals([await api.ask("/"), await api.ask("/")], [1, 2]);
});

Deno.test("ApiClient.follow() yields the data of each event, however it is cut", async () => {
  const text = 'event: a\ndata: {"n":1}\n\n:\n\nevent: b\ndata: {"n":"ü"}\n\n';
  const bytes = new TextEncoder().encode(text);
  const body = ReadableStream.from(
    [...bytes].map((_, at) => bytes.subarray(at, at + 1)),
  );
  const headers = { "content-type": "text/event-stream" };
  const events = await asked(
    () => new Response(body, { headers }),
    (api) => Array.fromAsync(api.follow("/api/events")),
  );
  assertEquals(events, [{ n: 1 }, { n: "ü" }]);
});

Deno.test("ApiClient.follow() refuses what is no stream of events, as web servers answer", async () => {
  for (const body of ["<p>hello", "", null]) {
    const error = await assertRejects(
      () =>
        asked(
          () => new Response(body),
          (api) => Array.fromAsync(api.follow("/api/events")),
        ),
      ConnectionError,
    );
    assertMatch(error.message, /no stream of events/);
  }
});

Deno.test("ApiClient ends when it is told to", async () => {
  const controller = new AbortController();
  const error = await assertRejects(() =>
    asked(
      ({ signal }) => {
        controller.abort(new Error("enough"));
        // Its client is gone then.
        return new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve(new Response()))
        );
      },
      (api) => api.ask("/"),
      { signal: controller.signal },
    )
  );
  assertEquals(String(error), "Error: enough");
});
