import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { pattern } from "../helpers/pattern.ts";
import { ServeProcess } from "../helpers/fstream_process.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { broadcastText } from "../session/live_channel.ts";

/** MiB that everything may hold here. */
const MEMORY_MIB = 32;

/**
 * MiB by which the process may grow beyond what is promised: the runtime's own heap, code that it compiles
 * under load, and what it has read and not collected yet at some 500 MB/s.
 */
const RUNTIME_MIB = 128;

/** Live channels: with their backlogs and no limit, they would take 256 MiB. */
const CHANNELS = 32;

/** Watchers of each channel that never read. */
const STALLED = 4;

/** Bytes that each channel sends: its whole backlog, and what the system buffers for a stalled watcher. */
const FLOOD_BYTES = 16 * 1024 * 1024;

/** Bytes of a chunk, where watchers that skip continue. */
const STEP = 256 * 1024;

/** A chunk begins with its number between two marks, so that a skip to it is told from a tear. */
function chunk(index: number): Uint8Array<ArrayBuffer> {
  const bytes = pattern(index * STEP, STEP);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xfeedbeef);
  view.setUint32(4, index);
  view.setUint32(8, 0xfeedbeef);
  return bytes;
}

/** Asserts that bytes are the channel's own from some place on, with skips to chunk starts alone. */
function assertOwnBytes(bytes: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length;) {
    if (bytes.length - at < 12) return;
    assertEquals(view.getUint32(at), 0xfeedbeef, `torn at ${at}`);
    assertEquals(view.getUint32(at + 8), 0xfeedbeef, `torn at ${at}`);
    const own = chunk(view.getUint32(at + 4));
    let length = 0;
    while (length < STEP && bytes[at + length] === own[length]) length++;
    at += length;
    if (length < STEP) at = markNear(view, at);
  }
}

/** Where a skip leads to: the first bytes of its mark may happen to be those that would have come. */
function markNear(view: DataView, at: number): number {
  for (let start = at; start > at - 4; start--) {
    const isMark = start + 4 <= view.byteLength &&
      view.getUint32(start) === 0xfeedbeef;
    if (isMark) return start;
  }
  return at;
}

/** MiB of memory that a process has, or had at most: `VmRSS` and `VmHWM` of proc_pid_status(5). */
async function mebibytes(
  pid: number,
  field: "VmRSS" | "VmHWM",
): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status);
  assert(match, `no ${field} in ${status}`);
  return Number(match[1]) / 1024;
}

/** Channels that send more than there is room for, and watchers that never read. */
class Crowd implements Disposable {
  readonly broadcasters: RawPeer[] = [];
  readonly watchers: RawPeer[] = [];
  readonly #server: ServeProcess;

  constructor(server: ServeProcess) {
    this.#server = server;
  }

  /** Broadcasts one more channel, with its watchers. */
  async addChannel(): Promise<void> {
    const address = await this.#server.address();
    const { log } = this.#server;
    const channel = `c${this.broadcasters.length}`;
    const text = broadcastText("fier", `,channel=${channel},bufsize=${STEP}`);
    this.broadcasters.push(await RawPeer.connect(address, requestBytes(text)));
    await log.wait("broadcast-start", this.broadcasters.length);
    for (let i = 0; i < STALLED; i++) {
      const request = requestBytes(`watch,user=fier,channel=${channel}`);
      this.watchers.push(await RawPeer.connect(address, request));
    }
    await log.wait("watch-start", this.watchers.length);
  }

  /** Sends to all channels in turn. */
  async flood(): Promise<void> {
    for (let index = 0; index < FLOOD_BYTES / STEP; index++) {
      const bytes = chunk(index);
      await Promise.all(this.broadcasters.map((peer) => peer.send(bytes)));
    }
  }

  [Symbol.dispose](): void {
    for (const peer of [...this.broadcasters, ...this.watchers]) peer.close();
  }
}

Deno.test({
  name:
    "serve --memory keeps its promise with many channels, a flood and stalled watchers",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const flags = ["--memory", `${MEMORY_MIB}M`, "--channels-per-user", "500"];
    await using server = await ServeProcess.start(flags);
    using crowd = new Crowd(server);
    await crowd.addChannel();
    const before = await mebibytes(server.pid, "VmRSS");
    while (crowd.broadcasters.length < CHANNELS) await crowd.addChannel();
    await crowd.flood();
    const grown = await mebibytes(server.pid, "VmHWM") - before;
    assertLess(grown, MEMORY_MIB + RUNTIME_MIB);
    assertGreater(crowd.broadcasters.length * FLOOD_BYTES / 2 ** 20, 500);
    // Freed memory that a write still needed would show in what the watchers get.
    for (const peer of crowd.broadcasters) await peer.finish();
    let received = 0;
    for (const watcher of crowd.watchers) {
      const bytes = await watcher.rest();
      assertOwnBytes(bytes);
      received += bytes.length;
    }
    assertGreater(received, CHANNELS * STALLED * STEP);
  },
});

Deno.test("serve --memory rejects what it has no room for, and present watchers are served", async () => {
  const flags = ["--memory", "16M", "--channels-per-user", "500"];
  await using server = await ServeProcess.start(flags);
  const address = await server.address();
  using crowd = new Crowd(server);
  await crowd.addChannel();
  const peers: RawPeer[] = [];
  while (server.log.named("refused").length === 0 && peers.length < 100) {
    const text = broadcastText("fier", `,channel=more${peers.length}`);
    peers.push(await RawPeer.connect(address, requestBytes(`${text},reply=1`)));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { code, reason } = await server.log.wait("refused");
  assertEquals(code, "limit");
  assert(String(reason).includes("memory of 16 MiB allowed"), String(reason));
  const sent = chunk(0);
  await crowd.broadcasters[0]!.send(sent);
  assertEquals(await crowd.watchers[0]!.take(STEP), sent);
  for (const peer of peers) peer.close();
});
