import { assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { EncoderEnd } from "../../lib/cli/encoder_end.ts";
import { Interrupted } from "../../lib/cli/end_signal.ts";

/** Milliseconds from a signal until no further byte is read. */
async function msUntilEnd(
  signal: Deno.Signal,
  bytes: () => number,
): Promise<number> {
  const controller = new AbortController();
  const giveUp = (): void => {
    throw new Error("Cannot happen: it gave up");
  };
  const end = new EncoderEnd({ signal: controller.signal, bytes, giveUp });
  try {
    assertEquals(end.ended.aborted, false);
    const began = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    end.ended.addEventListener("abort", () => resolve());
    controller.abort(new Interrupted(signal));
    await promise;
    return performance.now() - began;
  } finally {
    end[Symbol.dispose]();
  }
}

Deno.test("EncoderEnd ends at once on SIGTERM", async () => {
  let bytes = 0;
  assertLess(await msUntilEnd("SIGTERM", () => bytes++), 100);
});

Deno.test("EncoderEnd ends soon after SIGINT when no byte comes", async () => {
  assertLess(await msUntilEnd("SIGINT", () => 7), 1000);
});

Deno.test("EncoderEnd waits two seconds for an encoder that does not stop", async () => {
  let bytes = 0;
  const ms = await msUntilEnd("SIGINT", () => bytes++);
  assertGreaterOrEqual(ms, 1900);
  assertLess(ms, 4000);
});

Deno.test("EncoderEnd gives up on a server that takes nothing", async () => {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const { signal } = controller;
  const bytes = (): number => 0;
  const options = { signal, bytes, giveUp: resolve, giveUpMs: 10 };
  const end = new EncoderEnd(options);
  assertEquals(end.gaveUp, false);
  controller.abort(new Interrupted("SIGTERM"));
  await promise;
  assertEquals(end.gaveUp, true);
  end[Symbol.dispose]();
});
