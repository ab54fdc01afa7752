import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { UserFileError } from "../../../lib/auth/users/user_file.ts";
import {
  SETTLE_MS,
  UsersFolder,
} from "../../../lib/auth/users/users_folder.ts";
import { slow } from "../../helpers/fast.ts";
import { withFolder } from "../folder.ts";

// A clock by which every file has rested long enough for its parsed form to be kept.
const RESTED = { now: (): number => Date.now() + 10 * SETTLE_MS };

let stamped = 1_000_000;

// Writes a file whose time of last change is another than that of every file written so before: two
// writes may fall into one step of the file system's clock.
async function write(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text);
  await Deno.utime(path, stamped, stamped);
  stamped++;
}

Deno.test("UsersFolder.lookup() refuses the user of a broken file only, and only while it is broken", async () => {
  const good = "[DEFAULT]\npassword=x\n";
  const files = { "alice.ini": "x", "bob.ini": good };
  await withFolder(files, async (dir) => {
    const users = new UsersFolder(dir, RESTED);
    for (let i = 0; i < 2; i++) {
      await assertRejects(() => users.lookup("alice"), UserFileError, ":");
      assertEquals((await users.lookup("bob"))?.password, "x");
    }
    await write(`${dir}/alice.ini`, good);
    assertEquals((await users.lookup("alice"))?.password, "x");
  });
});

Deno.test("UsersFolder.lookup() sees users who come, change and go", async () => {
  await withFolder({}, async (dir) => {
    const users = new UsersFolder(dir);
    const path = `${dir}/alice.ini`;
    assertEquals(await users.lookup("alice"), undefined);
    await Deno.writeTextFile(path, "[DEFAULT]\npassword=one\n");
    assertEquals((await users.lookup("alice"))?.password, "one");
    // The same size, at once: times may be the same.
    await Deno.writeTextFile(path, "[DEFAULT]\npassword=two\n");
    assertEquals((await users.lookup("alice"))?.password, "two");
    await Deno.remove(path);
    assertEquals(await users.lookup("alice"), undefined);
  });
});

Deno.test("UsersFolder.lookup() sees a kept user change, in place and by another file", async () => {
  await withFolder({}, async (dir) => {
    const users = new UsersFolder(dir, RESTED);
    const path = `${dir}/alice.ini`;
    await write(path, "[DEFAULT]\npassword=one\n");
    assertEquals((await users.lookup("alice"))?.password, "one");
    await write(path, "[DEFAULT]\npassword=two\n");
    assertEquals((await users.lookup("alice"))?.password, "two");
    await write(`${dir}/new`, "[DEFAULT]\npassword=six\n");
    await Deno.rename(`${dir}/new`, path);
    assertEquals((await users.lookup("alice"))?.password, "six");
    await Deno.remove(path);
    assertEquals(await users.lookup("alice"), undefined);
  });
});

/** Writes a file of a password of three letters, whose time of last change is always the same. */
async function writeOld(path: string, password: string): Promise<void> {
  await Deno.writeTextFile(path, `[DEFAULT]\npassword=${password}\n`);
  await Deno.utime(path, 1_000_000, 1_000_000);
}

Deno.test("UsersFolder.lookup() sees a file that is put in place with the old one's size and time", async () => {
  await withFolder({}, async (dir) => {
    const path = `${dir}/alice.ini`;
    for (const options of [RESTED, {}]) {
      const folder = new UsersFolder(dir, options);
      await writeOld(path, "one");
      assertEquals((await folder.lookup("alice"))?.password, "one");
      await writeOld(`${dir}/new`, "two");
      await Deno.rename(`${dir}/new`, path);
      assertEquals((await folder.lookup("alice"))?.password, "two");
      if (options === RESTED) continue;
      // Changed a moment ago, whatever its time says, so that it was not kept.
      await writeOld(path, "six");
      assertEquals((await folder.lookup("alice"))?.password, "six");
    }
  });
});

Deno.test({
  ...slow(
    "UsersFolder.lookup() sees a kept file change in place with the old size and time",
  ),
  fn: async () => {
    await withFolder({}, async (dir) => {
      const folder = new UsersFolder(dir, RESTED);
      await writeOld(`${dir}/alice.ini`, "one");
      assertEquals((await folder.lookup("alice"))?.password, "one");
      // The runtime tells the time of the last change of a file's state in seconds.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      await writeOld(`${dir}/alice.ini`, "two");
      assertEquals((await folder.lookup("alice"))?.password, "two");
    });
  },
});

Deno.test("UsersFolder.lookup() reads a file once that rests, and each time while it may still change", async () => {
  const files = { "alice.ini": "[DEFAULT]\npassword=x\n" };
  await withFolder(files, async (dir) => {
    const resting = new UsersFolder(dir, RESTED);
    const first = await resting.lookup("alice");
    assert(await resting.lookup("alice") === first);
    const fresh = new UsersFolder(dir);
    const before = await fresh.lookup("alice");
    assert(await fresh.lookup("alice") !== before);
    assertEquals(await fresh.lookup("alice"), before);
  });
});

const UNSAFE = [
  "../alice",
  "..",
  ".",
  "",
  ".alice",
  "a/b",
  "a\\b",
  "alice\0",
  "con",
  "alice ",
  "alice.",
  "x".repeat(65),
];

for (const name of UNSAFE) {
  Deno.test(`UsersFolder.lookup() finds no user ${JSON.stringify(name)}`, async () => {
    const files = { "alice.ini": "[DEFAULT]\npassword=x\n", ".alice.ini": "" };
    await withFolder(files, async (dir) => {
      await Deno.mkdir(`${dir}/in`);
      assertEquals(await new UsersFolder(`${dir}/in`).lookup(name), undefined);
      assertEquals(await new UsersFolder(dir).lookup(name), undefined);
    });
  });
}

Deno.test("UsersFolder.lookup() takes a name in other letters for another user", async () => {
  const files = { "alice.ini": "[DEFAULT]\npassword=x\n" };
  await withFolder(files, async (dir) => {
    const users = new UsersFolder(dir);
    assertEquals(await users.lookup("ALICE"), undefined);
    assertEquals((await users.lookup("alice"))?.name, "alice");
    assertEquals(await users.lookup("Alice"), undefined);
  });
});

Deno.test("UsersFolder.lookup() follows a link inside the folder and none out of it", async () => {
  const good = "[DEFAULT]\npassword=x\n";
  const files = { "alice.ini": good };
  await withFolder(files, async (outside) => {
    await withFolder(files, async (dir) => {
      await Deno.symlink("alice.ini", `${dir}/bob.ini`);
      await Deno.symlink(`${outside}/alice.ini`, `${dir}/carol.ini`);
      await Deno.symlink("nowhere", `${dir}/dave.ini`);
      const users = new UsersFolder(dir);
      assertEquals((await users.lookup("bob"))?.password, "x");
      await assertRejects(
        () => users.lookup("carol"),
        UserFileError,
        "carol.ini: it is a link that leads out of the folder",
      );
      assertEquals(await users.lookup("dave"), undefined);
    });
  });
});

Deno.test("UsersFolder.lookup() does not follow a link that turns outwards later", async () => {
  const files = { "alice.ini": "[DEFAULT]\npassword=x\n" };
  await withFolder(files, async (outside) => {
    await withFolder(files, async (dir) => {
      const users = new UsersFolder(dir, RESTED);
      assertEquals((await users.lookup("alice"))?.password, "x");
      await Deno.remove(`${dir}/alice.ini`);
      await Deno.symlink(`${outside}/alice.ini`, `${dir}/alice.ini`);
      await assertRejects(() => users.lookup("alice"), UserFileError, "link");
    });
  });
});

Deno.test("UsersFolder.lookup() rejects anything but a plain file", async () => {
  await withFolder({}, async (dir) => {
    await Deno.mkdir(`${dir}/alice.ini`);
    await assertRejects(
      () => new UsersFolder(dir).lookup("alice"),
      UserFileError,
      "alice.ini: it is not a plain file",
    );
  });
});

Deno.test("UsersFolder.lookup() works through a folder that is a link, with or without a slash", async () => {
  const files = { "alice.ini": "[DEFAULT]\npassword=x\n" };
  await withFolder(files, async (dir) => {
    await withFolder({}, async (other) => {
      await Deno.symlink(dir, `${other}/users`);
      for (const path of [`${other}/users`, `${other}/users/`]) {
        const entry = await new UsersFolder(path).lookup("alice");
        assertEquals(entry?.password, "x");
      }
    });
  });
});

Deno.test("UsersFolder.lookup() stays right when more users are asked for than are kept", async () => {
  const files: Record<string, string> = {};
  for (let i = 0; i < 5; i++) {
    files[`u${i}.ini`] = `[DEFAULT]\npassword=p${i}\n`;
  }
  await withFolder(files, async (dir) => {
    const users = new UsersFolder(dir, { ...RESTED, maxCached: 2 });
    for (const i of [0, 1, 2, 3, 4, 0, 4, 2, 2]) {
      assertEquals((await users.lookup(`u${i}`))?.password, `p${i}`);
    }
    // 4 and 2 are kept, 2 the newer: 0 takes the place of 4.
    const kept = await users.lookup("u2");
    const dropped = await users.lookup("u4");
    await users.lookup("u2");
    await users.lookup("u0");
    assert(await users.lookup("u2") === kept);
    assert(await users.lookup("u4") !== dropped);
  });
});

Deno.test("UsersFolder.check() takes a folder and rejects anything else, by name", async () => {
  await withFolder({ "file": "" }, async (dir) => {
    await new UsersFolder(dir).check();
    for (const path of [`${dir}/missing`, `${dir}/file`]) {
      const check = (): Promise<void> => new UsersFolder(path).check();
      const error = await assertRejects(check, Error);
      assertStringIncludes(error.message, `Cannot use users folder ${path}: `);
    }
  });
});
