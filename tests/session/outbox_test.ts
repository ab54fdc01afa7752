import { assertEquals } from "@std/assert";
import type { Connection } from "../../lib/net/connection.ts";
import type { Ticker } from "../../lib/clock/ticker.ts";
import { Outbox, Reporter } from "../../lib/session/outbox.ts";

/** A peer that takes a write when a test lets it. */
class SlowPeer {
  readonly taken: string[] = [];
  readonly connection: Connection;
  #resume: () => void = () => {};

  constructor() {
    const write = (bytes: Uint8Array): Promise<number> => {
      this.taken.push(new TextDecoder().decode(bytes));
      return new Promise((resolve) =>
        this.#resume = () => resolve(bytes.length)
      );
    };
    this.connection = { write } as Partial<Connection> as Connection;
  }

  async take(): Promise<void> {
    this.#resume();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("Outbox keeps a reply while reports replace each other", async () => {
  const peer = new SlowPeer();
  const outbox = new Outbox(peer.connection);
  outbox.report(bytes("status 1"));
  outbox.report(bytes("status 2"));
  outbox.send(bytes("pong"));
  outbox.report(bytes("status 3"));
  assertEquals(peer.taken, ["status 1"]);
  for (let writes = 0; writes < 4; writes++) await peer.take();
  assertEquals(peer.taken, ["status 1", "pong", "status 3"]);
  assertEquals(outbox.isIdle, true);
});

Deno.test("Outbox.idle() drops what waits", async () => {
  const peer = new SlowPeer();
  const outbox = new Outbox(peer.connection);
  outbox.report(bytes("status"));
  outbox.send(bytes("pong"));
  outbox.report(bytes("status"));
  const idle = outbox.idle();
  await peer.take();
  await idle;
  assertEquals(peer.taken, ["status"]);
});

Deno.test("Reporter reports each second from its start, and from each report in between", () => {
  const members = new Set<unknown>();
  const ticker = {
    now: 50_000,
    add: (member) => void members.add(member),
    delete: (member) => void members.delete(member),
  } as Partial<Ticker> as Ticker;
  const reported: number[] = [];
  const report = (): Uint8Array => {
    reported.push(ticker.now);
    return bytes("status");
  };
  const outbox = new Outbox(new SlowPeer().connection);
  const reporter = new Reporter(ticker, outbox, report);
  assertEquals(members.size, 1);
  for (; ticker.now <= 53_200; ticker.now += 100) {
    if (ticker.now === 51_500) reporter.report();
    reporter.tick();
  }
  assertEquals(reported, [51_000, 51_500, 52_500]);
  reporter.close();
  assertEquals(members.size, 0);
});
