import { messageOf } from "../../errors.ts";
import {
  type AuthDecision,
  type Authenticate,
  denied,
  type UserSettings,
} from "../authenticate.ts";
import { LruMap } from "../lru_map.ts";
import {
  type ChannelLimits,
  channelLimits,
  NO_LIMITS,
  permissionProblem,
} from "./permissions.ts";
import {
  type ReadSettings,
  readSettings,
  type SettingKey,
  settingOf,
  type SettingValues,
} from "./settings.ts";

/**
 * Users whose permissions are remembered; beyond it the one used longest ago has the server's limits
 * until the next sign-in. As many as there may be connections by default.
 */
export const MAX_REMEMBERED_USERS = 10_000;

/** The permissions of users who have signed in, as they are now. */
export class PermissionStore {
  readonly #settings: LruMap<string, ReadSettings>;

  /** Makes an empty store for at most `maxUsers` users. */
  constructor(maxUsers: number = MAX_REMEMBERED_USERS) {
    this.#settings = new LruMap(maxUsers);
  }

  /**
   * Replaces a user's permissions.
   *
   * @throws {SyntaxError} If a setting cannot be read; then the former ones stay.
   */
  set(user: string, settings: UserSettings): void {
    this.#settings.set(user, readSettings(settings));
  }

  /** The limits of a channel. */
  limitsOf(user: string, channel: string): ChannelLimits {
    const settings = this.#settings.get(user);
    return settings === undefined
      ? NO_LIMITS
      : channelLimits(settings, channel);
  }

  /** Whether lists and metrics may name a channel: `listed`, true where nothing is set. */
  isListed(user: string, channel: string): boolean {
    return this.setting(user, channel, "listed") ?? true;
  }

  /** One setting of a channel, or of its user; `undefined` where nothing is set. */
  setting<K extends SettingKey>(
    user: string,
    channel: string,
    key: K,
  ): SettingValues[K] | undefined {
    const settings = this.#settings.get(user);
    return settings && settingOf(settings, channel, key);
  }
}

/**
 * Puts permissions behind a function that decides: a request that is allowed with settings is denied all
 * the same when they do not permit it; otherwise they are stored.
 */
export function withPermissions(
  authenticate: Authenticate,
  permissions: PermissionStore,
): Authenticate {
  return async function permitted(request): Promise<AuthDecision> {
    const decision = await authenticate(request);
    if (!decision.allow || decision.settings === undefined) return decision;
    const { settings } = decision;
    try {
      const problem = permissionProblem(settings, request);
      if (problem !== undefined) return denied(problem);
      permissions.set(request.user, settings);
      return decision;
    } catch (error) {
      // A module may have given anything.
      return denied(messageOf(error));
    }
  };
}
