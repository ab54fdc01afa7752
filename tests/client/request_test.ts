import { assertEquals, assertLess, assertRejects } from "@std/assert";
import type { ClientOptions } from "../../lib/client/client_options.ts";
import {
  ConnectionError,
  type ConnectionProblem,
} from "../../lib/client/connection_error.ts";
import { request } from "../../lib/client/request.ts";
import { UsageError } from "../../lib/errors.ts";
import { fromRoot } from "../helpers/root.ts";
import { TlsServer } from "../net/tls_scene.ts";
import { OddServer } from "./odd_server.ts";

/** What keeps a request from being answered. */
async function problem(
  client: ClientOptions,
): Promise<ConnectionProblem> {
  const error = await assertRejects(
    () => request("watch", { user: "fier" }, client),
    ConnectionError,
  );
  return error.problem;
}

const ALERT = Uint8Array.of(0x15, 3, 3, 0, 2, 2, 50);

const ANSWERS: readonly [
  answer: Uint8Array<ArrayBuffer> | string,
  expected: ConnectionProblem,
][] = [
  ["HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "http"],
  ["<!DOCTYPE HTML>\n<html>", "http"],
  ["\r\n<html>", "http"],
  ["SSH-2.0-OpenSSH_9.2\r\n", "other-protocol"],
  ["220 mail ESMTP\r\n", "other-protocol"],
  ["x", "other-protocol"],
  // A frame that is too long, one that is no text, and one that is no status.
  [Uint8Array.of(0, 1, 0, 0, 0), "other-protocol"],
  [Uint8Array.of(0, 0, 0, 1, 7, 65), "other-protocol"],
  [Uint8Array.of(0, 0, 0, 1, 0, 65), "other-protocol"],
  [ALERT, "tls-expected"],
  ["", "closed"],
  [Uint8Array.of(0, 0), "closed"],
];

Deno.test("request() tells what answers instead of an fstream server", async () => {
  for (const [answer, expected] of ANSWERS) {
    await using server = OddServer.answering(answer);
    assertEquals(await problem(server.client), expected, String(answer));
  }
});

Deno.test("request() without TLS recognises a server that expects it", async () => {
  await using server = OddServer.tls();
  assertEquals(await problem(server.client), "tls-expected");
});

Deno.test("request() with TLS recognises a server without it", async () => {
  for (const answer of ["", "HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\0\0"]) {
    await using server = OddServer.answering(answer);
    assertEquals(await problem({ ...server.client, tls: {} }), "no-tls");
  }
});

Deno.test("request() tells the two ports of an fstream server apart", async () => {
  await using server = await TlsServer.start();
  const good = server.client();
  const { address } = server.beside;
  const { tls: _, ...plain } = good;
  assertEquals(await problem({ ...good, address }), "no-tls");
  assertEquals(await problem(plain), "tls-expected");
});

Deno.test("request() tells an unknown authority from a file without one", async () => {
  await using server = OddServer.tls();
  const tls = { ca: fromRoot("tests/vectors/tls/authority_two.pem") };
  for (const unknown of [{}, tls]) {
    const client = { ...server.client, tls: unknown };
    assertEquals(await problem(client), "unknown-issuer");
  }
  const key = { ca: fromRoot("tests/vectors/tls/server_one.key") };
  for (const ca of [key, { ca: "/nowhere/ca.pem" }]) {
    const client = { ...server.client, tls: ca };
    await assertRejects(
      () => request("watch", { user: "fier" }, client),
      UsageError,
    );
  }
});

Deno.test("request() tells a refused connection from an unknown host", async () => {
  const { client } = await (async () => {
    await using server = OddServer.silent();
    return { client: server.client };
  })();
  assertEquals(await problem(client), "refused");
  const address = { host: "no-such-host.invalid", port: 1 };
  assertEquals(await problem({ ...client, address }), "unknown-host");
});

Deno.test("request() gives up when no answer comes in time", async () => {
  await using server = OddServer.silent();
  for (const tls of [undefined, {}]) {
    const began = performance.now();
    const client = { ...server.client, ...(tls ? { tls } : {}), answerMs: 100 };
    const error = await assertRejects(
      () => request("watch", { user: "fier" }, client),
      ConnectionError,
      "no answer within 0.1 s",
    );
    assertEquals(error.problem, "no-answer");
    assertLess(performance.now() - began, 5000);
  }
});

Deno.test("request() waits for the answer as much longer as it asks the server to wait", async () => {
  await using server = OddServer.silent();
  const client = { ...server.client, answerMs: 50 };
  const began = performance.now();
  await assertRejects(
    () => request("watch", { user: "fier", wait: 0.3 }, client),
    ConnectionError,
    "no answer within 0.4 s",
  );
  assertEquals(performance.now() - began >= 340, true);
});

Deno.test("request() ends at once when it is aborted, before and while it waits", async () => {
  await using server = OddServer.silent();
  for (const tls of [undefined, {}]) {
    const controller = new AbortController();
    const reason = new Error("enough");
    const client = { ...server.client, ...(tls ? { tls } : {}) };
    const options = { ...client, signal: controller.signal };
    const asking = request("watch", { user: "fier", wait: 60 }, options);
    await server.accepted;
    const began = performance.now();
    controller.abort(reason);
    const error = await assertRejects(() => asking, Error);
    assertEquals(error, reason);
    const again = await assertRejects(
      () => request("watch", { user: "fier" }, options),
      Error,
    );
    assertEquals(again, reason);
    assertLess(performance.now() - began, 1000);
  }
});
