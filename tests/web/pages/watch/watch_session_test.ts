import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
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

  media(length: number): void {
    this.onmessage?.({ data: new ArrayBuffer(length) });
  }

  end(code: number, reason = ""): void {
    this.onclose?.({ code, reason });
  }
}

/** Timers that elapse when the test says so. */
class FakeTimers {
  readonly #pending = new Map<number, { run: () => void; ms: number }>();
  #last = 0;

  readonly set = (run: () => void, ms: number): number => {
    this.#pending.set(++this.#last, { run, ms });
    return this.#last;
  };

  readonly clear = (id: number): void => {
    this.#pending.delete(id);
  };

  /** Milliseconds of the timers that run, the first to elapse first. */
  get delays(): number[] {
    return [...this.#pending.values()].map(({ ms }) => ms).toSorted((a, b) =>
      a - b
    );
  }

  /** Lets the next timer elapse. */
  elapse(): void {
    const [id, { run }] = [...this.#pending].toSorted((a, b) =>
      a[1].ms - b[1].ms
    )[0]!;
    this.#pending.delete(id);
    run();
  }
}

/** Where the stream of the tests begins: behind an init segment of 40 bytes. */
const STREAM = { type: "stream", container: "mp4", codecs: [], gap: 0 };
const PLACE = { id: "00ff", offset: 1000, lead: 40 };

/** Plays 500 bytes behind the lead, for more than a second. */
function playOn(socket: FakeSocket): void {
  socket.accept();
  socket.tell({ type: "ok" });
  socket.tell({ ...STREAM, ...PLACE });
  socket.media(40);
  socket.media(500);
  socket.tell({ type: "status", watchers: 1, age: 0 });
}

/** A session under test and what it reported. */
interface Scene {
  readonly timers: FakeTimers;
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
  const { WebSocket, setTimeout, clearTimeout } = globalThis;
  const timers = new FakeTimers();
  Object.assign(globalThis, {
    WebSocket: FakeSocket,
    setTimeout: timers.set,
    clearTimeout: timers.clear,
  });
  FakeSocket.opened = [];
  const states: string[] = [];
  const bytes: Uint8Array[] = [];
  const session = new WatchSession("ws://vps.example/fier", password, {
    onAccepted: () => states.push("accepted"),
    onStream: ({ container }) => states.push(`stream ${container}`),
    onContinue: () => states.push("continues"),
    onBytes: (some) => bytes.push(some),
    onWatchers: (watchers) => states.push(`${watchers} watchers`),
    onState: (state, reason) => states.push(`${state} ${reason}`.trim()),
  });
  try {
    session.open();
    const socket = (): FakeSocket => FakeSocket.opened.at(-1)!;
    test({ session, timers, states, bytes, socket });
  } finally {
    session.close();
    Object.assign(globalThis, { WebSocket, setTimeout, clearTimeout });
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

Deno.test("WatchSession resumes a broken stream behind the last byte, lead not counted", () => {
  withSession(undefined, ({ session, timers, states, bytes, socket }) => {
    playOn(socket());
    states.length = 0;
    socket().end(1006);
    assert(session.isResuming);
    assertLessOrEqual(timers.delays[0]!, 200);
    timers.elapse();
    const { resume, wait } = socket().accept();
    assertEquals([resume, wait], ["00ff:1500", 8]);
    socket().tell({ type: "ok" });
    socket().tell({ ...STREAM, id: "00ff", offset: 1500, lead: 0 });
    socket().media(7);
    assertEquals(states, ["lost", "accepted", "connecting", "continues"]);
    assertEquals(bytes.map(({ length }) => length), [40, 500, 7]);
    assert(!session.isResuming);
    socket().end(1006);
    timers.elapse();
    assertEquals(socket().accept()["resume"], "00ff:1507");
  });
});

for (
  const [what, place] of [
    ["another offset", { id: "00ff", offset: 1501, lead: 0 }],
    ["another broadcast", { id: "00fe", offset: 1500, lead: 0 }],
    ["an init segment", { id: "00ff", offset: 1500, lead: 40 }],
    ["no position", {}],
  ] as const
) {
  Deno.test(`WatchSession starts a new decoder when the answer to a resume has ${what}`, () => {
    withSession(undefined, ({ session, timers, states, socket }) => {
      playOn(socket());
      socket().end(1006);
      timers.elapse();
      socket().accept();
      states.length = 0;
      socket().tell({ ...STREAM, ...place });
      assertEquals(states, ["loading", "stream mp4"]);
      assert(!session.isResuming);
    });
  });
}

Deno.test("WatchSession resumes when the connection died without a close", () => {
  withSession(undefined, ({ timers, states, socket }) => {
    playOn(socket());
    assertEquals(timers.delays, [10_000]);
    timers.elapse();
    assertEquals(states.at(-1), "lost");
    timers.elapse();
    assertEquals(socket().accept()["resume"], "00ff:1500");
  });
});

Deno.test("WatchSession retries a resume later and later, and keeps the position", () => {
  withSession(undefined, ({ session, timers, states, socket }) => {
    playOn(socket());
    socket().end(1006);
    timers.elapse();
    for (
      const [code, state, ms] of [
        [1006, "lost", 2000],
        [4503, "busy", 3000],
        [1001, "lost", 4500],
        [1006, "lost", 5000],
      ] as const
    ) {
      socket().end(code);
      assertEquals([states.at(-1), timers.delays], [state, [ms]]);
      timers.elapse();
    }
    assert(session.isResuming);
    assertEquals(socket().accept()["resume"], "00ff:1500");
  });
});

Deno.test("WatchSession waits before it resumes on a server that cuts every connection at once", () => {
  withSession(undefined, ({ timers, socket }) => {
    playOn(socket());
    for (const ms of [2000, 2000]) {
      socket().end(1006);
      timers.elapse();
      socket().accept();
      socket().tell({ ...STREAM, id: "00ff", offset: 1500, lead: 0 });
      socket().end(1006);
      assertEquals(timers.delays, [ms]);
    }
  });
});

for (const code of [1000, 4400, 4401, 4404, 4500]) {
  Deno.test(`WatchSession does not resume a stream that was closed with ${code}`, () => {
    withSession(undefined, ({ session, socket }) => {
      playOn(socket());
      socket().end(code);
      assert(!session.isResuming);
      session.open();
      assertEquals("resume" in socket().accept(), false);
    });
  });
}

Deno.test("WatchSession does not resume for a decoder that failed, or that has a part of its lead", () => {
  withSession(undefined, ({ session, timers, states, socket }) => {
    playOn(socket());
    session.retry("failed", "cannot decode");
    assert(!session.isResuming);
    assertEquals(states.at(-1), "failed cannot decode");
    timers.elapse();
    assertEquals("resume" in socket().accept(), false);
    socket().tell({ ...STREAM, ...PLACE });
    socket().media(39);
    socket().end(1006);
    assert(!session.isResuming);
  });
});

Deno.test("WatchSession says that a channel is held while it resumes, and that it continues", () => {
  withSession(undefined, ({ timers, states, socket }) => {
    playOn(socket());
    socket().end(1006);
    timers.elapse();
    socket().accept();
    states.length = 0;
    for (const type of ["ok", "held", "live"]) socket().tell({ type });
    assertEquals(states, ["accepted", "connecting", "waiting", "continues"]);
    socket().tell({ ...STREAM, id: "00ff", offset: 1500, lead: 0 });
    assertEquals(states.at(-1), "continues");
  });
});
