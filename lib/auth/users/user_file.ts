import {
  INI_DEFAULT_SECTION,
  type IniSection,
  IniSyntaxError,
  parse,
} from "../../config/ini.ts";
import { messageOf } from "../../errors.ts";
import type { UserSettings } from "../authenticate.ts";
import { settingProblem } from "../permissions/settings.ts";
import {
  parsePasswordHash,
  type PasswordHash,
} from "../passwords/password_hash.ts";

/** Bytes of a user's file: hundreds of channels fit, and a wrong file in the folder is not read whole. */
export const MAX_USER_FILE_BYTES = 64 * 1024;

/** A user as the file describes it. */
export interface UserEntry {
  /** The user's name. */
  readonly name: string;
  /** The password, verbatim; absent when it is missing or empty, and then the user cannot sign in. */
  readonly password?: string;
  /** The password's hash, instead of the password. */
  readonly passwordHash?: PasswordHash;
  /** Everything else. */
  readonly settings: UserSettings;
}

/** A user's file that exists and cannot be used. The message names the file and, where known, the line. */
export class UserFileError extends Error {
  /** Name shown in traces. */
  override readonly name: string = "UserFileError";

  /** Makes the error; `problem` never quotes the file, which holds a password. */
  constructor(path: string, problem: string, cause?: unknown) {
    super(`Cannot use ${path}: ${problem}`, { cause });
  }
}

/**
 * Reads a user's file.
 *
 * @returns The user, or what is wrong with the file's content: returned, so that it can be kept like a
 *     user until the file changes.
 * @throws {Error} If the file cannot be read.
 */
export async function readUser(
  name: string,
  path: string,
  stat: Deno.FileInfo,
): Promise<UserEntry | UserFileError> {
  if (!stat.isFile) return new UserFileError(path, "it is not a plain file");
  if (stat.size > MAX_USER_FILE_BYTES) {
    const sizes = `it has ${stat.size} bytes, ${MAX_USER_FILE_BYTES} allowed`;
    return new UserFileError(path, sizes);
  }
  const bytes = await Deno.readFile(path);
  try {
    return userOf(name, parse(decoded(bytes)));
  } catch (error) {
    if (!(error instanceof IniSyntaxError)) throw error;
    const problem = `line ${error.line}: ${error.problem}`;
    return new UserFileError(path, problem, error);
  }
}

function decoded(bytes: Uint8Array): string {
  // The byte order mark is left to the parser, which skips one and not two.
  const options = { fatal: true, ignoreBOM: true };
  try {
    return new TextDecoder("utf-8", options).decode(bytes);
  } catch {
    throw new IniSyntaxError(badLine(bytes), "it is not UTF-8");
  }
}

// No byte of a longer character is a line feed, so lines can be decoded one by one.
function badLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  for (let start = 0; start <= bytes.length; line++) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed < 0 ? bytes.length : feed;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      break;
    }
    start = end + 1;
  }
  return line;
}

function userOf(
  name: string,
  sections: ReadonlyMap<string, IniSection>,
): UserEntry {
  const defaults: IniSection = sections.get(INI_DEFAULT_SECTION) ?? new Map();
  const channels = new Map<string, ReadonlyMap<string, string>>();
  for (const [section, values] of sections) {
    const channel = /^channel (.+)$/s.exec(section)?.[1]?.trim();
    if (channel !== undefined) channels.set(channel, settingsOf(values));
  }
  const settings = { values: settingsOf(defaults), channels };
  return { name, ...secretOf(defaults), settings };
}

/** Keys whose values are not settings. */
const SECRET_KEYS: readonly string[] = ["password", "password_hash"];

function secretOf(
  defaults: IniSection,
): Pick<UserEntry, "password" | "passwordHash"> {
  const password = defaults.get("password")?.value ?? "";
  const hash = defaults.get("password_hash");
  if (hash === undefined || hash.value === "") {
    return password === "" ? {} : { password };
  }
  if (password !== "") {
    throw new IniSyntaxError(hash.line, "both a password and its hash are set");
  }
  try {
    return { passwordHash: parsePasswordHash(hash.value) };
  } catch (error) {
    throw new IniSyntaxError(hash.line, `password_hash ${messageOf(error)}`);
  }
}

// Settings are passed on to many places; secrets must not be.
function settingsOf(section: IniSection): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const [key, { value, line }] of section) {
    if (SECRET_KEYS.includes(key)) continue;
    const problem = settingProblem(key, value);
    if (problem !== undefined) throw new IniSyntaxError(line, problem);
    settings.set(key, value);
  }
  return settings;
}
