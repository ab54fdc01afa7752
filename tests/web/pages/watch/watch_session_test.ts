import { assertEquals } from "@std/assert";
import { WatchSession } from "../../../../lib/web/pages/watch/watch_session.js";

/** A WebSocket whose other end is the test. */
class FakeSocket {
  static opened: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly sent: string[] = [];

  constructor() {
    FakeSocket.opened.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {}

  /** Opens the socket; the request that the page then sends. */
  accept(): Record<string, unknown> {
    this.onopen?.();
    return JSON.parse(this.sent.at(-1) ?? "{}");
  }

  tell(message: Record<string, unknown>): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  end(code: number, reason = ""): void {
    this.onclose?.({ code, reason });
  }
}

/** A session under test and what it reported. */
interface Scene {
  readonly session: WatchSession;
  readonly states: string[];
  readonly bytes: Uint8Array[];
  /** The newest socket. */
  socket(): FakeSocket;
}

/** Runs a test with fake sockets, and leaves no timer behind. */
function withSession(
  password: string | undefined,
  test: (scene: Scene) => void,
): void {
  const original = globalThis.WebSocket;
  Object.assign(globalThis, { WebSocket: FakeSocket });
  FakeSocket.opened = [];
  const states: string[] = [];
  const bytes: Uint8Array[] = [];
  const session = new WatchSession("ws://vps.example/fier", password, {
    onAccepted: () => states.push("accepted"),
    onStream: ({ container }) => states.push(`stream ${container}`),
    onBytes: (some) => bytes.push(some),
    onWatchers: (watchers) => states.push(`${watchers} watchers`),
    onState: (state, reason) => states.push(`${state} ${reason}`.trim()),
  });
  try {
    session.open();
    test({ session, states, bytes, socket: () => FakeSocket.opened.at(-1)! });
  } finally {
    session.close();
    Object.assign(globalThis, { WebSocket: original });
  }
}

Deno.test("WatchSession asks for the join point and reports what the server sends", () => {
  withSession(undefined, ({ states, bytes, socket }) => {
    const request = { verb: "watch", start: "join", burst: 0 };
    assertEquals(socket().accept(), request);
    socket().tell({ type: "ok" });
    socket().tell({ type: "stream", container: "mp4", codecs: [], gap: 0 });
    socket().onmessage?.({ data: new Uint8Array([1, 2]).buffer });
    socket().tell({ type: "status", watchers: 2, age: 0 });
    socket().tell({ type: "held" });
    assertEquals(states, [
      ...["accepted", "connecting", "loading", "stream mp4", "2 watchers"],
      "waiting",
    ]);
    assertEquals(bytes, [new Uint8Array([1, 2])]);
  });
});

Deno.test("WatchSession maps each close code to a state", () => {
  const cases = [
    [1000, "offline"],
    [1001, "lost"],
    [1006, "lost"],
    [4008, "slow"],
    [4400, "rejected"],
    [4401, "denied"],
    [4404, "offline"],
    [4500, "error"],
    [4503, "busy"],
  ] as const;
  for (const [code, state] of cases) {
    withSession(undefined, ({ states, socket }) => {
      socket().accept();
      socket().end(code, "because");
      assertEquals(states, [`${state} because`]);
    });
  }
});

Deno.test("WatchSession forgets a wrong password and does not repeat it", () => {
  withSession("old", ({ session, states, socket }) => {
    assertEquals(socket().accept()["channel_password"], "old");
    socket().end(4401, "access denied");
    assertEquals([states, session.password], [
      ["denied access denied"],
      undefined,
    ]);
    session.signIn("new");
    assertEquals(socket().accept()["channel_password"], "new");
    socket().end(4503, "too many attempts");
    assertEquals(states.at(-1), "denied too many attempts");
    assertEquals(session.password, undefined);
  });
});

Deno.test("WatchSession keeps an accepted password when the server is busy later", () => {
  withSession("right", ({ session, states, socket }) => {
    socket().accept();
    socket().tell({ type: "ok" });
    socket().end(4503);
    assertEquals(states.at(-1), "busy");
    session.open();
    assertEquals(socket().accept()["channel_password"], "right");
  });
});
