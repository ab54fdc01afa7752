import { assertEquals } from "@std/assert";
import { PictureQueue } from "../../../../lib/web/pages/list/picture_queue.js";

/** Milliseconds after which a test asks for another picture. */
const WAIT_MS = 1000;

/** A queue under test. */
interface Scene {
  readonly queue: PictureQueue<{ name: string }>;
  /** Those whose pictures were begun, in order. */
  readonly begun: string[];
  /** Ends the picture of one. */
  finish(name: string, wait?: number): Promise<void>;
  /** The time in milliseconds. */
  readonly clock: { now: number };
}

/** Makes a queue of visible cards that show something since `1`. */
function scene(names: string): Scene & { readonly cards: { name: string }[] } {
  const ends = new Map<string, (wait: number) => void>();
  const begun: string[] = [];
  const clock = { now: 0 };
  const queue = new PictureQueue<{ name: string }>(({ name }) => {
    begun.push(name);
    return new Promise((resolve) => ends.set(name, resolve));
  }, () => clock.now);
  const cards = [...names].map((name) => ({ name }));
  const made = {
    ...{ queue, begun, cards, clock },
    async finish(name: string, wait = WAIT_MS): Promise<void> {
      ends.get(name)!(wait);
      for (let i = 0; i < 3; i++) await Promise.resolve();
    },
  };
  for (const card of cards) {
    queue.update(card, "1");
    queue.see(card, true);
  }
  return made;
}

Deno.test("PictureQueue takes two pictures at a time, in order, and each once until it is due again", async () => {
  const made = scene("abc");
  const { queue, begun } = made;
  queue.next();
  queue.next();
  assertEquals(begun, ["a", "b"]);
  await made.finish("b");
  assertEquals(begun, ["a", "b", "c"]);
  await made.finish("a");
  await made.finish("c");
  made.clock.now = WAIT_MS - 1;
  queue.next();
  assertEquals(begun.length, 3);
  made.clock.now = WAIT_MS;
  queue.next();
  assertEquals(begun, ["a", "b", "c", "a", "b"]);
});

Deno.test("PictureQueue takes none of what is out of sight, has no picture, is gone, or while it is paused", () => {
  const { queue, begun, cards } = scene("abcd");
  const [a, b, c] = cards;
  queue.see(a!, false);
  queue.update(b!, undefined);
  queue.delete(c!);
  queue.pause();
  queue.next();
  assertEquals(begun, []);
  queue.resume();
  assertEquals(begun, ["d"]);
});

Deno.test("PictureQueue takes a picture of another broadcast at once, even if it begins during a picture", async () => {
  const made = scene("a");
  const { queue, begun, cards: [a] } = made;
  queue.next();
  await made.finish("a");
  queue.update(a!, "2");
  queue.next();
  assertEquals(begun.length, 2);
  queue.update(a!, "3");
  queue.next();
  assertEquals(begun.length, 2, "one at a time of each");
  await made.finish("a");
  assertEquals(begun.length, 3);
  await made.finish("a");
  queue.update(a!, undefined);
  queue.update(a!, "3");
  queue.next();
  assertEquals(begun.length, 4, "it came back");
});
