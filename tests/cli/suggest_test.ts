import { assertEquals } from "@std/assert";
import { closest, didYouMean } from "../../lib/cli/suggest.ts";

const COMMANDS = ["serve", "broadcast", "watch", "token", "user", "check"];

Deno.test("closest() finds what a misspelled word was meant to be", () => {
  for (
    const [word, meant] of [
      ["wach", "watch"],
      ["watvh", "watch"],
      ["wacth", "watch"],
      ["wwatch", "watch"],
      ["Watch", "watch"],
      ["brodcats", "broadcast"],
      ["usr", "user"],
      ["cast", "broadcast"],
      // Too short or too different to guess.
      ["us", undefined],
      ["listen", undefined],
      ["play", undefined],
      ["", undefined],
    ] as const
  ) {
    assertEquals(closest(word, COMMANDS), meant, word);
  }
});

Deno.test("closest() prefers the fewest edits, and the first of equals", () => {
  assertEquals(closest("cat", ["cart", "cat", "car"]), "cat");
  assertEquals(closest("caat", ["cart", "cat"]), "cart");
  assertEquals(
    closest("--password", ["--token", "--user-password"]),
    "--user-password",
  );
});

Deno.test("didYouMean() asks only where a word is close", () => {
  assertEquals(
    didYouMean("wach", COMMANDS, "see --help"),
    "did you mean watch? see --help",
  );
  assertEquals(didYouMean("listen", COMMANDS, "see --help"), "see --help");
});
