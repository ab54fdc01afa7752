import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import {
  BareMachine,
  executable,
  finished,
  missing,
  needsExecutable,
} from "../helpers/executable.ts";
import { assertParts, filesIn, unpacksItself } from "../helpers/unpacking.ts";

const program = missing ? "" : await executable();
const unpacks = program !== "" && await unpacksItself(program);

/** A test's name and whether it is skipped, which says why. */
function needsUnpacking(name: string): { name: string; ignore: boolean } {
  const { name: shown, ignore } = needsExecutable(name);
  if (ignore || unpacks) return { name: shown, ignore };
  return {
    name: `${name} (skipped: the executable is compiled)`,
    ignore: true,
  };
}

Deno.test({
  ...needsUnpacking(
    "a home that cannot be written to, and none at all, are no obstacle",
  ),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    const temp = `${machine.folder}/tmp`;
    await Deno.mkdir(temp);
    for (const env of [{ HOME: "/proc" }, { HOME: "/dev/null" }, {}]) {
      const options = { env: { ...env, TMPDIR: temp } };
      const { status, stderr } = await machine.fstream(["--help"], options);
      assertEquals([status, stderr], [0, ""]);
    }
    const [first = ""] = await filesIn(temp);
    const own = first.split("/")[0]!;
    assertMatch(own, /^fstream-\d+$/);
    assertParts(await filesIn(`${temp}/${own}`));
  },
});

Deno.test({
  ...needsUnpacking("a folder that is a link or not ours is not unpacked to"),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    const home = `${machine.folder}/home`;
    await Deno.mkdir(`${home}/.cache`);
    await Deno.mkdir(`${machine.folder}/elsewhere`);
    await Deno.symlink(`${machine.folder}/elsewhere`, `${home}/.cache/fstream`);
    const env = { HOME: home, TMPDIR: `${machine.folder}/tmp` };
    await Deno.mkdir(env.TMPDIR);
    const { status } = await machine.fstream(["--help"], { env });
    assertEquals(status, 0);
    assertEquals(await filesIn(`${machine.folder}/elsewhere`), []);
    const [own = ""] = await filesIn(env.TMPDIR);
    assertMatch(own, /^fstream-\d+\//);
  },
});

Deno.test({
  ...needsUnpacking(
    "four first starts at once all work, and leave one file of each part",
  ),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    const starts = Array.from(
      { length: 4 },
      () => machine.fstream(["--version"]),
    );
    for (const { status, stderr } of await Promise.all(starts)) {
      assertEquals([status, stderr], [0, ""]);
    }
    assertParts(await filesIn(`${machine.folder}/home/.cache/fstream`));
  },
});

Deno.test({
  ...needsUnpacking("a first start that is ended harms no later one"),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const child = machine.spawn("fstream", ["--version"]);
      await new Promise((resolve) => setTimeout(resolve, 150));
      child.kill(signal);
      await finished(child);
    }
    const { status, stdout } = await machine.fstream(["--version"]);
    assertEquals(status, 0);
    assertStringIncludes(stdout, manifest.version);
  },
});

Deno.test({
  ...needsUnpacking("a file that was cut short says so, and leaves nothing"),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    const cache = `${machine.folder}/cache`;
    const { status, stdout, stderr } = await machine.sh(
      'head -c 1000000 bin/fstream > short; chmod 755 short; FSTREAM_CACHE="$PWD/cache" ./short --version',
    );
    assertEquals([status, stdout], [70, ""]);
    assertMatch(
      stderr,
      /^fstream: error: Cannot unpack: this file is corrupt,/,
    );
    assertMatch(stderr, /\nfstream: hint: .*FSTREAM_CACHE=/);
    assertEquals(await filesIn(cache), []);
  },
});

Deno.test({
  ...needsUnpacking("the process is called fstream, for ps and pkill"),
  fn: async () => {
    await using machine = await BareMachine.make(program);
    const { status, stdout } = await machine.sh(`
      mkdir users; tries=0
      fstream serve --listen 127.0.0.1:0 --users users 2> log & server=$!
      until [ -s log ] || [ $((tries += 1)) -gt 3000000 ]; do :; done
      read -r name < /proc/$server/comm; echo "$name"
      kill $server; wait $server
    `);
    assertEquals([status, stdout], [0, "fstream\n"]);
  },
});
