import { assertEquals, assertRejects } from "@std/assert";
import { broadcast } from "../../lib/client/broadcast.ts";
import { ConnectionError } from "../../lib/client/connection_error.ts";
import { request } from "../../lib/client/request.ts";
import { watch } from "../../lib/client/watch.ts";
import { encodeFrame } from "../../lib/wire/frame.ts";
import { OddServer } from "./odd_server.ts";
import { ResettingServer } from "./resetting_server.ts";

const NEVER = new AbortController().signal;

/** A server that accepts a request, reads some bytes of it and of what follows, and closes. */
function closingAfter(bytes: number): OddServer {
  const where = { hostname: "127.0.0.1", port: 0 };
  return new OddServer(Deno.listen(where), async (conn) => {
    let read = await conn.read(new Uint8Array(1)) ?? 0;
    await conn.write(encodeFrame("ok"));
    const buffer = new Uint8Array(4096);
    while (read < bytes) {
      const count = await conn.read(buffer);
      if (count === null) break;
      read += count;
    }
    conn.close();
  });
}

Deno.test("broadcast() fails when the connection is reset after its last byte", async () => {
  await using server = await ResettingServer.start();
  const accepted = await request("broadcast", { user: "fier" }, server.client);
  const source = ReadableStream.from([new Uint8Array(1000)]);
  const broadcasting = broadcast(accepted, source, NEVER);
  await server.clientEnded;
  server.reset();
  const error = await assertRejects(() => broadcasting, ConnectionError);
  assertEquals(error.problem, "broken");
});

Deno.test("broadcast() succeeds when the server closes after the last byte", async () => {
  await using server = closingAfter(Infinity);
  const accepted = await request("broadcast", { user: "fier" }, server.client);
  const source = ReadableStream.from([new Uint8Array(1000)]);
  await broadcast(accepted, source, NEVER);
});

Deno.test("broadcast() fails when the server ends it first", async () => {
  await using server = closingAfter(1);
  const accepted = await request("broadcast", { user: "fier" }, server.client);
  const source = new ReadableStream<Uint8Array>();
  const error = await assertRejects(
    () => broadcast(accepted, source, NEVER),
    ConnectionError,
  );
  assertEquals(error.problem, "ended");
});

Deno.test("watch() fails when the connection is reset", async () => {
  await using server = await ResettingServer.start();
  const accepted = await request("watch", { user: "fier" }, server.client);
  server.reset();
  const error = await assertRejects(
    () => watch(accepted, new WritableStream(), NEVER),
    ConnectionError,
  );
  assertEquals(error.problem, "broken");
});

Deno.test("watch() ends at once when it is aborted, also while the sink takes nothing", async () => {
  await using server = OddServer.answering(encodeFrame("ok"));
  const { conn } = await request("watch", { user: "fier" }, server.client);
  const stuck = Promise.withResolvers<void>();
  const writing = Promise.withResolvers<void>();
  const sink = new WritableStream({
    write: () => {
      writing.resolve();
      return stuck.promise;
    },
  });
  const media = ReadableStream.from([new Uint8Array(1), new Uint8Array(1)]);
  const controller = new AbortController();
  const watching = watch({ conn, media }, sink, controller.signal);
  await writing.promise;
  const reason = new Error("enough");
  controller.abort(reason);
  assertEquals(await assertRejects(() => watching, Error), reason);
  stuck.resolve();
});
