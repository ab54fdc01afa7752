import { assertEquals, assertRejects } from "@std/assert";
import { findUser } from "../../../lib/auth/users/find_user.ts";
import { Refusal } from "../../../lib/errors.ts";
import { fromRoot } from "../../helpers/root.ts";
import { withFolder } from "../folder.ts";

/** Files that a process may have open here: Deno itself needs some forty. */
const OPEN_FILES = 64;

/** Finds users while no file can be opened, and prints what the peer would be told. */
const PROBE = `
import { findUser } from "${new URL(
  "../../../lib/auth/users/find_user.ts",
  import.meta.url,
)}";
import { UsersFolder } from "${new URL(
  "../../../lib/auth/users/users_folder.ts",
  import.meta.url,
)}";
const users = new UsersFolder(Deno.args[0]);
await findUser(users, "bob"); // Every part of it is loaded before the files run out.
try {
  for (;;) await Deno.open(Deno.args[0] + "/alice.ini");
} catch {}
for (const name of ["alice", "nobody"]) {
  const told = await findUser(users, name).catch(({ code }) => code);
  await Deno.stdout.write(new TextEncoder().encode(name + " " + told + "\\n"));
}
Deno.exit(0);
`;

Deno.test({
  name:
    "findUser() is busy when too many files are open, whether the user exists or not",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const files = {
      "alice.ini": "[DEFAULT]\npassword=x\n",
      "bob.ini": "[DEFAULT]\npassword=x\n",
      "probe.ts": PROBE,
    };
    await withFolder(files, async (dir) => {
      const deno = `"${Deno.execPath()}" run -A "${dir}/probe.ts" "${dir}"`;
      const { stdout, stderr } = await new Deno.Command("sh", {
        args: ["-c", `ulimit -n ${OPEN_FILES}; exec ${deno}`],
        cwd: fromRoot("."),
      }).output();
      const text = new TextDecoder();
      assertEquals(
        text.decode(stdout),
        "alice busy\nnobody busy\n",
        text.decode(stderr),
      );
    });
  },
});

Deno.test("findUser() is busy for what passes by itself, and fails for what does not", async () => {
  const told = async (error: Error): Promise<string> => {
    const users = { lookup: () => Promise.reject(error) };
    const refusal = await assertRejects(() => findUser(users, "x"), Refusal);
    return refusal.code;
  };
  for (const code of ["EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EINTR"]) {
    const error = Object.assign(new Error(code), { code });
    assertEquals(await told(error), "busy", code);
    assertEquals(await told(new Error("x", { cause: error })), "busy", code);
  }
  const broken = Object.assign(new Error("EIO"), { code: "EIO" });
  assertEquals(await told(broken), "server");
  assertEquals(await told(new Error("EMFILE")), "server");
});
