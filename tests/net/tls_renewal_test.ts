import { assertEquals, assertRejects } from "@std/assert";
import { equals } from "@std/bytes";
import { pattern } from "../helpers/pattern.ts";
import { requestBytes } from "../helpers/raw_peer.ts";
import { broadcasting, broadcastText } from "../session/live_channel.ts";
import { authority, type Name, TlsServer } from "./tls_scene.ts";

/** Whose certificate the server shows to who connects now, by TCP and by HTTPS. */
async function shown(tls: TlsServer): Promise<string[]> {
  const ports = [tls.address.port, Number(new URL(tls.origin).port)];
  return await Promise.all(ports.map(shownAt));
}

async function shownAt(port: number): Promise<string> {
  const names: Name[] = ["one", "two"];
  for (const name of names) {
    const caCerts = [await authority(name)];
    const where = { hostname: "127.0.0.1", port };
    const conn = await Deno.connectTls({ ...where, caCerts });
    try {
      await conn.handshake();
      return name;
    } catch {
      // It is not this one's.
    } finally {
      conn.close();
    }
  }
  return "neither";
}

/** Reads chunks of `count` bytes in total. */
async function taken(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  count: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const { value } = await reader.read();
    bytes.set(value!, at);
    at += value!.length;
  }
  return bytes;
}

Deno.test("A renewed certificate is shown to new connections, and cuts none", async () => {
  await using tls = await TlsServer.start();
  const { beside } = tls;
  using broadcaster = await broadcasting(beside, broadcastText("fier"));
  using watcher = await tls.connect("one", requestBytes("watch,user=fier"));
  using client = Deno.createHttpClient({ caCerts: [await authority("one")] });
  await beside.log.wait("watch-start");
  await broadcaster.send(pattern(0, 5000));
  const path = `${tls.origin}/fier?start=oldest`;
  const { body } = await fetch(path, { client });
  const reader = body!.getReader();
  await watcher.take(5000);
  await taken(reader, 5000);
  assertEquals(await shown(tls), ["one", "one"]);

  await tls.show("two");
  await beside.server.reload();
  assertEquals(await shown(tls), ["two", "two"]);
  assertEquals(beside.log.named("tls-renewed").length, 1);

  const more = pattern(5000, 5000);
  await broadcaster.send(more);
  assertEquals(equals(await watcher.take(5000), more), true);
  assertEquals(equals(await taken(reader, 5000), more), true);
  await reader.cancel();
});

Deno.test("A certificate that cannot be used leaves the old one, and is told once", async () => {
  await using tls = await TlsServer.start();
  const { log, server } = tls.beside;
  const key = await Deno.readTextFile(`${tls.folder}/key.pem`);
  await tls.show("two");
  await Deno.writeTextFile(`${tls.folder}/key.pem`, key);
  await server.reload();
  await server.reload();
  const { reason } = await log.wait("tls-error");
  assertEquals(String(reason).includes("KeyMismatch"), true, String(reason));
  assertEquals(await shown(tls), ["one", "one"]);
  await tls.show("two");
  await server.reload();
  assertEquals(await shown(tls), ["two", "two"]);
  assertEquals(log.named("tls-error").length, 1);
});

Deno.test("A reload without anything new rebinds nothing", async () => {
  await using tls = await TlsServer.start();
  await tls.beside.server.reload();
  assertEquals(tls.beside.log.named("tls-renewed"), []);
});

Deno.test("After many renewals the server closes, and its ports are free", async () => {
  const ports: number[] = [];
  {
    await using tls = await TlsServer.start();
    ports.push(tls.address.port, Number(new URL(tls.origin).port));
    for (const name of ["two", "one", "two"] as const) {
      await tls.show(name);
      await tls.beside.server.reload();
      assertEquals(await shown(tls), [name, name]);
    }
  }
  for (const port of ports) {
    await assertRejects(
      () => Deno.connect({ hostname: "127.0.0.1", port }),
      Deno.errors.ConnectionRefused,
    );
  }
});
