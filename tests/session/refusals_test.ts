import "../helpers/fast_ticks.ts";
import { assertEquals } from "@std/assert";
import type { RefusalCode } from "../../lib/errors.ts";
import { eventually } from "../helpers/eventually.ts";
import {
  RawPeer,
  requestBytes,
  type Wire,
  WIRES,
} from "../helpers/raw_peer.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";
import {
  broadcasting,
  broadcastText,
  Bystander,
  watching,
} from "./live_channel.ts";

/** A request that is refused, and what it is told. */
interface Case {
  readonly text: string;
  readonly code: RefusalCode;
  readonly message: string;
}

const DENIED = { code: "denied", message: "access denied" } as const;
const SECONDS = "must be seconds up to 86400";
const BUFSIZE = "bufsize must be a whole number up to 4194304";

const CASES: readonly Case[] = [
  bad("shout,user=fier", "unknown verb"),
  bad("WATCH,user=fier", "unknown verb"),
  bad("", "unknown verb"),
  bad("watch", "the user is missing"),
  bad("watch,user=", "the user is missing"),
  bad("token,user_password=123", "the user is missing"),
  bad("watch,user=fier,user=fier", "duplicate key"),
  bad(
    "watch,user=fier,channel_password=a,channel-password=a",
    "duplicate key",
  ),
  bad("watch,user=fier,channel", "a key without a value"),
  bad("watch,user=fier,=x", "a key without a value"),
  bad("watch,user=fier,start=now", "start must be one of join live oldest"),
  bad("watch,user=fier,burst=-1", `burst ${SECONDS}`),
  bad("watch,user=fier,wait=86401", `wait ${SECONDS}`),
  bad(broadcastText("fier", ",hold=x"), `hold ${SECONDS}`),
  bad(broadcastText("fier", ",bufsize=1.5"), BUFSIZE),
  bad(broadcastText("fier", ",bufsize=9999999"), BUFSIZE),
  bad(broadcastText("fier", ",format=nonsense"), "unknown format"),
  { text: "broadcast,user=fier", ...DENIED },
  { text: "broadcast,user=fier,user_password=", ...DENIED },
  { text: "broadcast,user=fier,user_password=wrong", ...DENIED },
  { text: "broadcast,user=nobody,user_password=123", ...DENIED },
  { text: "broadcast,user=fier,token=0123", ...DENIED },
  { text: "broadcast,user=..%2Ffier,user_password=123", ...DENIED },
  { text: "watch,user=../fier", ...DENIED },
  { text: "token,user=fier", ...DENIED },
  { text: "token,user=fier,user_password=wrong", ...DENIED },
  { text: "watch,user=fier,channel=guarded", ...DENIED },
  { text: "watch,user=fier,channel=guarded,channel_password=x", ...DENIED },
  {
    text: "watch,user=fier",
    code: "not-live",
    message: "the channel is not live",
  },
  {
    text: "watch,user=nobody",
    code: "not-live",
    message: "the channel is not live",
  },
  {
    text: broadcastText("fier", ",channel=second"),
    code: "limit",
    message: "too many channels of this user",
  },
  {
    text: "watch,user=other",
    code: "limit",
    message: "the channel has too many watchers",
  },
];

function bad(text: string, message: string): Case {
  return { text, code: "bad-request", message };
}

/** The answer of a status frame, byte by byte as the wire has it. */
function errorFrame({ code, message }: Case): Uint8Array {
  const text = `error,code=${code},message=${message}`;
  return new Uint8Array([
    0,
    0,
    0,
    text.length,
    0,
    ...new TextEncoder().encode(text),
  ]);
}

async function assertRefused(
  server: TestServer,
  refused: Case,
  wire: Wire,
  reply: boolean,
): Promise<void> {
  const text = refused.text + (reply ? ",reply=1" : "");
  using peer = await RawPeer.connect(server.address, requestBytes(text, wire));
  const answer = reply ? errorFrame(refused) : new Uint8Array();
  assertEquals(await peer.rest(), answer, text);
}

for (const wire of WIRES) {
  Deno.test(`Session refuses in version ${wire}: every answer, byte by byte`, async (t) => {
    await using server = await startTestServer({
      config: { channelsPerUser: 1, watchersPerChannel: 1 },
    });
    using bystander = await Bystander.open(server);
    using _guarded = await broadcasting(
      server,
      broadcastText("fier", ",channel=guarded,channel_password=word"),
      2,
    );
    for (const refused of CASES) {
      await t.step(`${refused.code}: "${refused.text}"`, async () => {
        await assertRefused(server, refused, wire, true);
        await assertRefused(server, refused, wire, false);
        await bystander.assertServed();
      });
    }
    const count = 2 * CASES.length;
    await eventually(
      "every refusal is logged",
      () => server.log.total("refused") === count,
    );
  });
}

Deno.test("Session logs why it denies, and does not tell the peer", async () => {
  await using server = await startTestServer();
  const text = "broadcast,user=fier,user_password=wrong,reply=1";
  using peer = await RawPeer.connect(server.address, requestBytes(text));
  const answer = new TextDecoder().decode(await peer.rest());
  assertEquals(answer.slice(5), "error,code=denied,message=access denied");
  const { reason } = await server.log.wait("refused");
  assertEquals(reason, "the password is wrong");
});

Deno.test("Session: a refused watcher does not count as one", async () => {
  await using server = await startTestServer({
    config: { watchersPerChannel: 1 },
  });
  using _broadcaster = await broadcasting(
    server,
    broadcastText("fier", ",channel_password=word"),
  );
  using denied = await RawPeer.connect(
    server.address,
    requestBytes("watch,user=fier"),
  );
  await denied.rest();
  using _watcher = await watching(
    server,
    "watch,user=fier,channel_password=word",
  );
  assertEquals(server.server.hub.channels()[0]?.watchers, 1);
});
