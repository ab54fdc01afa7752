import { assert, assertEquals, assertLess } from "@std/assert";
import {
  BACKLOG_FLOOR_BYTES,
  type MemoryBudget,
  SESSION_BYTES,
} from "../../lib/hub/memory/memory_budget.ts";
import { buildConfig } from "../../lib/config/config.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";
import { WATCH_REQUESTS } from "../helpers/watch_requests.ts";
import { broadcasting, broadcastText } from "../session/live_channel.ts";

const MIB = 1024 * 1024;

/** Watchers that the default memory must admit, by whatever protocol. */
const PROMISED = 10_000;

/** The share of the memory that is given away; the rest is for what grows between two looks. */
const FIRM_SHARE = 7 / 8;

/** Bytes that each watcher takes before it rests. */
const MEDIA_BYTES = 20_000;

/** Bytes that old backlog cannot make room for. */
function firmBytes({ held }: MemoryBudget): number {
  return BACKLOG_FLOOR_BYTES + held.unsent + held.tracker + held.session;
}

/** Broadcasts some media to watchers that come later. */
async function broadcast(server: TestServer): Promise<RawPeer> {
  const text = broadcastText("fier", ",format=raw,bufsize=1000");
  const peer = await broadcasting(server, text);
  await peer.send(new Uint8Array(MEDIA_BYTES));
  return peer;
}

/** Connects a watcher, which reads what there is. */
async function connect(
  { address }: TestServer,
  request: Uint8Array,
): Promise<RawPeer> {
  const peer = await RawPeer.connect(address, request);
  await peer.take(MEDIA_BYTES);
  return peer;
}

for (const [protocol, request] of Object.entries(WATCH_REQUESTS)) {
  Deno.test(`memory admits as many watchers by ${protocol} as it has room for`, async () => {
    const memory = 16 * MIB;
    const config = { memory, connectionsPerNetwork: PROMISED };
    await using server = await startTestServer({ config });
    using broadcaster = await broadcast(server);
    const budget = server.server.hub.memory;
    const room = memory * FIRM_SHARE - firmBytes(budget);
    const each = SESSION_BYTES.connection + SESSION_BYTES.watcher;
    using watchers = new DisposableStack();
    for (let count = Math.floor(room / each); count > 0; count--) {
      watchers.use(await connect(server, request));
    }
    assertEquals(server.log.named("refused"), []);
    using _more = await RawPeer.connect(server.address, request);
    const { code } = await server.log.wait("refused");
    assertEquals(code, "limit");
    await broadcaster.finish();
  });
}

Deno.test("memory at its default admits 10,000 watchers with every protocol's session", () => {
  const { memory, connections, watchersPerChannel } = buildConfig();
  assertEquals([connections, watchersPerChannel], [PROMISED, PROMISED]);
  const each = SESSION_BYTES.connection + SESSION_BYTES.watcher;
  const channel = BACKLOG_FLOOR_BYTES + SESSION_BYTES.connection +
    SESSION_BYTES.broadcaster;
  assertLess(PROMISED * each + channel, memory * FIRM_SHARE);
  assert(memory <= 1024 * MIB);
});
