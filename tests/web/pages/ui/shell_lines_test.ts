import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  pathOf,
  readPath,
  socketUrl,
} from "../../../../lib/web/pages/ui/channel_path.js";
import {
  quote,
  startLine,
  watchLines,
} from "../../../../lib/web/pages/ui/shell_lines.js";

const PAGE = new URL("http://vps.example:61920/fier");

const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "'; rm -rf / #",
  "$(reboot) `reboot`",
  "--help",
  "a b/c?d#e%20",
  "\\\"'",
  "日本",
];

/** The words that a POSIX shell reads from a line. */
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

Deno.test("watchLines() keeps hostile names unchanged", async () => {
  for (const name of HOSTILE) {
    const lines = watchLines(
      { user: name, channel: name, locked: false },
      PAGE,
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

Deno.test("watchLines() and startLine() use the host, port and TLS of the page", () => {
  const channel = { user: "fier", channel: "default", locked: false };
  const cases = [
    ["http://vps.example/fier", "vps.example:80", "", "http://vps.example"],
    [
      ...["https://vps.example/fier", "vps.example:443", " --tls"],
      "https://vps.example",
    ],
    [
      ...["https://[2001:db8::1]:61921/fier", "[2001:db8::1]:61921", " --tls"],
      "https://[2001:db8::1]:61921",
    ],
  ] as const;
  for (const [page, address, tls, origin] of cases) {
    const lines = watchLines(channel, new URL(page)).map(({ line }) => line);
    const url = quote(`${origin}/fier`);
    assertEquals(lines, [
      `fstream ${address} watch${tls} --user fier | ffplay -`,
      `ffplay ${url}`,
      `vlc ${url}`,
      quote(`${origin}/fier/default/index.m3u8`),
      `curl -o out ${url}`,
    ]);
    assertStringIncludes(
      startLine(new URL(page)),
      `| fstream ${address} broadcast${tls} --user NAME `,
    );
  }
});

Deno.test("watchLines() shows where the password goes, and names a recording", () => {
  const channel = {
    user: "fier",
    channel: "default",
    container: "matroska",
    locked: true,
  };
  const lines = watchLines(channel, PAGE).map(({ line }) => line);
  assertEquals(lines, [
    "fstream vps.example:61920 watch --user fier --channel-password PASSWORD | ffplay -",
    "ffplay http://:PASSWORD@vps.example:61920/fier",
    "vlc http://:PASSWORD@vps.example:61920/fier",
    "curl -o out.mkv http://:PASSWORD@vps.example:61920/fier",
  ]);
});

Deno.test("readPath() reads what pathOf() writes", () => {
  for (const name of HOSTILE) {
    const channel = { user: "fier", channel: name };
    assertEquals(readPath(pathOf(channel)), channel);
  }
  assertEquals(pathOf({ user: "fier", channel: "default" }), "/fier");
  assertEquals(readPath("/fier"), { user: "fier", channel: "default" });
  assertEquals(readPath("/%"), undefined);
  assertEquals(readPath("/"), undefined);
});

Deno.test("socketUrl() uses TLS exactly when the page does", () => {
  const host = "vps.example:443";
  assertEquals(
    socketUrl("/a", { protocol: "https:", host }),
    `wss://${host}/a`,
  );
  assertEquals(socketUrl("/a", { protocol: "http:", host }), `ws://${host}/a`);
});
