import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { AuthRequest } from "../../../lib/auth/authenticate.ts";
import { webhookMethod } from "../../../lib/auth/methods/webhook.ts";
import { buildConfig } from "../../../lib/config/config.ts";
import { Refusal, UsageError } from "../../../lib/errors.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { startServer } from "../../../lib/server/server.ts";
import { RawPeer, requestBytes } from "../../helpers/raw_peer.ts";
import { WebHook } from "../../helpers/web_hook.ts";

const REQUEST: AuthRequest = {
  verb: "broadcast",
  user: "fier",
  channel: "größer",
  password: "a;b#c=d",
  channelPassword: "größe,r",
  remote: "192.0.2.1:5000",
  protocol: "fstream2",
};

function status(code: number): Response {
  return new Response(code === 204 ? null : "text", { status: code });
}

Deno.test("webhookMethod() posts the whole request and is allowed by any 2xx", async () => {
  for (const code of [200, 201, 204, 299]) {
    await using hook = new WebHook(() => status(code));
    assertEquals(await webhookMethod(hook.url)(REQUEST), { allow: true });
    assertEquals(hook.posted, [{ ...REQUEST }]);
  }
});

Deno.test("webhookMethod() is refused by anything else, and follows no redirect", async () => {
  await using elsewhere = new WebHook(() => status(200));
  for (const code of [301, 307, 308, 400, 401, 403, 404, 409]) {
    await using hook = new WebHook(() =>
      new Response("no", {
        status: code,
        headers: { location: elsewhere.url },
      })
    );
    const decision = await webhookMethod(hook.url)(REQUEST);
    const reason = `auth webhook: HTTP status ${code}`;
    assertEquals(decision, { allow: false, reason });
  }
  assertEquals(elsewhere.posted, []);
});

/** Asserts that the webhook has not decided: `busy`, with the reason for the log alone. */
async function assertBusy(
  ask: () => Promise<unknown>,
  reason: string,
): Promise<void> {
  const error = await assertRejects(ask, Refusal);
  assertEquals(error.code, "busy");
  assertEquals(error.message, "sign-ins cannot be checked now");
  assertStringIncludes(error.detail ?? "", reason);
}

Deno.test("webhookMethod() is busy by a status that says nothing about the request", async () => {
  for (const code of [408, 429, 500, 502, 503, 504, 599]) {
    await using hook = new WebHook(() => status(code));
    const method = webhookMethod(hook.url);
    const reason = `auth webhook: HTTP status ${code}`;
    await assertBusy(() => method(REQUEST), reason);
  }
});

Deno.test("webhookMethod() is busy when no answer comes, and shows no secret", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const method = webhookMethod(`http://127.0.0.1:${port}/?key=s3cret`);
  const error = await assertRejects(() => method(REQUEST), Refusal);
  const reason = "auth webhook: the connection failed";
  assertEquals([error.code, error.detail], ["busy", reason]);
});

Deno.test("webhookMethod() is busy when the answer takes too long", async () => {
  const late = Promise.withResolvers<Response>();
  await using hook = new WebHook(() => late.promise);
  const method = webhookMethod(hook.url, { timeout: 50 });
  await assertBusy(() => method(REQUEST), "no answer within 50 ms");
  late.resolve(status(200));
});

Deno.test("webhookMethod() asks a few at a time, lets a few wait and puts the others off", async () => {
  const answers = Array.from(
    { length: 3 },
    () => Promise.withResolvers<Response>(),
  );
  await using hook = new WebHook((_, index) => answers[index]!.promise);
  const method = webhookMethod(hook.url, { atOnce: 2, maxWaiting: 1 });
  const decisions = [0, 1, 2].map(() => method(REQUEST));
  const error = await assertRejects(() => method(REQUEST), Refusal);
  assertEquals(error.code, "busy");
  await hook.reached(2);
  assertEquals(hook.posted.length, 2);
  answers[0]!.resolve(status(200));
  await hook.reached(3);
  answers[1]!.resolve(status(403));
  answers[2]!.resolve(status(200));
  const allowed = (await Promise.all(decisions)).map(({ allow }) => allow);
  assertEquals(allowed, [true, false, true]);
});

Deno.test("startServer() asks the address of auth-url for every verb, in addition to tokens", async () => {
  await using hook = new WebHook(({ password, verb }) =>
    status(verb === "watch" || password === "right" ? 200 : 403)
  );
  const config = {
    ...buildConfig(),
    authUrl: hook.url,
    http: [],
    listen: [{ host: "127.0.0.1", port: 0 }],
  };
  const server = await startServer(config, silentLogger);
  const answers: string[] = [];
  let token = "";
  for (
    const text of [
      "token,user=fier,user_password=wrong",
      "token,user=fier,user_password=right",
      "watch,user=fier",
      "broadcast,user=fier,token=",
    ]
  ) {
    const request = `${text}${text.endsWith("token=") ? token : ""},reply=1`;
    using peer = await RawPeer.connect(
      server.addresses[0]!,
      requestBytes(request),
    );
    await peer.finish();
    const answer = new TextDecoder().decode((await peer.rest()).subarray(5));
    token = /token=(\w+)/.exec(answer)?.[1] ?? token;
    answers.push(/^ok|code=[\w-]+/.exec(answer)![0]);
  }
  await server.close();
  assertEquals(answers, ["code=denied", "ok", "code=not-live", "ok"]);
  assertEquals(hook.posted.map(({ verb }) => verb), [
    "token",
    "token",
    "watch",
  ]);
});

Deno.test("startServer() does not start with two ways to decide", async () => {
  const both = { auth: "./x.ts", authUrl: "http://127.0.0.1:1/" };
  const start = () => startServer({ ...buildConfig(), ...both }, silentLogger);
  await assertRejects(start, UsageError, "auth and auth-url are both set");
});
