import { assert, assertEquals } from "@std/assert";
import {
  pathOf,
  readPath,
  socketUrl,
} from "../../lib/web/pages/channel_path.js";
import { quote, watchLines } from "../../lib/web/pages/shell_lines.js";

const WHERE = {
  server: "vps.example:61920",
  origin: "http://vps.example:61980",
};

const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "'; rm -rf / #",
  "$(reboot) `reboot`",
  "--help",
  "a b/c?d#e%20",
  "\\\"'",
  "日本",
];

/** What a POSIX shell makes of a line, word by word. */
async function wordsOf(line: string): Promise<string[]> {
  const script = `set -- ${line}; for word; do printf '%s\\0' "$word"; done`;
  const { stdout, success } = await new Deno.Command("sh", {
    args: ["-c", script],
  }).output();
  assert(success, line);
  return new TextDecoder().decode(stdout).split("\0").slice(0, -1);
}

Deno.test("quote() makes any text one word of the shell", async () => {
  for (const text of [...HOSTILE, "plain", "a=b"]) {
    assertEquals(await wordsOf(quote(text)), [text]);
  }
  assertEquals(quote("fier"), "fier");
});

Deno.test("watchLines() keeps hostile names what they are", async () => {
  for (const name of HOSTILE) {
    const lines = watchLines(
      { user: name, channel: name, locked: false },
      WHERE,
    );
    const [first, ...players] = lines.map(({ line }) => line);
    assert(first);
    const [command, server, verb, ...flags] = await wordsOf(
      first.replace(/ \| ffplay -$/, ""),
    );
    assertEquals([command, server, verb], [
      "fstream",
      "vps.example:61920",
      "watch",
    ]);
    const given = name.startsWith("-")
      ? [`--user=${name}`, `--channel=${name}`]
      : ["--user", name, "--channel", name];
    assertEquals(flags, given);
    for (const line of players) {
      const url = new URL((await wordsOf(line)).at(-1) ?? "");
      assertEquals(readPath(url.pathname), { user: name, channel: name });
    }
  }
});

Deno.test("watchLines() says where the password goes, and what a recording is called", () => {
  const channel = {
    user: "fier",
    channel: "default",
    container: "matroska",
    locked: true,
  };
  const lines = watchLines(channel, WHERE).map(({ line }) => line);
  assertEquals(lines, [
    "fstream vps.example:61920 watch --user fier --channel-password PASSWORD | ffplay -",
    "ffplay http://:PASSWORD@vps.example:61980/fier",
    "vlc http://:PASSWORD@vps.example:61980/fier",
    "curl -o out.mkv http://:PASSWORD@vps.example:61980/fier",
  ]);
});

Deno.test("pathOf() and readPath() are each other's inverse", () => {
  for (const name of HOSTILE) {
    assertEquals(readPath(pathOf("fier", name)), {
      user: "fier",
      channel: name,
    });
  }
  assertEquals(pathOf("fier", "default"), "/fier");
  assertEquals(readPath("/fier"), { user: "fier", channel: "default" });
  assertEquals(readPath("/%"), undefined);
  assertEquals(readPath("/"), undefined);
});

Deno.test("socketUrl() is as safe as its page", () => {
  const host = "vps.example:443";
  assertEquals(
    socketUrl("/a", { protocol: "https:", host }),
    `wss://${host}/a`,
  );
  assertEquals(socketUrl("/a", { protocol: "http:", host }), `ws://${host}/a`);
});
