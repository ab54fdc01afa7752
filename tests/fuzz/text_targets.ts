import { assert, assertEquals } from "@std/assert";
import { readUser, UserFileError } from "../../lib/auth/users/user_file.ts";
import { IniSyntaxError, MAX_INI_VALUES, parse } from "../../lib/config/ini.ts";
import { CHEAP_CASES, type FuzzTarget, textOf } from "./target.ts";

/** What an ini says, without where it stands. */
type Plain = Map<string, Map<string, string>>;

function read(text: string): Plain | undefined {
  try {
    const sections = [...parse(text)].map(([name, section]) => {
      const values = [...section].map(([key, { value }]) =>
        [key, value] as const
      );
      return [name, new Map(values)] as const;
    });
    return new Map(sections);
  } catch (error) {
    if (error instanceof IniSyntaxError) return undefined;
    throw error;
  }
}

/** Writes sections; the lines of a value are indented deeper than its key. */
function write(sections: Plain): string {
  const lines: string[] = [];
  for (const [name, values] of sections) {
    lines.push(`[${name}]`);
    for (const [key, value] of values) {
      lines.push(`${key}=${value.replaceAll("\n", "\n ")}`);
    }
  }
  return lines.join("\n");
}

/** Values are few, and what is read is written so that the same is read again. */
const ini: FuzzTarget = {
  name: "ini",
  cases: CHEAP_CASES,
  words: [
    ...["[DEFAULT]\n", "[channel x]\n", "\npassword = ", "\n  ", "# ", "; "],
    ...[
      "\r\n",
      "\r",
      ":",
      "\ufeff",
      "\x85",
      "\u2028",
      "]",
      "[",
      "__proto__=1\n",
    ],
  ],
  check(bytes): void {
    const sections = read(textOf(bytes));
    if (!sections) return;
    const count = [...sections.values()].reduce((n, each) => n + each.size, 0);
    assert(count <= MAX_INI_VALUES, `${count} values`);
    // Written out, values of [DEFAULT] stand in each section, and are counted there once more.
    if (2 * count > MAX_INI_VALUES) return;
    assertEquals(read(write(sections)), sections);
  },
};

/** Stands for a password in seeds and words; it must never be output. */
const SECRET = "hunter2";

/** Where files of users are written, one for each process that fuzzes. */
let userFile: Promise<string> | undefined;

/** Errors tell no password, and what becomes a setting is none. */
const user: FuzzTarget = {
  name: "user",
  cases: 200_000,
  words: [
    ...["[DEFAULT]\n", "[channel x]\n", `\npassword=${SECRET}\n`, "\n "],
    ...["password_hash = pbkdf2-sha256$600000$", "\nchannel_password="],
    ...[`${SECRET}=`, `\n[${SECRET}]\n`, "max_bitrate=", "burst = ", "\xff"],
  ],
  async check(bytes): Promise<void> {
    const path = await (userFile ??= Deno.makeTempFile({ suffix: ".ini" }));
    await Deno.writeFile(path, bytes);
    const entry = await readUser("fier", path, await Deno.stat(path));
    if (entry instanceof UserFileError) {
      return assert(!entry.message.includes(SECRET), entry.message);
    }
    const { password, passwordHash, settings } = entry;
    assert(password !== "", "an empty password is none");
    assert(!(password && passwordHash), "a password beside a hash");
    for (const each of [settings.values, ...settings.channels.values()]) {
      assert(!each.has("password") && !each.has("password_hash"));
    }
  },
};

/** Removes what targets left on the disk. */
export async function cleanUp(): Promise<void> {
  if (userFile) await Deno.remove(await userFile);
  userFile = undefined;
}

/** What operators and users write. */
export const TEXT_TARGETS: readonly FuzzTarget[] = [ini, user];
