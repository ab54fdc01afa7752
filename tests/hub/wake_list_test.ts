import { assert, assertEquals } from "@std/assert";
import { WakeList } from "../../lib/hub/wake_list.ts";

/** Watchers that wait again each time they are woken, in the order in which they are. */
function followers(list: WakeList, count: number): { takeOrder(): number[] } {
  let order: number[] = [];
  for (let i = 0; i < count; i++) {
    const wake = (): void => {
      order.push(i);
      list.add(wake);
    };
    list.add(wake);
  }
  return {
    takeOrder(): number[] {
      const taken = order;
      order = [];
      return taken;
    },
  };
}

Deno.test("WakeList.wake() calls everybody once, however many there are", () => {
  for (const count of [1, 2, 3, 10, 1000]) {
    const list = new WakeList();
    const { takeOrder } = followers(list, count);
    for (let turn = 0; turn < 5; turn++) {
      list.wake();
      const order = takeOrder();
      assertEquals(order.toSorted((a, b) => a - b), [...Array(count).keys()]);
      assertEquals(list.size, count);
    }
  }
});

Deno.test("WakeList.wake() rotates, so that everybody is early and late alike", () => {
  const [count, turns] = [100, 50];
  const list = new WakeList();
  const { takeOrder } = followers(list, count);
  const places: number[] = Array(count).fill(0);
  const lateInARow: number[] = Array(count).fill(0);
  for (let turn = 0; turn < turns; turn++) {
    list.wake();
    for (const [place, who] of takeOrder().entries()) {
      places[who]! += place;
      lateInARow[who] = place >= count * 0.75 ? lateInARow[who]! + 1 : 0;
      assert(lateInARow[who]! <= 1, "nobody is in the last quarter twice");
    }
  }
  const means = places.map((sum) => sum / turns);
  assert(Math.min(...means) > 45 && Math.max(...means) < 54, `${means}`);
});

Deno.test("WakeList.delete() keeps a callback from being called, also by another one", () => {
  const list = new WakeList();
  const called: string[] = [];
  const wakes = ["a", "b", "c", "d", "e"].map((name) => (): void => {
    called.push(name);
    // The first one that is called ends all others.
    for (const wake of wakes) list.delete(wake);
  });
  for (const wake of wakes) list.add(wake);
  list.wake();
  assertEquals(called.length, 1);
  list.wake();
  assertEquals([called.length, list.size], [1, 0]);
});

Deno.test("WakeList.wake() does not call what is added meanwhile", () => {
  const list = new WakeList();
  let calls = 0;
  const wake = (): void => {
    calls++;
    list.add(wake);
  };
  list.add(wake);
  list.wake();
  assertEquals([calls, list.size], [1, 1]);
});
