import { assert, assertEquals, assertLess } from "@std/assert";
import type { Address } from "../../lib/net/address.ts";
import { pattern } from "../helpers/pattern.ts";
import { ServeProcess } from "../helpers/fstream_process.ts";
import { prelude, RawPeer } from "../helpers/raw_peer.ts";
import { broadcastText } from "../session/live_channel.ts";

/** Files that the server may have open, some 25 of which the runtime needs itself. */
const FILES = 64;

/** Connections that say nothing: more than there are files. */
const SILENT = 80;

/** MiB that the server promises to hold at most. */
const MEMORY_MIB = 16;

/**
 * MiB by which the process may be larger: what it is at first, what sockets may cost, and what comes
 * between two looks, on a machine that is busy with other tests.
 */
const MORE_MIB = 500;

/** Milliseconds between two MiB of the attacker, whose line is a fast one of 2 Gbit/s. */
const PACE_MS = 4;

/** MiB that the attacker would send: without a bound the process would take them all. */
const FLOOD_MIB = 2000;

const MIB = 1024 * 1024;

const UPGRADE = "GET /fier HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" +
  "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

async function get({ host, port }: Address): Promise<string> {
  const response = await fetch(`http://${host}:${port}/healthz`);
  return await response.text();
}

Deno.test({
  name: "serve cuts silent connections that take every file descriptor",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using server = await ServeProcess.start(
      ["--request-time", "1s"],
      FILES,
    );
    const address = await server.address();
    const silent: Deno.Conn[] = [];
    for (let i = 0; i < SILENT; i++) {
      const { host, port } = address;
      silent.push(await Deno.connect({ hostname: host, port }));
    }
    const { reason } = await server.log.wait("accept-error");
    assert(/too many open files/i.test(String(reason)), String(reason));
    assertEquals((await get(address)).trim(), "ok");
    using peer = await RawPeer.connect(
      address,
      prelude(broadcastText("fier", ",reply=1")),
    );
    await peer.take(1);
    for (const conn of silent) conn.close();
  },
});

/** The largest frame of a message that never ends (RFC 6455 §5.4). */
function fragment(isFirst: boolean): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(14 + MIB);
  frame[0] = isFirst ? 0x02 : 0x00;
  frame[1] = 0x80 | 127;
  new DataView(frame.buffer).setBigUint64(2, BigInt(MIB));
  return frame;
}

/** Sends until it is cut; gives how many MiB that took. */
async function flood(address: Address): Promise<number> {
  using peer = await RawPeer.connect(
    address,
    new TextEncoder().encode(UPGRADE),
  );
  await peer.take(12);
  for (let sent = 0; sent < FLOOD_MIB; sent++) {
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    try {
      await peer.send(fragment(sent === 0));
    } catch {
      return sent;
    }
  }
  return FLOOD_MIB;
}

Deno.test({
  name:
    "serve cuts a WebSocket that sends a message without end before its request",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const flags = ["--memory", `${MEMORY_MIB}M`];
    await using server = await ServeProcess.start(flags);
    const address = await server.address();
    using broadcaster = await RawPeer.connect(
      address,
      prelude(broadcastText("fier")),
    );
    await server.log.wait("broadcast-start");
    await broadcaster.send(pattern(0, 1000));
    const media = await fetch(
      `http://${address.host}:${address.port}/fier?start=oldest`,
    );
    const reader = media.body!.getReader({ mode: "byob" });
    assertLess(await flood(address), FLOOD_MIB);
    await server.log.wait("refused");
    await broadcaster.send(pattern(1000, 1000));
    await broadcaster.finish();
    const { value } = await reader.read(new Uint8Array(2000), { min: 2000 });
    assertEquals(value, pattern(0, 2000));
    await reader.cancel();
    const status = await Deno.readTextFile(`/proc/${server.pid}/status`);
    const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
    assertLess(peak, MEMORY_MIB + MORE_MIB);
    assertEquals((await get(address)).trim(), "ok");
  },
});
