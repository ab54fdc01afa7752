import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { formatAddress } from "../../lib/net/address.ts";
import {
  BareMachine,
  executable,
  finished,
  missing,
  needsExecutable,
  serveExecutable,
} from "../helpers/executable.ts";
import { startTestServer } from "../helpers/start_server.ts";
import { assertParts, filesIn, unpacksItself } from "../helpers/unpacking.ts";

/** What comes through at full speed: many times the backlog of a socket, and a second's work. */
const FULL_SPEED_BYTES = 64 * 1024 * 1024;

/** Kilobytes of memory of an idle server that no file stands behind (proc(5), RssAnon). */
const IDLE_ANON_KB = 20_000;

const program = missing ? "" : await executable();
const unpacks = program !== "" && await unpacksItself(program);

Deno.test({
  ...needsExecutable(
    "the executable starts with an empty home and neither Deno nor Node, and tells how it was made",
  ),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    const { status, stdout, stderr } = await machine.fstream(["--version"]);
    assertEquals([status, stderr], [0, ""]);
    const made =
      /^fstream (\S+) \(commit (\S+), built (\S+Z), (\S+), deno (\S+), (\S+)\)\n$/
        .exec(stdout);
    assert(made, stdout);
    assertEquals(made[1], manifest.version);
    assertEquals(made[6], Deno.build.target);
    assertEquals(made[4], unpacks ? "self-extracting" : "compiled");
    if (unpacks) {
      assertParts(await filesIn(`${machine.folder}/home/.cache/fstream`));
    }
  },
});

Deno.test({
  ...needsExecutable(
    "the executable carries a pipe at full speed, byte for byte",
  ),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    await using server = await serveExecutable(machine, ["--backlog=128M"]);
    const sh = (text: string): ReturnType<BareMachine["sh"]> =>
      machine.sh(text, {
        env: { ...machine.env, FSTREAM_SERVER: server.address },
      });
    await sh(`head -c ${FULL_SPEED_BYTES} /dev/urandom > sent`);
    const watching = sh("fstream watch -q -u fier --wait 20 > seen");
    await server.logged("watch-wait");
    const { status, stderr } = await sh(
      "fstream broadcast -q -u fier --user-password 123 < sent",
    );
    assertEquals(await watching, { status: 0, stdout: "", stderr: "" });
    assertEquals(await sh("cmp sent seen"), {
      status: 0,
      stdout: "",
      stderr: "",
    });
    assertEquals([status, stderr], [0, ""]);
  },
});

Deno.test({
  ...needsExecutable("the executable has the exit statuses of the program"),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    await using server = await serveExecutable(machine);
    const cases: [args: string[], status: number, stderr: string][] = [
      [["--help"], 0, ""],
      [["127.0.0.1:1", "watch", "-u", "fier"], 1, "Cannot connect"],
      [["--bogus"], 2, "no command before the flag --bogus"],
      [["watch", "-A"], 2, "unknown flag"],
      [[server.address, "watch", "-u", "fier"], 3, "the server refused"],
    ];
    for (const [args, status, stderr] of cases) {
      const ran = await machine.fstream(args);
      assertEquals(ran.status, status, `${args.join(" ")}: ${ran.stderr}`);
      assertStringIncludes(ran.stderr, stderr);
    }
  },
});

Deno.test({
  ...needsExecutable("the executable's server ends cleanly on SIGTERM"),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    await using server = await serveExecutable(machine);
    const { status, stdout, stderr } = await server.stop();
    assertEquals([status, stdout], [0, ""]);
    assertMatch(stderr, / stop\n$/);
  },
});

Deno.test({
  ...needsExecutable(
    "the executable sells tokens, and takes a module of two TypeScript files",
  ),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    await Deno.writeTextFile(
      `${machine.folder}/auth module.ts`,
      'import { word } from "./word.ts";\n' +
        "export default (asked: { verb: string; password?: string }): boolean =>\n" +
        '  asked.verb === "watch" || asked.password === word;\n',
    );
    await Deno.writeTextFile(
      `${machine.folder}/word.ts`,
      'export const word: string = "456";\n',
    );
    await using server = await serveExecutable(machine, [
      "--auth",
      "auth module.ts",
    ]);
    const token = (password: string): ReturnType<BareMachine["fstream"]> =>
      machine.fstream([
        ...[server.address, "token", "-u", "fier"],
        ...["--user-password", password],
      ]);
    const [good, bad] = [await token("456"), await token("123")];
    assertEquals(good.status, 0, good.stderr);
    assertMatch(good.stdout, /^\S{20,}\n$/);
    assertEquals([bad.status, bad.stdout], [3, ""]);
  },
});

Deno.test({
  ...needsExecutable(
    "the executable's demo tells the line that works as pasted",
  ),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    const demo = ["demo", "--for", "1", "--listen", "127.0.0.1:0"];
    const here = `${machine.folder}/bin/fstream`;
    const direct = await machine.fstream(demo);
    const named = await machine.sh(`fstream ${demo.join(" ")}`);
    assertEquals([direct.status, named.status], [0, 0], named.stderr);
    const tail = String.raw`127\.0\.0\.1:\d+ watch --user demo \| ffplay -\n`;
    // The search path leads to it either way, a compiled one only knows where it lies.
    const short = unpacks ? "fstream" : `'.*'`;
    assertMatch(direct.stderr, new RegExp(` ${short} ${tail}`));
    assertMatch(named.stderr, new RegExp(` ${short} ${tail}`));
    await Deno.rename(here, `${machine.folder}/its own.bin`);
    const path = `${machine.folder}/its own.bin`;
    const quoted = await finished(machine.spawn(path, demo));
    assertStringIncludes(
      quoted.stderr,
      unpacks ? ` '${path}' 127` : "watch",
    );
  },
});

/** How many times as long as `--version` a client may take to start: it loads more of the program, and fails. */
const MAX_START_RATIO = 5;

Deno.test({
  ...needsExecutable(
    "watch starts about as fast as --version once all is unpacked",
  ),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    await machine.fstream(["--version"]);
    const fastest = { version: Infinity, watch: Infinity };
    for (let turn = 0; turn < 10; turn++) {
      const began = performance.now();
      await machine.fstream(["--version"]);
      const between = performance.now();
      const { status } = await machine.fstream(["127.0.0.1:1", "watch,user=x"]);
      fastest.version = Math.min(fastest.version, between - began);
      fastest.watch = Math.min(fastest.watch, performance.now() - between);
      assertEquals(status, 1);
    }
    assertLess(fastest.watch, MAX_START_RATIO * fastest.version);
  },
});

Deno.test({
  ...(Deno.build.os === "linux"
    ? needsExecutable("an idle server takes little memory of its own")
    : {
      name: "an idle server takes little memory of its own (skipped: no /proc)",
      ignore: true,
    }),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    await using server = await serveExecutable(machine);
    const status = await Deno.readTextFile(`/proc/${server.pid}/status`);
    const kilobytes = Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]);
    assertLess(kilobytes, IDLE_ANON_KB);
  },
});

Deno.test({
  ...needsExecutable(
    "the executable watches what another server broadcasts",
  ),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    await using running = await startTestServer({ folder: true });
    const address = formatAddress(running.address);
    const env = {
      ...machine.env,
      FSTREAM_SERVER: address,
      "fserv_arg_user": "fier",
      "fserv_arg_user_password": "123",
    };
    const watching = machine.sh("fstream watch --wait 60", { env });
    await running.log.wait("watch-wait");
    await machine.sh("printf 'some media' | fstream broadcast", { env });
    const { status, stdout, stderr } = await watching;
    assertEquals([status, stdout], [0, "some media"]);
    assertMatch(
      stderr,
      /^watched 10 B in \d+:\d\d, 0 bytes lost, at most \d\.\d s behind\n$/,
    );
  },
});
