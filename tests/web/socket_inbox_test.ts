import { assertEquals, assertRejects } from "@std/assert";
import { Refusal } from "../../lib/errors.ts";
import { type SocketData, SocketInbox } from "../../lib/web/socket_inbox.ts";

const NEVER = new AbortController().signal;

/** Bytes that an inbox keeps for who does not listen yet. */
const MAX_EARLY_BYTES = 1024 * 1024;

/** What a message counts beside what it says. */
const MESSAGE_BYTES = 128;

/** A socket without a wire: what it hears is what a test says. */
class SilentSocket extends EventTarget {
  binaryType = "blob";
  onopen: ((event: Event) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;

  /** An inbox that listens to it. */
  inbox(): SocketInbox {
    return new SocketInbox(this as unknown as WebSocket);
  }

  /** A message comes. */
  hear(data: SocketData): void {
    this.onmessage!(new MessageEvent("message", { data }));
  }

  /** The other side closes. */
  close(code: number): void {
    this.onclose!(new CloseEvent("close", { code }));
  }
}

Deno.test("SocketInbox keeps what comes before anybody listens, in order", async () => {
  const socket = new SilentSocket();
  const inbox = socket.inbox();
  assertEquals(socket.binaryType, "arraybuffer");
  const early: SocketData[] = ["", "b", new ArrayBuffer(3)];
  for (const data of early) socket.hear(data);
  assertEquals(await inbox.first(1000, NEVER), "");
  const got: SocketData[] = [];
  assertEquals(inbox.forward((data) => got.push(data)), true);
  socket.hear("c");
  assertEquals(got, [...early.slice(1), "c"]);
});

Deno.test("SocketInbox keeps no endless number of empty messages", () => {
  const socket = new SilentSocket();
  const inbox = socket.inbox();
  const most = MAX_EARLY_BYTES / MESSAGE_BYTES;
  for (let i = 0; i < 2 * most; i++) socket.hear("");
  let count = 0;
  assertEquals(inbox.forward(() => count++), false);
  assertEquals(count, most);
});

Deno.test("SocketInbox keeps so many bytes and no more, and tells", async () => {
  const socket = new SilentSocket();
  const inbox = socket.inbox();
  socket.hear("wish");
  await inbox.first(1000, NEVER);
  const half = new ArrayBuffer(MAX_EARLY_BYTES / 2 - MESSAGE_BYTES);
  for (const data of [half, half, "x", "y"]) socket.hear(data);
  const got: SocketData[] = [];
  assertEquals(inbox.forward((data) => got.push(data)), false);
  assertEquals(got, [half, half]);
});

Deno.test("SocketInbox waits no longer than it may, than the socket lives, and than it is told", async () => {
  const closing = new SilentSocket();
  const inbox = closing.inbox();
  closing.close(1006);
  assertEquals((await inbox.closed).code, 1006);
  await inbox.opened;
  const early = "closed before the request came";
  await assertRejects(() => inbox.first(1000, NEVER), Refusal, early);
  const silent = new SilentSocket().inbox();
  const late = "the request came too slowly";
  await assertRejects(() => silent.first(1, NEVER), Refusal, late);
  const stop = new AbortController();
  const waiting = silent.first(1000, stop.signal);
  stop.abort();
  await assertRejects(() => waiting, DOMException);
  await assertRejects(() => silent.first(1000, stop.signal), DOMException);
});
