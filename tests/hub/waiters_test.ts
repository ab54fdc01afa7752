import { assertEquals } from "@std/assert";
import { Waiters } from "../../lib/hub/waiters.ts";
import { refusalOf, waitOptions } from "./hub_scene.ts";

/** A signal that counts its listeners. */
class CountingSignal extends EventTarget implements AbortSignal {
  readonly aborted = false;
  readonly reason = undefined;
  readonly onabort = null;
  readonly listeners: Set<unknown> = new Set();

  throwIfAborted(): void {}

  override addEventListener(
    type: string,
    listener: EventListener,
    options?: AddEventListenerOptions,
  ): void {
    this.listeners.add(listener);
    super.addEventListener(type, listener, options);
  }

  override removeEventListener(type: string, listener: EventListener): void {
    this.listeners.delete(listener);
    super.removeEventListener(type, listener);
  }
}

const WAYS_TO_END: Readonly<Record<string, (waiters: Waiters) => void>> = {
  "the channel goes live": (waiters) => waiters.wake("fier", "default"),
  "every wait is ended": (waiters) => waiters.close(),
};

for (const [name, end] of Object.entries(WAYS_TO_END)) {
  Deno.test(`Waiters.wait() leaves no listener on its signal when ${name}`, async () => {
    const waiters = new Waiters(2);
    const signal = new CountingSignal();
    for (let i = 0; i < 3; i++) {
      const waiting = waiters.wait(waitOptions({ wait: 60, signal }));
      assertEquals(signal.listeners.size, 1);
      end(waiters);
      await waiting;
      assertEquals(signal.listeners.size, 0);
    }
  });
}

Deno.test("Waiters.wait() leaves no listener on its signal when the time is over", async () => {
  const signal = new CountingSignal();
  await new Waiters(2).wait(waitOptions({ wait: 0.001, signal }));
  assertEquals(signal.listeners.size, 0);
});

Deno.test("Waiters.wait() resolves when its signal is aborted, and makes room", async () => {
  const waiters = new Waiters(1);
  const { signal, abort } = abortable();
  const waiting = waiters.wait(waitOptions({ wait: 60, signal }));
  const second = waiters.wait(waitOptions({ wait: 60 }));
  assertEquals(
    await refusalOf(second),
    "limit: too many wait for this channel",
  );
  abort();
  await waiting;
  const third = waiters.wait(waitOptions({ wait: 60 }));
  waiters.close();
  await third;
});

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
