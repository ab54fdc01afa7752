import { assertEquals } from "@std/assert";
import { TaskLimit } from "../../lib/auth/task_limit.ts";

Deno.test("TaskLimit.run() starts tasks in the order they came, a bounded number at a time, and takes no more than may wait", async () => {
  const limit = new TaskLimit(2, 3);
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const run = (name: string): Promise<void> | undefined =>
    limit.run(() => {
      started.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.push(resolve);
      return promise;
    });
  const done = ["a", "b", "c", "d", "e"].map(run);
  assertEquals(started, ["a", "b"]);
  assertEquals(run("f"), undefined);
  while (ends.length > 0) {
    ends.shift()!();
    // A task that ends lets the next one start within a turn of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await Promise.all(done);
  assertEquals(started, ["a", "b", "c", "d", "e"]);
});

Deno.test("TaskLimit.run() continues after a task that rejects", async () => {
  const limit = new TaskLimit(1, 1);
  const first = limit.run(() => Promise.reject(new Error("boom")));
  const second = limit.run(() => Promise.resolve("next"));
  assertEquals(await first!.catch(({ message }) => message), "boom");
  assertEquals(await second, "next");
});
