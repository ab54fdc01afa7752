import { assertEquals } from "@std/assert";
import {
  savedPassword,
  savePassword,
} from "../../../../lib/web/pages/watch/saved_password.js";

Deno.test("savedPassword() returns what savePassword() saved for the same channel only", () => {
  assertEquals(savedPassword("/fier/a"), undefined);
  savePassword("/fier/a", "open up");
  assertEquals(savedPassword("/fier/a"), "open up");
  assertEquals(savedPassword("/fier/b"), undefined);
  savePassword("/fier/a");
  assertEquals(savedPassword("/fier/a"), undefined);
});

Deno.test("savedPassword() and savePassword() tolerate a browser that blocks storage", () => {
  const original = Object.getOwnPropertyDescriptor(
    globalThis,
    "sessionStorage",
  )!;
  Object.defineProperty(globalThis, "sessionStorage", {
    configurable: true,
    get(): never {
      throw new DOMException("blocked", "SecurityError");
    },
  });
  try {
    savePassword("/fier/a", "open up");
    assertEquals(savedPassword("/fier/a"), undefined);
  } finally {
    Object.defineProperty(globalThis, "sessionStorage", original);
  }
});
