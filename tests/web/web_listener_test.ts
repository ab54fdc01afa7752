import { assert, assertEquals, assertRejects } from "@std/assert";
import { WebListener } from "../../lib/web/web_listener.ts";
import { eventually } from "../helpers/eventually.ts";

/** Milliseconds between two tries of a listener that failed. */
const REVIVE_MS = 100;

/** What no server can be started with. */
const UNUSABLE = { cert: "no certificate", key: "no key" };

/** A listener on loopback that answers each request with `ok`, and whose failures are kept. */
function listen(): [WebListener, unknown[]] {
  const failures: unknown[] = [];
  const listener = new WebListener({ host: "127.0.0.1", port: 0 }, {
    handler: () => new Response("ok"),
    failed: (error) => failures.push(error),
  });
  return [listener, failures];
}

async function answerOf({ address }: WebListener): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${address.port}/`, {
    headers: { connection: "close" },
  });
  return await response.text();
}

Deno.test("WebListener.renew() keeps the port, and answers go on", async () => {
  const [listener, failures] = listen();
  assertEquals(await answerOf(listener), "ok");
  await Promise.all([listener.renew(), listener.renew()]);
  assertEquals(await answerOf(listener), "ok");
  await listener.close();
  assertEquals(failures, []);
});

Deno.test("WebListener that could not begin anew goes on trying, at a measured pace, until it is closed", async () => {
  const [listener, failures] = listen();
  const began = performance.now();
  await assertRejects(() => listener.renew(UNUSABLE));
  await eventually("it tries again", () => failures.length >= 3);
  // A busy machine makes it slower, and nothing makes it faster.
  assert(failures.length - 1 <= (performance.now() - began) / REVIVE_MS);
  await listener.close();
  const count = failures.length;
  await new Promise((resolve) => setTimeout(resolve, 3 * REVIVE_MS));
  assertEquals(failures.length, count);
});
