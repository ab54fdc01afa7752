import { type Sleep, sleep } from "../../clock/sleep.ts";
import type { Tickable, Ticker } from "../../clock/ticker.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { UserEntry } from "../users/user_file.ts";
import type { UserLookup } from "../users/users_folder.ts";
import type { PermissionStore } from "./permission_store.ts";
import { permissionProblem } from "./permissions.ts";

/** Milliseconds between two looks at the users with live channels: one `stat` each. */
export const PERMISSION_LOOK_MS = 5000;

/**
 * Milliseconds after which a missing user is looked for again: programs that save a file replace it by
 * another one, and for a moment there may be none.
 */
export const MISSING_AGAIN_MS = 500;

/** The channels, as far as permissions go. */
export interface PermittedChannels {
  /** The channels that are live or held. */
  channels(): readonly {
    readonly user: string;
    readonly name: string;
    readonly isRemote?: boolean;
  }[];
  /** Ends a channel; does nothing when it is neither live nor held. */
  endChannel(user: string, channel: string, why: string): void;
}

/** What a {@linkcode PermissionWatch} works with. */
export interface PermissionWatchContext {
  /** Where the users are found. */
  readonly users: UserLookup;
  /** Where their permissions are stored. */
  readonly permissions: PermissionStore;
  /** What they broadcast. */
  readonly hub: PermittedChannels;
  /** Calls it. */
  readonly ticker: Ticker;
  /** Told of users whose file cannot be used. */
  readonly logger: Logger;
  /** How to wait for a missing user. Default: a timer. */
  readonly sleep?: Sleep;
}

/** Ends the channels that their users may no longer broadcast, and stores limits that have changed. */
export class PermissionWatch implements Tickable {
  readonly #context: PermissionWatchContext;
  readonly #complained: Map<string, string> = new Map();
  #lookedAt: number;
  #looking: Promise<void> | undefined;
  #closed = false;

  /** Makes a watch that looks when it is told to; {@linkcode PermissionWatch.start} makes it look by itself. */
  constructor(context: PermissionWatchContext) {
    this.#context = context;
    this.#lookedAt = context.ticker.now;
  }

  /** Starts to watch, until it is closed. */
  static start(context: PermissionWatchContext): PermissionWatch {
    const watch = new PermissionWatch(context);
    context.ticker.add(watch);
    return watch;
  }

  /** Looks when it is time. */
  tick(): void {
    const { now } = this.#context.ticker;
    if (now - this.#lookedAt >= PERMISSION_LOOK_MS) this.look();
  }

  /** Looks now; resolves when that is done, and never rejects. */
  look(): Promise<void> {
    this.#lookedAt = this.#context.ticker.now;
    return this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined;
    });
  }

  /** Stops; resolves when no look is in progress. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#context.ticker.delete(this);
    await this.#looking;
  }

  /** The same as {@linkcode PermissionWatch.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
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
      if (entry) this.#context.permissions.set(user, entry.settings);
      this.#endWhatIsNotAllowed(user, entry);
    } catch (error) {
      // What the file means to say is not known, so no channel is ended because of it.
      this.#complain(user, messageOf(error));
    }
  }

  async #found(user: string): Promise<UserEntry | undefined> {
    const { users } = this.#context;
    const entry = await users.lookup(user);
    if (entry) return entry;
    await (this.#context.sleep ?? sleep)(MISSING_AGAIN_MS);
    return await users.lookup(user);
  }

  #endWhatIsNotAllowed(user: string, entry: UserEntry | undefined): void {
    // What another server feeds is ended there.
    const own = this.#channels().filter((channel) =>
      channel.user === user && !channel.isRemote
    );
    for (const { name } of own) {
      const request = { verb: "broadcast", channel: name } as const;
      const problem = entry
        ? permissionProblem(entry.settings, request)
        : "there is no such user any more";
      if (problem) this.#context.hub.endChannel(user, name, problem);
    }
  }

  #channels(): ReturnType<PermittedChannels["channels"]> {
    return this.#context.hub.channels();
  }

  #complain(user: string, reason: string): void {
    if (this.#complained.get(user) === reason) return;
    this.#complained.set(user, reason);
    this.#context.logger.log("permission-error", { user, reason });
  }
}
