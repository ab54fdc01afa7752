import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { encodeFrame } from "../../lib/wire/frame.ts";
import { allEnded } from "../helpers/all_ended.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer, requestBytes, WIRES } from "../helpers/raw_peer.ts";
import { startTestServer } from "../helpers/start_server.ts";
import { broadcastText, Bystander, watching } from "./live_channel.ts";

const GOOD = encodeFrame("watch,user=other,reply=1");

/** What is a request of no protocol, so that there is no language to answer in. */
const MALFORMED: readonly {
  readonly name: string;
  readonly sent: Uint8Array;
  /** Whether the peer closes its side, which is what makes it wrong. */
  readonly ends?: boolean;
}[] = [
  { name: "nothing", sent: new Uint8Array(), ends: true },
  { name: "a first byte of no version", sent: new Uint8Array([0xff, 0, 0]) },
  {
    name: "TLS",
    sent: new Uint8Array([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
  },
  { name: "a length above the cap", sent: header(4097, 0) },
  {
    name: "a length of 16 MiB in version 2",
    sent: concat([lf(2), header(2 ** 24, 0)]),
  },
  {
    name: "a length of 4 GiB in version 2",
    sent: concat([lf(2), header(2 ** 32 - 1, 0)]),
  },
  { name: "byte 5 that is not 0", sent: header(5, 1) },
  {
    name: "text that is not UTF-8",
    sent: concat([header(3, 0), new Uint8Array([0x77, 0xc3, 0x28])]),
  },
  { name: "a length cut off", sent: GOOD.subarray(0, 3), ends: true },
  { name: "a text cut off", sent: GOOD.subarray(0, -1), ends: true },
  {
    name: "a header block cut off",
    sent: ascii("GET / HTTP/1.1\r\n"),
    ends: true,
  },
  { name: "a header block and nothing behind it", sent: lf(2), ends: true },
  { name: "a header block that never ends", sent: ascii("a".repeat(8193)) },
  {
    name: "a header block of too many lines",
    sent: ascii("a: b\n".repeat(2000)),
  },
];

function lf(count: number): Uint8Array {
  return new Uint8Array(count).fill(10);
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function header(length: number, fifth: number): Uint8Array {
  const bytes = new Uint8Array(5);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes[4] = fifth;
  return bytes;
}

Deno.test("Session closes without a byte what is malformed", async (t) => {
  await using server = await startTestServer();
  using bystander = await Bystander.open(server);
  for (const [index, { name, sent, ends }] of MALFORMED.entries()) {
    await t.step(name, async () => {
      using peer = await RawPeer.connect(server.address, sent);
      if (ends) await peer.finish();
      assertEquals(await peer.rest(), new Uint8Array());
      const { code } = await server.log.wait("refused", index + 1);
      assertEquals(code, "bad-request");
      await bystander.assertServed();
    });
  }
});

for (const wire of WIRES) {
  Deno.test(`Session takes a request byte by byte, version ${wire}`, async () => {
    await using server = await startTestServer();
    using peer = await RawPeer.connect(server.address);
    for (const byte of requestBytes("watch,user=fier,reply=1", wire)) {
      await peer.send(new Uint8Array([byte]));
    }
    const answer = new TextDecoder().decode((await peer.rest()).subarray(5));
    assertEquals(answer, "error,code=not-live,message=the channel is not live");
  });

  Deno.test(`Session keeps media that comes along with the request, version ${wire}`, async () => {
    await using server = await startTestServer();
    using watcher = await RawPeer.connect(
      server.address,
      requestBytes("watch,user=fier,wait=60", wire),
    );
    await server.log.wait("watch-wait");
    const media = pattern(0, 500);
    using broadcaster = await RawPeer.connect(
      server.address,
      requestBytes(broadcastText("fier"), wire),
      media,
    );
    await broadcaster.finish();
    assertEquals(await watcher.rest(), media);
  });
}

Deno.test("Session takes version 2's request frame behind an HTTP request head", async () => {
  await using server = await startTestServer();
  using peer = await RawPeer.connect(
    server.address,
    ascii("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    encodeFrame("watch,user=fier,reply=1"),
  );
  const answer = new TextDecoder().decode((await peer.rest()).subarray(5));
  assertEquals(answer, "error,code=not-live,message=the channel is not live");
});

Deno.test("Session answers an HTTP client without the usual headers after a moment", async () => {
  await using server = await startTestServer();
  using bystander = await Bystander.open(server);
  const began = performance.now();
  using client = await RawPeer.connect(
    server.address,
    ascii("GET /watch HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
  );
  await bystander.assertServed();
  const answer = new TextDecoder().decode(await client.rest());
  assert(performance.now() - began >= 290);
  const [head, body] = answer.split("\r\n\r\n");
  assertEquals(head?.split("\r\n")[0], "HTTP/1.1 404 Not Found");
  assert(head?.includes(`\r\ncontent-length: ${body?.length}\r\n`));
  assert(head?.includes("\r\nconnection: close"));
  const { user, protocol } = await server.log.wait("refused");
  assertEquals([user, protocol], ["watch", "http"]);
  await bystander.assertServed();
});

Deno.test("Session cuts a peer whose request comes too slowly", async () => {
  await using server = await startTestServer({ config: { requestTime: 0.05 } });
  const starts = [new Uint8Array(), GOOD.subarray(0, 9), ascii("GET / HT")];
  await allEnded(starts.map(async (start) => {
    using peer = await RawPeer.connect(server.address, start);
    assertEquals(await peer.rest(), new Uint8Array());
  }));
  const refused = server.log.named("refused").map(({ fields }) =>
    fields.reason
  );
  assertEquals(refused, Array(3).fill("the request took more than 0.05 s"));
});

Deno.test("Session: the time for the request does not run on behind it", async () => {
  await using server = await startTestServer({ config: { requestTime: 0.05 } });
  using bystander = await Bystander.open(server);
  using _watcher = await watching(server, "watch,user=other", 2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await bystander.assertServed();
  assertEquals(server.log.named("watch-end"), []);
});
