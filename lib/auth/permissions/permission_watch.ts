import type { Logger } from "../../logger.ts";
import type { Tickable, Ticker } from "../../clock/ticker.ts";
import { reasonOf } from "../authenticate.ts";
import { rightProblem } from "./permissions.ts";
import type { RightsBook } from "./permission_store.ts";
import type { UserEntry } from "../users/user_file.ts";
import type { UserLookup } from "../users/users_folder.ts";

/** Milliseconds between two looks at the users who are on the air: one `stat` each. */
export const RIGHTS_LOOK_MS = 5000;

/**
 * Milliseconds after which a user who is missing is looked for again: programs that save a file put
 * another one in its place, and for a moment there may be none.
 */
export const MISSING_AGAIN_MS = 500;

/** What is on the air, as far as rights go. */
export interface OnAir {
  /** The channels that are live or held. */
  channels(): readonly { readonly user: string; readonly name: string }[];
  /** Takes a channel off the air; nothing happens when it is not. */
  endChannel(user: string, channel: string, why: string): void;
}

/** What a {@linkcode RightsWatch} works with. */
export interface RightsWatchRooms {
  /** Where the users are found. */
  readonly users: UserLookup;
  /** Where their rights are noted. */
  readonly book: RightsBook;
  /** What is on the air. */
  readonly onAir: OnAir;
  /** Wakes it. */
  readonly ticker: Ticker;
  /** Told of users whose file cannot be used. */
  readonly logger: Logger;
}

/** Ends the channels of users who may no longer have them, and notes what limits have changed. */
export class RightsWatch implements Tickable {
  readonly #rooms: RightsWatchRooms;
  readonly #complained: Map<string, string> = new Map();
  #lookedAt: number;
  #looking: Promise<void> | undefined;
  #closed = false;

  /**
   * Begins to look.
   *
   * @param rooms What it works with.
   */
  constructor(rooms: RightsWatchRooms) {
    this.#rooms = rooms;
    this.#lookedAt = rooms.ticker.now;
    rooms.ticker.add(this);
  }

  /** Looks when it is time. */
  tick(): void {
    if (this.#rooms.ticker.now - this.#lookedAt >= RIGHTS_LOOK_MS) this.look();
  }

  /** Looks now; resolves when that is done, and never rejects. */
  look(): Promise<void> {
    this.#lookedAt = this.#rooms.ticker.now;
    return this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined;
    });
  }

  /** Looks no more; resolves when no look is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#rooms.ticker.delete(this);
    await this.#looking;
  }

  async #lookAtAll(): Promise<void> {
    const users = new Set(this.#channels().map(({ user }) => user));
    for (const user of this.#complained.keys()) {
      if (!users.has(user)) this.#complained.delete(user);
    }
    // One by one: there is time, and the disk has other things to do.
    for (const user of users) {
      if (!this.#closed) await this.#lookAt(user);
    }
  }

  async #lookAt(user: string): Promise<void> {
    try {
      const entry = await this.#found(user);
      this.#complained.delete(user);
      if (entry) this.#rooms.book.note(user, entry.settings);
      this.#endWhatIsNotAllowed(user, entry);
    } catch (error) {
      // What the file means to say is not known, so nobody is cut because of it.
      this.#complain(user, reasonOf(error));
    }
  }

  async #found(user: string): Promise<UserEntry | undefined> {
    const entry = await this.#rooms.users.lookup(user);
    if (entry) return entry;
    await new Promise((resolve) => setTimeout(resolve, MISSING_AGAIN_MS));
    return await this.#rooms.users.lookup(user);
  }

  #endWhatIsNotAllowed(user: string, entry: UserEntry | undefined): void {
    const own = this.#channels().filter((channel) => channel.user === user);
    for (const { name } of own) {
      const request = { verb: "broadcast", channel: name } as const;
      const problem = entry
        ? rightProblem(entry.settings, request)
        : "there is no such user any more";
      if (problem) this.#rooms.onAir.endChannel(user, name, problem);
    }
  }

  #channels(): readonly { readonly user: string; readonly name: string }[] {
    return this.#rooms.onAir.channels();
  }

  #complain(user: string, reason: string): void {
    if (this.#complained.get(user) === reason) return;
    this.#complained.set(user, reason);
    this.#rooms.logger.log("rights-error", { user, reason });
  }
}
