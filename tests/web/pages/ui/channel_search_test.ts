import { assertEquals } from "@std/assert";
import {
  searched,
  sorted,
} from "../../../../lib/web/pages/ui/channel_search.js";

/** A search field that holds a text. */
function field(value: string): { value: string; hidden: boolean } {
  return { value, hidden: false };
}

function names(channels: { user: string; channel: string }[]): string[] {
  return channels.map(({ user, channel }) => `${user}/${channel}`);
}

const CHANNELS = ["b/cam 10", "b/cam 9", "a/Zoo", "a/yard"].map((name) => {
  const [user = "", channel = ""] = name.split("/");
  return { user, channel };
});

Deno.test("sorted() orders channels by user and name, as people count", () => {
  assertEquals(
    names(sorted(CHANNELS)),
    ["a/yard", "a/Zoo", "b/cam 9", "b/cam 10"],
  );
});

Deno.test("searched() finds all words in any case and order", () => {
  const find = (text: string): string[] =>
    names(searched(CHANNELS, field(text)));
  assertEquals(find("CAM b"), ["b/cam 10", "b/cam 9"]);
  assertEquals(find(" zoo "), ["a/Zoo"]);
  assertEquals(find("zoo cam"), []);
  assertEquals(find("").length, 4);
});

Deno.test("searched() shows its field from ten channels on, and while it holds a text", () => {
  const many = Array.from({ length: 10 }, (_, n) => ({
    user: "a",
    channel: `${n}`,
  }));
  const hidden = (count: number, text = ""): boolean => {
    const made = field(text);
    searched(many.slice(0, count), made);
    return made.hidden;
  };
  assertEquals([hidden(9), hidden(10), hidden(9, "x")], [true, false, false]);
});
