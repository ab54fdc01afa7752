import { messageOf } from "../../errors.ts";
import { LruMap } from "../lru_map.ts";
import { nameProblem } from "./names.ts";
import { readUser, type UserEntry, UserFileError } from "./user_file.ts";

/** Users kept parsed; beyond it the one used longest ago is read again when needed. */
export const MAX_CACHED_USERS = 512;

/**
 * Milliseconds that a file must have rested before its parsed form is kept. File systems count time in
 * steps, the coarsest (FAT) of 2 s: within one step a second change would not show.
 */
export const SETTLE_MS = 2000;

/** Finds users; {@linkcode UsersFolder} does it with files. */
export interface UserLookup {
  /**
   * Finds a user by name: `undefined` when there is none. It rejects with a `UserFileError` when the
   * user's file cannot be used, and with anything else when the server could not look.
   */
  lookup(name: string): Promise<UserEntry | undefined>;
}

/** How a {@linkcode UsersFolder} keeps what it has read. */
export interface UsersFolderOptions {
  /** Users kept parsed. Default {@linkcode MAX_CACHED_USERS}. */
  readonly maxCached?: number;
  /** The clock that files are stamped with, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

interface CachedUser {
  readonly stamp: string;
  readonly entry: UserEntry | UserFileError;
}

const SEPARATOR = Deno.build.os === "windows" ? "\\" : "/";

/**
 * A folder of users, one `NAME.ini` each. Files are read when they are asked for and again when they
 * change, so a new user or password is in effect from the next request on.
 */
export class UsersFolder implements UserLookup {
  readonly #dir: string;
  readonly #now: () => number;
  readonly #cache: LruMap<string, CachedUser>;

  /** Makes a reader of the folder, relative to the current one or absolute; nothing is read yet. */
  constructor(dir: string, options: UsersFolderOptions = {}) {
    this.#dir = dir.replace(/(?<=.)[/\\]$/, "");
    this.#cache = new LruMap(options.maxCached ?? MAX_CACHED_USERS);
    this.#now = options.now ?? Date.now;
  }

  /**
   * Makes sure that the folder exists and can be listed: at the start of a server, and when a user is
   * not found.
   *
   * @throws {Error} If it is missing, no folder, or may not be read.
   */
  async check(): Promise<void> {
    try {
      // Only listing tells whether the folder may be read; one entry is enough.
      for await (const _ of Deno.readDir(this.#dir)) break;
    } catch (cause) {
      const problem = `Cannot use users folder ${this.#dir}`;
      throw new Error(`${problem}: ${messageOf(cause)}`, { cause });
    }
  }

  /**
   * Finds a user. There is none for a name that differs from the file's in case alone, and none for a
   * name that cannot be a file's, for which no file is touched. A cached user costs one `stat`.
   *
   * @returns The user, or `undefined` when there is no such file.
   * @throws {UserFileError} If the file exists and cannot be used: not text, broken, too large, not a
   *     plain file, not readable, or a link that leads out of the folder.
   * @throws {Error} If the folder is missing, no folder, or may not be read, or the system fails, as when
   *     too many files are open.
   */
  async lookup(name: string): Promise<UserEntry | undefined> {
    if (nameProblem(name) !== undefined) return undefined;
    const path = `${this.#dir}/${name}.ini`;
    try {
      const stat = await Deno.stat(path);
      const cached = this.#cached(name, stampOf(stat));
      return entryOf(cached ?? await this.#load(name, path, stat));
    } catch (error) {
      if (!isMissing(error)) throw asFileError(path, error);
    }
    // When the folder itself is missing, nothing is known about the user.
    await this.check();
    return undefined;
  }

  #cached(name: string, stamp: string): UserEntry | UserFileError | undefined {
    const cached = this.#cache.get(name);
    if (cached === undefined || cached.stamp === stamp) return cached?.entry;
    this.#cache.delete(name);
    return undefined;
  }

  async #load(
    name: string,
    path: string,
    stat: Deno.FileInfo,
  ): Promise<UserEntry | UserFileError | undefined> {
    const settled = isSettled(stat, this.#now());
    if (!await this.#holds(path, `${name}.ini`)) return undefined;
    const entry = await readUser(name, path, stat);
    if (settled) this.#cache.set(name, { stamp: stampOf(stat), entry });
    return entry;
  }

  // Whether the folder has a file of just this name, with its content in the folder too.
  async #holds(path: string, file: string): Promise<boolean> {
    const dir = await Deno.realPath(this.#dir);
    const real = await Deno.realPath(path);
    const inside = dir.endsWith(SEPARATOR) ? dir : dir + SEPARATOR;
    if (!real.startsWith(inside)) {
      throw new UserFileError(
        path,
        "it is a link that leads out of the folder",
      );
    }
    // Another name at the end is either a link's target or, where case does not count, another user's file.
    return real === inside + file || await this.#lists(file);
  }

  async #lists(file: string): Promise<boolean> {
    for await (const { name } of Deno.readDir(this.#dir)) {
      if (name === file) return true;
    }
    return false;
  }
}

function entryOf(
  found: UserEntry | UserFileError | undefined,
): UserEntry | undefined {
  if (found instanceof UserFileError) throw found;
  return found;
}

/** Errors that come from the file itself; any other is the server's, and would hit every user. */
const FILE_ERRORS = [
  Deno.errors.PermissionDenied,
  Deno.errors.NotCapable,
  Deno.errors.FilesystemLoop,
  Deno.errors.IsADirectory,
];

function asFileError(path: string, error: unknown): unknown {
  if (!FILE_ERRORS.some((kind) => error instanceof kind)) return error;
  return new UserFileError(path, messageOf(error), error);
}

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory;
}

// Size and times of a file, and its number where the system has one: a changed file changes one of them.
function stampOf(stat: Deno.FileInfo): string {
  const { dev, ino, size, mtime, ctime } = stat;
  return [dev, ino, size, mtime?.getTime(), ctime?.getTime()].join();
}

function isSettled({ mtime, ctime }: Deno.FileInfo, now: number): boolean {
  if (mtime === null) return false;
  const changed = Math.max(mtime.getTime(), ctime?.getTime() ?? 0);
  return now - changed > SETTLE_MS;
}
