import { assertEquals } from "@std/assert";
import { AttemptSlots } from "../../../lib/auth/rate_limit/attempt_slots.ts";

/** Slots whose number a test sets, and the attempts that have one, in the order they got it. */
class Scene {
  slots = 2;
  readonly started: string[] = [];
  readonly #slots: AttemptSlots;

  constructor(maxWaiting = 10) {
    this.#slots = new AttemptSlots(maxWaiting, () => this.slots);
  }

  get networks(): number {
    return this.#slots.size;
  }

  /** Asks for a slot; returns whether it was put in line or got one. */
  ask(name: string, network = "n"): boolean {
    const slot = this.#slots.acquire(network);
    slot?.then(() => this.started.push(name));
    return slot !== undefined;
  }

  async release(network = "n"): Promise<void> {
    this.#slots.release(network);
    await settled();
  }
}

/** Resolves when the promises that are resolved by now have been handled. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

Deno.test("AttemptSlots gives slots in the order they were asked for, to each network its own", async () => {
  const scene = new Scene();
  for (const name of ["a", "b", "c", "d"]) scene.ask(name);
  scene.ask("other", "m");
  await settled();
  assertEquals(scene.started, ["a", "b", "other"]);
  await scene.release();
  await scene.release();
  assertEquals(scene.started, ["a", "b", "other", "c", "d"]);
});

Deno.test("AttemptSlots.acquire() answers at once when too many wait", () => {
  const scene = new Scene(2);
  const asked = ["a", "b", "c", "d", "e"].map((name) => scene.ask(name));
  assertEquals(asked, [true, true, true, true, false]);
});

Deno.test("AttemptSlots.release() follows the number of slots, up and down", async () => {
  const scene = new Scene();
  for (const name of "abcdefgh") scene.ask(name);
  await settled();
  scene.slots = 1;
  await scene.release();
  assertEquals(scene.started.join(""), "ab");
  await scene.release();
  assertEquals(scene.started.join(""), "abc");
  scene.slots = 4;
  await scene.release();
  assertEquals(scene.started.join(""), "abcdefg");
});

Deno.test("AttemptSlots forgets a network without attempts", async () => {
  const scene = new Scene();
  for (const name of ["a", "b", "c"]) scene.ask(name);
  for (let i = 0; i < 3; i++) await scene.release();
  assertEquals(scene.networks, 0);
  await scene.release();
  assertEquals(scene.networks, 0);
});
