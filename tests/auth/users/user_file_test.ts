import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  MAX_USER_FILE_BYTES,
  UserFileError,
} from "../../../lib/auth/users/user_file.ts";
import { formatPasswordHash } from "../../../lib/auth/passwords/password_hash.ts";
import { UsersFolder } from "../../../lib/auth/users/users_folder.ts";
import { withFolder } from "../folder.ts";

const EXAMPLE = new URL("../../../users/", import.meta.url).pathname;

async function passwordIn(text: string | Uint8Array): Promise<string> {
  return await withFolder({ "alice.ini": text }, async (dir) => {
    const entry = await new UsersFolder(dir).lookup("alice");
    return entry?.password ?? "(none)";
  });
}

async function problemOf(text: string | Uint8Array): Promise<string> {
  return await withFolder({ "alice.ini": text }, async (dir) => {
    const users = new UsersFolder(dir);
    const lookup = (): Promise<unknown> => users.lookup("alice");
    const error = await assertRejects(lookup, UserFileError);
    return error.message.replace(dir, "DIR");
  });
}

const PASSWORDS: readonly (readonly [string, string])[] = [
  ["[DEFAULT]\npassword=secret\n", "secret"],
  [
    "[DEFAULT]\npassword = a;b #c=d 'e' \"f\" %(g)s\n",
    "a;b #c=d 'e' \"f\" %(g)s",
  ],
  ["[DEFAULT]\npassword=007\n", "007"],
  ["[DEFAULT]\nPassword: x\n", "x"],
  ["\ufeff[DEFAULT]\r\npassword=x;y\r\n", "x;y"],
  ["[DEFAULT]\npassword=\n", "(none)"],
  ["[DEFAULT]\npassword=   \n", "(none)"],
  ["[DEFAULT]\n#password=x\n", "(none)"],
  ["[DEFAULT]\n", "(none)"],
  ["", "(none)"],
  ["[default]\npassword=x\n", "(none)"],
  ["[channel x]\npassword=x\n", "(none)"],
];

for (const [text, password] of PASSWORDS) {
  Deno.test(`UsersFolder.lookup() reads ${JSON.stringify(text)}`, async () => {
    assertEquals(await passwordIn(text), password);
  });
}

const HASH = `$pbkdf2-sha256$i=1000$AAAAAAAAAAA$${"A".repeat(43)}`;

Deno.test("UsersFolder.lookup() reads a hash instead of the password, and does not reveal it", async () => {
  const text =
    `[DEFAULT]\npassword=\npassword_hash=${HASH}\nburst=1\n[channel x]\n`;
  await withFolder({ "alice.ini": text }, async (dir) => {
    const entry = await new UsersFolder(dir).lookup("alice");
    assertEquals(entry?.password, undefined);
    assertEquals(formatPasswordHash(entry!.passwordHash!), HASH);
    const { values, channels } = entry!.settings;
    assertEquals([...values.keys()], ["burst"]);
    assertEquals([...channels.get("x")!.keys()], ["burst"]);
  });
});

const BROKEN: readonly (readonly [string, string | Uint8Array, string])[] = [
  ["no section", "password=x\n", "line 1: no [section] stands above it"],
  ["no delimiter", "[DEFAULT]\n\nhunter2\n", "line 3: no = or : after the key"],
  [
    "a key twice",
    "[DEFAULT]\r\npassword=a\r\npassword=b\r\n",
    "line 3: the section has the key already, on line 2",
  ],
  [
    "a hash and a password",
    `[DEFAULT]\npassword=a\npassword_hash=${HASH}\n`,
    "line 3: both a password and its hash are set",
  ],
  [
    "a hash of no known form",
    "[DEFAULT]\npassword_hash=hunter2\n",
    "line 2: password_hash is not of the form $pbkdf2-sha256$i=N$SALT$KEY",
  ],
  [
    "a list setting that cannot be read",
    "[DEFAULT]\npassword=a\n[channel x]\nlisted=maybe\n",
    "line 4: listed expects true or false",
  ],
  [
    "a permission that cannot be read",
    "[DEFAULT]\npassword=a\nenabled=maybe\n",
    "line 3: enabled expects true or false",
  ],
  [
    "a password that is indented by mistake",
    "[DEFAULT]\nburst=2s\n  password=hunter2\n",
    "line 2: burst expects a time such as 30 or 2m",
  ],
  [
    "a limit that is not a number, in a section",
    "[DEFAULT]\n[channel x]\nmax_bit_rate=fast\n",
    "line 3: max_bit_rate expects a bit rate such as 8M",
  ],
  [
    "channels without a name",
    "[DEFAULT]\nchannels=a,,b\n",
    "line 2: channels expects channels with commas between; one is empty",
  ],
  [
    "Latin-1",
    new Uint8Array([91, 97, 93, 10, 97, 61, 0xe4, 10]),
    "line 2: it is not UTF-8",
  ],
  ["UTF-16", new Uint8Array([0xff, 0xfe, 91, 0]), "line 1: it is not UTF-8"],
  [
    "too much",
    "#".repeat(MAX_USER_FILE_BYTES + 1),
    "it has 65537 bytes, 65536 allowed",
  ],
];

for (const [name, text, problem] of BROKEN) {
  Deno.test(`UsersFolder.lookup() names file and line of a file with ${name}`, async () => {
    assertEquals(await problemOf(text), `Cannot use DIR/alice.ini: ${problem}`);
  });
}

Deno.test("UsersFolder.lookup() reads a file of just the largest size", async () => {
  const head = "[DEFAULT]\npassword=x\n";
  const text = head + "#".repeat(MAX_USER_FILE_BYTES - head.length);
  assertEquals(await passwordIn(text), "x");
});

Deno.test("UsersFolder.lookup() gives settings and channels, never a password among them", async () => {
  const text = "[DEFAULT]\npassword=p\nhold=3\n[channel a b]\nhold=7\n" +
    "burst=1\n[channel c]\npassword=q\n[notes]\nx=y\n";
  await withFolder({ "alice.ini": text }, async (dir) => {
    const entry = await new UsersFolder(dir).lookup("alice");
    assert(entry !== undefined);
    assertEquals(entry.name, "alice");
    assertEquals([...entry.settings.values], [["hold", "3"]]);
    const channels = [...entry.settings.channels].map(([name, values]) => [
      name,
      Object.fromEntries(values),
    ]);
    assertEquals(channels, [
      ["a b", { hold: "7", burst: "1" }],
      ["c", { hold: "3" }],
    ]);
  });
});

Deno.test("users/example.ini is read and allows no sign-in until its password line is used", async () => {
  const entry = await new UsersFolder(EXAMPLE).lookup("example");
  assert(entry !== undefined);
  assertEquals(entry.password, undefined);
  const text = await Deno.readTextFile(`${EXAMPLE}example.ini`);
  const used = text.replace(/^#password = ?$/m, "password = a;b");
  assertEquals(await passwordIn(used), "a;b");
});
