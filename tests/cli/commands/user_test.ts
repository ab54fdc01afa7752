import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { matchesHash } from "../../../lib/auth/passwords/password_hash.ts";
import { UsersFolder } from "../../../lib/auth/users/users_folder.ts";
import { fstream } from "../../helpers/fstream_process.ts";
import { withFolder } from "../../auth/folder.ts";
import { makeProgram } from "../../helpers/program.ts";

/** Runs `fstream user fier` with bytes at its stdin. */
async function userFile(
  stdin: string | Uint8Array,
): Promise<{ status: number; stdout: string; stderr: string }> {
  const streams = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  await using child = fstream(["user", "fier"], streams).spawn();
  const bytes = typeof stdin === "string"
    ? new TextEncoder().encode(stdin)
    : stdin;
  const writer = child.stdin.getWriter();
  await writer.write(bytes);
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    status: code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** Whether a user's file accepts a password. */
async function accepts(ini: string, password: string): Promise<boolean> {
  return await withFolder({ "fier.ini": ini }, async (dir) => {
    const entry = await new UsersFolder(dir).lookup("fier");
    return await matchesHash(password, entry!.passwordHash!);
  });
}

Deno.test("fstream user prints a file that accepts the line of stdin as password", async () => {
  for (
    const [stdin, password] of [
      ["123\n", "123"],
      ["123", "123"],
      ["größer; # = \r\nnot this\n", "größer; # = "],
    ] as const
  ) {
    const { status, stdout, stderr } = await userFile(stdin);
    assertEquals([status, stderr], [0, ""]);
    assert(/^\[DEFAULT\]\npassword_hash=\$[^\n]+\n$/.test(stdout), stdout);
    assert(await accepts(stdout, password), password);
    assert(!await accepts(stdout, password.trim() + "x"));
  }
});

Deno.test("fstream user rejects what could not be sent, and prints nothing", async () => {
  for (
    const [stdin, problem] of [
      ["", "the password is empty"],
      ["\n123\n", "the password is empty"],
      ["12,3\n", "the password contains a comma"],
      [new Uint8Array([0xff, 0x0a]), "the password is not UTF-8"],
      ["x".repeat(5000), "the password is longer than 4096 bytes"],
    ] as const
  ) {
    const { status, stdout, stderr } = await userFile(stdin);
    assertEquals([status, stdout], [2, ""]);
    assertStringIncludes(stderr, problem);
  }
});

/** Types into `fstream user fier` at a terminal of its own, each line when it is asked for. */
function typing(...lines: readonly [first: string, second: string]): string {
  const asked = ["password of fier", "the same again"];
  const keys = lines.map((line, i) =>
    `until grep -q '${
      asked[i]
    }' shown; do sleep 0.1; done; printf '${line}\\r';`
  );
  const script = "script -qefc 'fstream user fier >out' shown >/dev/null";
  return `: >shown; (${keys.join(" ")} sleep 1) | ${script}`;
}

const hasScript = await new Deno.Command("script", {
  args: ["--version"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);

Deno.test({
  name: "fstream user asks twice at a terminal, and shows nothing of it",
  ignore: !hasScript || Deno.build.os !== "linux",
  fn: async () => {
    await using program = await makeProgram();
    await withFolder({}, async (dir) => {
      const same = await program.run(typing("s3cret", "s3cret"), dir);
      const shown = await Deno.readTextFile(`${dir}/shown`);
      assertEquals(same.status, 0, shown);
      assert(await accepts(await Deno.readTextFile(`${dir}/out`), "s3cret"));
      const other = await program.run(typing("s3cret", "s3crets"), dir);
      const shownThen = await Deno.readTextFile(`${dir}/shown`);
      assertEquals(other.status, 2, shownThen);
      assertStringIncludes(shownThen, "the two passwords differ");
      assertEquals(await Deno.readTextFile(`${dir}/out`), "");
      assert(!`${shown}${shownThen}`.includes("s3cret"), shown);
    });
  },
});
