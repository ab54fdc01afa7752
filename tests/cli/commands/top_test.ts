import { assert, assertEquals, assertMatch } from "@std/assert";
import { formatAddress } from "../../../lib/net/address.ts";
import { publishOptions } from "../../hub/hub_scene.ts";
import { fstream } from "../../helpers/fstream_process.ts";
import { needs } from "../../helpers/installed.ts";
import { RawPeer } from "../../helpers/raw_peer.ts";
import { requestBytes } from "../../helpers/raw_peer.ts";
import { fromRoot } from "../../helpers/root.ts";
import {
  PASSWORD,
  startTestServer,
  type TestServer,
} from "../../helpers/start_server.ts";
import { Tmux } from "../../helpers/tmux.ts";

/** A server with two channels of fier's, one of which is watched. */
async function watched(): Promise<TestServer & { readonly peer: RawPeer }> {
  const server = await startTestServer({ folder: true });
  for (const channel of ["hall", "yard"]) {
    server.server.hub.publish(publishOptions({ channel }))
      .append(new Uint8Array(1000));
  }
  const peer = await RawPeer.connect(
    server.address,
    requestBytes("watch,user=fier,channel=hall"),
  );
  await server.log.wait("watch-start");
  return { ...server, peer };
}

/** The command line that a shell runs. */
function commandLine({ address }: TestServer): string {
  const program = `${Deno.execPath()} run --no-prompt -A ${
    fromRoot("main.ts")
  }`;
  return `NO_COLOR=1 ${program} ${formatAddress(address)} top -u fier ` +
    `--user-password ${PASSWORD}`;
}

/** Asserts that a terminal is as it was: its own screen, a cursor, echo and line mode. */
async function assertRestored(tmux: Tmux): Promise<void> {
  await tmux.wait(/READY> *$/m);
  assertEquals(await tmux.flag("alternate_on"), "0");
  assertEquals(await tmux.flag("cursor_flag"), "1");
  await tmux.type(
    "stty -a | tr ' ;' '\\n\\n' | grep -cE '^(icanon|echo|isig|opost)$'",
  );
  await tmux.wait(/^4$/m);
}

Deno.test({
  ...needs(
    "tmux",
    "fstream top fills a terminal, follows its size and gives it back",
  ),
  fn: async () => {
    await using server = await watched();
    await using tmux = await Tmux.open(100, 24);
    await tmux.type(commandLine(server));
    const first = await tmux.wait(/fier\/hall: 1 watching, by lag/);
    assertMatch(first, /^fier\/hall +live .* 1 .*\nfier\/yard +live/m);
    assertMatch(first, /^ +1 +127\.0\.0\.1:\d+ +fstream2? /m);
    assertMatch(first, /e end {2}q quit\n*$/);
    assertEquals(await tmux.flag("alternate_on"), "1");
    assertEquals(await tmux.flag("cursor_flag"), "0");
    await tmux.resize(40, 10);
    const narrow = await tmux.wait(/^fstream top .{28}$/m);
    assert(narrow.trimEnd().split("\n").length <= 10, narrow);
    await tmux.resize(120, 30);
    await tmux.wait(/^fstream top .*bit\/s in$/m);
    await tmux.press("q");
    await assertRestored(tmux);
    server.peer.close();
  },
});

Deno.test({
  ...needs(
    "tmux",
    "fstream top chooses, kicks and ends by keys, after a question",
  ),
  fn: async () => {
    await using server = await watched();
    await using tmux = await Tmux.open(100, 24);
    await tmux.type(commandLine(server));
    await tmux.wait(/fier\/hall: 1 watching, by lag/);
    await tmux.press("k");
    await tmux.wait(/Disconnect watcher 1 at .*\(y\/n\)/);
    await tmux.press("y");
    assertEquals(
      (await server.log.wait("watch-end")).reason,
      "disconnected by fier",
    );
    await tmux.wait(/fier\/hall: 0 watching/);
    await tmux.press("Down");
    await tmux.wait(/fier\/yard: 0 watching/);
    await tmux.press("e");
    await tmux.wait(/End fier\/yard, with 0 watchers\? \(y\/n\)/);
    await tmux.press("y");
    const { reason, channel } = await server.log.wait("channel-end");
    assertEquals([channel, reason], ["yard", "ended by fier"]);
    await tmux.wait(/: 1 channels,/);
    await tmux.press("C-c");
    await assertRestored(tmux);
    server.peer.close();
  },
});

Deno.test({
  ...needs(
    "tmux",
    "fstream top gives the terminal back when it is ended, and when it fails",
  ),
  fn: async () => {
    await using server = await watched();
    await using tmux = await Tmux.open(100, 24);
    await tmux.type(`${commandLine(server)} & pid=$!; fg`);
    await tmux.wait(/fier\/hall: 1 watching, by lag/);
    const pid = await foreground(tmux);
    Deno.kill(pid, "SIGTERM");
    await assertRestored(tmux);
    await tmux.type("clear");
    await tmux.type(commandLine(server));
    await tmux.wait(/fier\/hall: 1 watching, by lag/);
    server.peer.close();
    await server.server.close();
    await tmux.wait(/Cannot connect to 127/);
    await tmux.press("q");
    await assertRestored(tmux);
  },
});

/** The process id of fstream in a terminal's foreground. */
async function foreground(tmux: Tmux): Promise<number> {
  const tty = (await tmux.flag("pane_tty")).replace("/dev/", "");
  const { stdout } = await new Deno.Command("ps", {
    args: ["-t", tty, "-o", "pid=,args="],
  }).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  const line = lines.find((each) => each.includes(" top -u fier"));
  return Number.parseInt(line!.trim());
}

Deno.test("fstream top prints both tables once without a terminal", async () => {
  await using server = await watched();
  const args = ["top", "-u", "fier", "--user-password", PASSWORD];
  const address = formatAddress(server.address);
  const { code, stdout, stderr } = await fstream([address, ...args]).output();
  const text = new TextDecoder().decode(stdout);
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  assertMatch(
    text,
    /^CHANNEL .*\nfier\/hall .*\nfier\/yard .*\n\nfier\/hall: 1/,
  );
  assertMatch(text, /\nWATCHER .*\n +1 +127\.0\.0\.1:\d+ .*\n$/);
  const chosen = [address, ...args, "--channel", "fier/yard"];
  const other = await fstream(chosen).output();
  assertMatch(new TextDecoder().decode(other.stdout), /\nfier\/yard: 0 /);
  server.peer.close();
});

Deno.test("fstream top needs a user, and the right password", async () => {
  await using server = await startTestServer({ folder: true });
  const address = formatAddress(server.address);
  const nobody = await fstream([address, "top"]).output();
  assertEquals(nobody.code, 2);
  const wrong = ["-u", "fier", "--user-password", "wrong"];
  const refused = await fstream([address, "top", ...wrong]).output();
  assertEquals(refused.code, 3);
});
