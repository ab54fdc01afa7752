import { reasonOf } from "../authenticate.ts";
import { nameProblem } from "./names.ts";
import { readUser, type UserEntry, UserFileError } from "./user_file.ts";

/** Users kept parsed; beyond it the one not asked for longest is read again when asked for. */
export const MAX_CACHED_USERS = 512;

/**
 * Milliseconds that a file must have rested before its parsed form is kept. File systems count time in
 * steps, the coarsest (FAT) of 2 s: within one step a second change would not show.
 */
export const SETTLE_MS = 2000;

/** Finds users; {@linkcode UsersFolder} does it with files. */
export interface UserLookup {
  /** Finds a user by name: `undefined` when there is none. It rejects when the user cannot be read. */
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
 * change, so a new user or password holds from the next request on.
 */
export class UsersFolder implements UserLookup {
  readonly #dir: string;
  readonly #maxCached: number;
  readonly #now: () => number;
  readonly #cache = new Map<string, CachedUser>();

  /**
   * Makes a reader of the folder; nothing is read yet.
   *
   * @param dir The folder, relative to the current one or absolute.
   * @param options Cap of the cache, and clock.
   */
  constructor(dir: string, options: UsersFolderOptions = {}) {
    this.#dir = dir.replace(/(?<=.)[/\\]$/, "");
    this.#maxCached = options.maxCached ?? MAX_CACHED_USERS;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Makes sure that the folder is there and can be listed: at the start of a server, and when a user is
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
      throw new Error(`${problem}: ${reasonOf(cause)}`, { cause });
    }
  }

  /**
   * Finds a user. A name that could not be a file's, and one that differs from the file's in case alone,
   * is nobody; no file is touched for the former. A known user costs one `stat`.
   *
   * @param name The user's name.
   * @returns The user, or `undefined` when there is no such file.
   * @throws {UserFileError} If the file is there and cannot be used: not text, broken, too large, not a
   *     plain file, not readable, or a link that leads out of the folder.
   * @throws {Error} If the folder is missing, no folder, or may not be read.
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
    // Nobody is gone because the folder is: then it is not known who is there.
    await this.check();
    return undefined;
  }

  #cached(name: string, stamp: string): UserEntry | UserFileError | undefined {
    const cached = this.#cache.get(name);
    if (cached === undefined) return undefined;
    this.#cache.delete(name);
    if (cached.stamp !== stamp) return undefined;
    // Put back at the end: the order of the map is the order of use.
    this.#cache.set(name, cached);
    return cached.entry;
  }

  async #load(
    name: string,
    path: string,
    stat: Deno.FileInfo,
  ): Promise<UserEntry | UserFileError | undefined> {
    const settled = isSettled(stat, this.#now());
    if (!await this.#holds(path, `${name}.ini`)) return undefined;
    const entry = await readUser(name, path, stat);
    if (settled) this.#keep(name, { stamp: stampOf(stat), entry });
    return entry;
  }

  #keep(name: string, cached: CachedUser): void {
    this.#cache.set(name, cached);
    if (this.#cache.size <= this.#maxCached) return;
    for (const oldest of this.#cache.keys()) {
      this.#cache.delete(oldest);
      break;
    }
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
    // Another name at the end is either a link's aim or, where case does not count, another user's file.
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

function asFileError(path: string, error: unknown): UserFileError {
  if (error instanceof UserFileError) return error;
  return new UserFileError(path, reasonOf(error), error);
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
